"""What the doctor finds in the store and on the way to it, and that its remedies mend it."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.doctor.finding import Finding
from benchmark.errors import UserError
from benchmark.events import TrialFinished, TrialStarted
from tests.support.outcomes import events_of, small_config
from tracking.benchmark_run import PROCESS_TAG
from tracking.doctor import artifact_findings, run_findings, spool_findings
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.spool import held, spool_folder
from tracking.store import Store

OpenTracker = Callable[..., BenchmarkTracker]


def mend(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.mend is not None
        finding.mend()


@pytest.fixture
def finished_and_not_sent(store: Store, open_tracker: OpenTracker, tmp_path: Path, monkeypatch) -> BenchmarkTracker:
    """A benchmark that was killed when its trial had finished, before the store had it."""
    tracker = open_tracker(small_config())
    for event in events_of(small_config().trials()[0], spool_folder(tmp_path, tracker.run_id)):
        if isinstance(event, TrialFinished):
            monkeypatch.setattr("tracking.running_trial.send_outcome", _cut_short)
            with pytest.raises(UserError):
                tracker.handle(event)
        else:
            tracker.handle(event)
    store.client.set_tag(tracker.run_id, PROCESS_TAG, f"{socket.gethostname()}/999999999/1.0")
    return tracker


def _cut_short(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_store_in_which_all_is_well(store: Store, open_tracker: OpenTracker, tmp_path: Path) -> None:
    open_tracker(small_config())
    assert run_findings(store.client) == artifact_findings(store.client) == spool_findings(tmp_path) == []


def test_a_finished_trial_that_was_left_behind_is_sent(
    finished_and_not_sent: BenchmarkTracker, store: Store, tmp_path: Path
) -> None:
    (finding,) = spool_findings(tmp_path)
    assert finding.problem.startswith(f"cnn_lstm seed 7 of the benchmark {finished_and_not_sent.run_id} finished")
    mend([finding])
    assert read_benchmark(store.client, finished_and_not_sent.run_id).complete
    assert spool_findings(tmp_path) == []
    assert not spool_folder(tmp_path, finished_and_not_sent.run_id).exists()


def test_it_is_finished_without_a_word_of_failure_even_if_it_was_marked_as_killed_before(
    finished_and_not_sent: BenchmarkTracker, store: Store, tmp_path: Path
) -> None:
    mend(run_findings(store.client))
    mend(spool_findings(tmp_path))
    (run,) = store.client.search_runs([store.experiment_id], "tags.`benchmark.kind` = 'trial'")
    assert run.info.status == "FINISHED"
    assert "benchmark.failure" not in run.data.tags


def test_what_a_benchmark_at_work_has_in_the_spool_is_not_left_behind(
    finished_and_not_sent: BenchmarkTracker, tmp_path: Path
) -> None:
    with held(spool_folder(tmp_path, finished_and_not_sent.run_id)):
        assert spool_findings(tmp_path) == []


def test_a_trial_that_was_cut_short_or_is_damaged_is_removed(
    finished_and_not_sent: BenchmarkTracker, tmp_path: Path
) -> None:
    folder = spool_folder(tmp_path, finished_and_not_sent.run_id)
    (folder / "cnn_lstm-seed-7" / "result.json").write_text("{")
    (folder / "lstm-seed-7").mkdir()
    damaged, cut_short = spool_findings(tmp_path)
    assert "is not whole" in damaged.problem
    assert "cut short" in cut_short.problem
    mend([damaged, cut_short])
    assert not folder.exists()


def test_a_store_that_is_away_keeps_the_trial_in_the_spool(
    finished_and_not_sent: BenchmarkTracker, database: Path, tmp_path: Path
) -> None:
    (finding,) = spool_findings(tmp_path)
    database.unlink()
    with pytest.raises(UserError, match="there is no MLflow store"):
        mend([finding])
    assert len(spool_findings(tmp_path)) == 1


def test_a_benchmark_whose_process_is_gone_is_marked_as_killed(
    finished_and_not_sent: BenchmarkTracker, store: Store
) -> None:
    findings = run_findings(store.client)
    assert len(findings) == 2
    assert all("its process is gone" in finding.problem for finding in findings)
    mend(findings)
    assert run_findings(store.client) == []


def test_a_benchmark_on_another_machine_is_a_note_with_what_to_do_there(
    store: Store, open_tracker: OpenTracker
) -> None:
    tracker = open_tracker(small_config())
    tracker.handle(TrialStarted(small_config().trials()[0]))
    store.client.set_tag(tracker.run_id, PROCESS_TAG, "elsewhere/1/1.0")
    (note,) = run_findings(store.client)
    assert note.is_note
    assert note.mend is None
    assert "--lost-host elsewhere" in note.remedy
    assert len([finding for finding in run_findings(store.client, ["elsewhere"]) if finding.mend]) == 2


def test_a_run_that_mlflow_run_left_is_a_note_and_our_own_is_none(store: Store, monkeypatch) -> None:
    left = store.client.create_run(store.experiment_id, tags={"mlflow.source.type": "PROJECT"}).info.run_id
    (note,) = run_findings(store.client)
    assert note.is_note
    assert left in note.remedy
    monkeypatch.setenv("MLFLOW_RUN_ID", left)
    assert run_findings(store.client) == []


def test_files_that_were_moved_away_are_told_with_where_they_are_looked_for(
    store: Store, open_tracker: OpenTracker, database: Path
) -> None:
    open_tracker(small_config())
    (database.parent / "mlruns").rename(database.parent / "elsewhere")
    (finding,) = artifact_findings(store.client)
    assert "are not there for 1 of 1 benchmarks" in finding.problem
    assert str(database.parent / "mlruns" / "test") in finding.problem
    (database.parent / "mlruns").symlink_to(database.parent / "elsewhere")
    assert artifact_findings(store.client) == []


def test_an_object_store_that_cannot_be_reached_is_told(
    store: Store, open_tracker: OpenTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_credentials(*_: object) -> None:
        raise RuntimeError("Unable to locate credentials")

    open_tracker(small_config())
    monkeypatch.setattr("tracking.doctor._local_folder", lambda location: None)
    monkeypatch.setattr(type(store.client), "list_artifacts", no_credentials)
    (finding,) = artifact_findings(store.client)
    assert "cannot be reached: Unable to locate credentials" in finding.problem
