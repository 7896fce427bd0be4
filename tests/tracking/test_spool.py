"""A finished trial that could not be sent is sent later, from its directory alone."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.errors import UserError
from benchmark.events import TrialFinished
from tests.support.outcomes import events_of, small_config
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.spool import SpoolHeld, held, send_spooled, spooled_trials
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
            monkeypatch.setattr("tracking.running_trial.send_outcome", _refuse)
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


def test_what_was_stored_and_is_half_removed_is_not_sent_again(left_behind: tuple, monkeypatch, tmp_path: Path) -> None:
    def killed(directory: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tracking.spool.shutil", SimpleNamespace(rmtree=killed))
    with pytest.raises(KeyboardInterrupt):
        send_spooled(left_behind[1])
    assert spooled_trials(tmp_path / "spool") == []


def test_one_process_holds_a_benchmark(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "benchmark"
    with held(folder), pytest.raises(SpoolHeld, match="is at work in another process"), held(folder):
        pass
    with held(folder):
        assert folder.is_dir()
    assert not folder.exists(), "nothing is left where nothing was left behind"


def test_what_is_left_behind_outlives_the_holding(tmp_path: Path) -> None:
    with held(tmp_path / "spool" / "benchmark"):
        (tmp_path / "spool" / "benchmark" / "lstm-seed-7").mkdir()
    assert [path.name for path in (tmp_path / "spool" / "benchmark").iterdir()] == ["lstm-seed-7"]


def test_a_spool_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    told = pytest.raises(UserError, match=r"results cannot be kept in .*: Not a directory")
    with told, held(tmp_path / "spool" / "benchmark"):
        pass
