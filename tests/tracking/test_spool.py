"""A finished trial that could not be sent is sent later, from its directory alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.events import TrialFinished
from tests.support.outcomes import events_of, small_config
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.spool import send_spooled, spooled_trials
from tracking.store import Store

OpenTracker = Callable[..., BenchmarkTracker]


@pytest.fixture
def left_behind(
    open_tracker: OpenTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vocabulary_file: Path
) -> tuple[BenchmarkTracker, Path]:
    """A trial that finished while the store took nothing, and whose process is gone."""
    tracker = open_tracker(small_config())
    for event in events_of(small_config().trials()[0], tmp_path / "spool"):
        if isinstance(event, TrialFinished):
            monkeypatch.setattr("tracking.runs.send_outcome", _refuse)
            with pytest.raises(UserError):
                tracker.handle(event)
        else:
            tracker.handle(event)
    vocabulary_file.unlink()  # the corpus cache may be gone, too
    (directory,) = spooled_trials(tmp_path / "spool")
    return tracker, directory


def _refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_what_was_left_behind_is_sent_whole_and_removed(left_behind: tuple, store: Store, tmp_path: Path) -> None:
    tracker, directory = left_behind
    run_id = send_spooled(directory)
    record = read_benchmark(store.client, tracker.run_id)
    assert [(trial.status, trial.run_id) for trial in record.trials] == [("finished", run_id)]
    assert spooled_trials(tmp_path / "spool") == []


def test_it_goes_to_the_run_that_the_trial_had_and_epochs_are_not_doubled(left_behind: tuple, store: Store) -> None:
    tracker, directory = left_behind
    run_id = send_spooled(directory)
    (run,) = store.client.search_runs([store.experiment_id], f"tags.mlflow.parentRunId = '{tracker.run_id}'")
    assert run.info.run_id == run_id
    assert [metric.step for metric in store.client.get_metric_history(run_id, "loss")] == [1, 2]


def test_a_trial_whose_run_was_never_created_gets_one(left_behind: tuple, store: Store) -> None:
    tracker, directory = left_behind
    label = (directory / "run.json").read_text()
    attempt = label.split('"attempt": "')[1][:32]
    (directory / "run.json").write_text(label.replace(attempt, "0" * 32))
    send_spooled(directory)
    record = read_benchmark(store.client, tracker.run_id)
    assert [trial.status for trial in record.trials] == ["finished"]
    (run,) = store.client.search_runs([store.experiment_id], f"tags.`benchmark.attempt` = '{'0' * 32}'")
    assert [metric.step for metric in store.client.get_metric_history(run.info.run_id, "loss")] == [1, 2]


def test_a_directory_that_is_not_whole_is_refused(left_behind: tuple) -> None:
    _, directory = left_behind
    (directory / "result.json").write_text("{")
    with pytest.raises(UserError, match="is not whole, and can be removed"):
        send_spooled(directory)


def test_a_directory_without_a_label_is_not_taken_for_a_finished_trial(tmp_path: Path) -> None:
    (tmp_path / "spool" / "lstm-seed-7").mkdir(parents=True)
    (tmp_path / "spool" / "lstm-seed-7" / "result.json").write_text("{}")
    assert spooled_trials(tmp_path / "spool") == []
