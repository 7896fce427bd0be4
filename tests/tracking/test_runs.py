"""A benchmark's run and its trials' runs hold all that happened, as it happened."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.engine import Engine

from benchmark.config import TrialConfig
from benchmark.errors import UserError
from benchmark.events import EpochFinished, TrialFailed, TrialFinished, TrialStarted
from benchmark.results import Execution, HardReview
from tests.support.outcomes import events_of, small_config, write_outcome
from tests.support.records import make_corpus_facts
from tracking.runs import BenchmarkTracker
from tracking.store import PROJECT, Store, open_store

OpenTracker = Callable[..., BenchmarkTracker]


def only_trial(config=small_config()) -> TrialConfig:  # noqa: B008
    (trial,) = config.trials()
    return trial


def run_of(store: Store, tracker: BenchmarkTracker):
    return store.client.get_run(tracker.run_id)


def trial_runs(store: Store, tracker: BenchmarkTracker) -> list:
    return store.client.search_runs([store.experiment_id], f"tags.mlflow.parentRunId = '{tracker.run_id}'")


def artifacts(store: Store, run_id: str) -> set[str]:
    return {artifact.path for artifact in store.client.list_artifacts(run_id)}


@pytest.fixture
def finished(store: Store, open_tracker: OpenTracker, tmp_path: Path):
    """A benchmark of one trial that finished, and the trial's run."""
    with open_tracker(small_config()) as tracker:
        for event in events_of(only_trial(), tmp_path / "spool"):
            tracker.handle(event)
    (run,) = trial_runs(store, tracker)
    return tracker, run


def test_the_benchmark_run_says_what_was_benchmarked(store: Store, open_tracker: OpenTracker) -> None:
    tracker = open_tracker(small_config(seeds=(7, 8)))
    run = run_of(store, tracker)
    assert run.info.status == "RUNNING"
    assert run.info.run_name == "cnn_lstm, 2 seeds"
    assert run.data.params["config.seeds"] == "7,8"
    assert run.data.params["config.limit"] == "None"
    assert run.data.tags["benchmark.corpus"] == "imdb"
    assert run.data.tags["benchmark.corpus_digest"] == make_corpus_facts().digest
    assert run.data.tags["benchmark.comparable_to_paper"] == "true"
    assert artifacts(store, tracker.run_id) == {"benchmark.json"}


@pytest.mark.parametrize(
    ("kind", "limit", "words"),
    [("generated", None, "Made-up reviews"), ("custom", None, "not comparable"), ("imdb", 100, "not comparable")],
)
def test_what_cannot_be_compared_with_the_paper_says_so(
    store: Store, open_tracker: OpenTracker, kind: str, limit: int | None, words: str
) -> None:
    tags = run_of(store, open_tracker(small_config(limit=limit), make_corpus_facts(kind))).data.tags
    assert tags["benchmark.comparable_to_paper"] == "false"
    assert words in tags["mlflow.note.content"]


def test_a_finished_trial_has_its_settings_scores_and_files(store: Store, finished) -> None:
    _, run = finished
    assert (run.info.run_name, run.info.status) == ("cnn_lstm seed 7", "FINISHED")
    assert run.data.params["seed"] == "7"
    assert run.data.params["optimizer"] == "adam"
    assert run.data.params["version.keras"] == "3.15.1"
    assert run.data.tags["benchmark.architecture"] == "cnn_lstm"
    assert len(run.data.tags["benchmark.weights_sha256"]) == 64
    assert {"test_accuracy", "test_f1", "test_roc_auc", "trace_seconds", "peak_memory_mb"} <= set(run.data.metrics)
    assert artifacts(store, run.info.run_id) == {"trial.json", "predictions.parquet"}


def test_epochs_are_logged_once_each_at_their_step(store: Store, finished) -> None:
    _, run = finished
    for name in ("loss", "val_accuracy", "train_seconds", "reviews_per_second"):
        assert [metric.step for metric in store.client.get_metric_history(run.info.run_id, name)] == [1, 2]


def test_both_halves_of_the_corpus_are_inputs_under_our_own_digest(finished) -> None:
    _, run = finished
    inputs = {entry.tags[0].value: entry.dataset for entry in run.inputs.dataset_inputs}
    assert set(inputs) == {"train", "test"}
    digest = make_corpus_facts().digest
    assert inputs["train"].digest == f"{digest[:30]}-train"
    assert inputs["test"].digest == f"{digest[:31]}-test"
    assert json.loads(inputs["test"].profile)["reviews"] == 400


def test_the_model_is_logged_and_registered_with_what_it_reached(store: Store, finished) -> None:
    tracker, run = finished
    (version,) = store.client.search_model_versions("name = 'imdb-cnn_lstm'")
    assert version.run_id == run.info.run_id
    assert version.tags["seed"] == "7"
    assert version.tags["benchmark_run"] == tracker.run_id
    assert float(version.tags["test_accuracy"]) == pytest.approx(run.data.metrics["test_accuracy"], abs=1e-6)
    assert "cnn_lstm seed 7: " in version.description
    logged = store.client.get_logged_model(version.source.removeprefix("models:/"))
    assert logged.status == "READY"
    assert {metric.key for metric in logged.metrics} >= {"test_accuracy"}


@pytest.mark.parametrize("kind", ["generated", "custom"])
def test_models_of_other_corpora_get_other_names(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, kind: str
) -> None:
    with open_tracker(small_config(), make_corpus_facts(kind)) as tracker:
        for event in events_of(only_trial(), tmp_path / "spool"):
            tracker.handle(event)
    assert [model.name for model in store.client.search_registered_models()] == [f"{kind}-cnn_lstm"]


def test_tensorboard_logs_are_kept_where_there_are_some(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config(architectures=("cnn_lstm_tensorboard",))
    with open_tracker(config) as tracker:
        for event in events_of(only_trial(config), tmp_path / "spool"):
            tracker.handle(event)
    (run,) = trial_runs(store, tracker)
    assert "tensorboard" in artifacts(store, run.info.run_id)


def test_a_stored_trial_leaves_nothing_in_the_spool(finished, tmp_path: Path) -> None:
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_failed_trial_keeps_its_reason_and_traceback(store: Store, open_tracker: OpenTracker) -> None:
    with open_tracker(small_config()) as tracker:
        tracker.handle(TrialStarted(only_trial()))
        tracker.handle(TrialFailed(only_trial(), "out of memory", "Traceback: deep inside"))
    (run,) = trial_runs(store, tracker)
    assert (run.info.status, run.data.tags["benchmark.failure"]) == ("FAILED", "out of memory")
    assert "deep inside" in Path(store.client.download_artifacts(run.info.run_id, "failure.txt")).read_text()
    assert run_of(store, tracker).info.status == "FAILED"


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "KILLED"), (RuntimeError, "FAILED"), (SystemExit, "FAILED")]
)
def test_an_exception_ends_the_benchmark_and_kills_what_still_runs(
    store: Store, open_tracker: OpenTracker, error: type[BaseException], status: str
) -> None:
    tracker = open_tracker(small_config())
    tracker.handle(TrialStarted(only_trial()))
    with pytest.raises(error), tracker:
        raise error
    assert run_of(store, tracker).info.status == status
    assert [run.info.status for run in trial_runs(store, tracker)] == ["KILLED"]


def test_the_run_of_mlflow_run_becomes_the_benchmark_run(
    store: Store, vocabulary_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.client.create_run(store.experiment_id, run_name="amazing-fox-12")
    store.client.log_param(run.info.run_id, "seeds", "'7,8,9'")  # as mlflow run logs it: quoted for the shell
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    opened = open_store(store.tracking_uri)
    tracker = BenchmarkTracker.open(opened, small_config(), make_corpus_facts(), vocabulary_file, "command")
    assert tracker.run_id == run.info.run_id
    taken = store.client.get_run(run.info.run_id)
    assert taken.data.params["config.seeds"] == "7"
    assert taken.info.run_name == "cnn_lstm, seed 7"


def test_a_run_stranded_by_the_ui_points_to_the_benchmark_run(
    store: Store, vocabulary_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = store.client.create_experiment("served", artifact_location="mlflow-artifacts:/9")
    stranded = store.client.create_run(served).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", stranded)
    opened = open_store(store.tracking_uri)
    tracker = BenchmarkTracker.open(opened, small_config(), make_corpus_facts(), vocabulary_file, "command")
    assert tracker.run_id != stranded
    assert tracker.run_id in store.client.get_run(stranded).data.tags["mlflow.note.content"]


def test_resuming_goes_on_in_the_same_run_and_buries_trials_whose_process_is_gone(
    store: Store, open_tracker: OpenTracker
) -> None:
    first = open_tracker(small_config())
    first.handle(TrialStarted(only_trial()))
    store.client.set_tag(first.run_id, "benchmark.process", f"{os.uname().nodename}/999999/1.0")
    resumed = open_tracker(small_config(), resume_run_id=first.run_id)
    assert resumed.run_id == first.run_id
    assert run_of(store, resumed).info.status == "RUNNING"
    assert [run.info.status for run in trial_runs(store, resumed)] == ["KILLED"]


def test_a_benchmark_that_still_runs_cannot_be_resumed(store: Store, open_tracker: OpenTracker) -> None:
    script = (
        "import sys\nfrom tracking.processes import this_process\nprint(this_process(), flush=True)\nsys.stdin.read()"
    )
    tracker = open_tracker(small_config())
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        store.client.set_tag(tracker.run_id, "benchmark.process", other.stdout.readline().strip())
        with pytest.raises(UserError, match=f"is still running .process {other.pid}"):
            open_tracker(small_config(), resume_run_id=tracker.run_id)
        other.stdin.close()


def test_hard_reviews_summary_and_report_are_kept_after_the_end_too(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.html").write_text("<html>")
    with open_tracker(small_config()) as tracker:
        tracker.finish("finished")
        tracker.log_hard_reviews([HardReview("test/neg/1", "Überraschend schlecht")])
        tracker.log_summary({"cnn_lstm.accuracy_mean": 0.88})
        tracker.log_report(tmp_path / "report")
    assert artifacts(store, tracker.run_id) == {"benchmark.json", "hard_reviews.json", "report"}
    assert run_of(store, tracker).data.metrics == {"cnn_lstm.accuracy_mean": 0.88}
    assert run_of(store, tracker).info.status == "FINISHED"


def test_system_metrics_are_logged_while_a_trial_runs(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.01")
    sampled = threading.Event()
    publish = SystemMetricsMonitor.publish_metrics

    def publish_and_tell(monitor: SystemMetricsMonitor, metrics: dict[str, float]) -> None:
        publish(monitor, metrics)
        sampled.set()

    monkeypatch.setattr(SystemMetricsMonitor, "publish_metrics", publish_and_tell)
    started, *rest = events_of(only_trial(), tmp_path / "spool")[1:]
    with open_tracker(small_config()) as tracker:
        tracker.handle(started)
        assert sampled.wait(timeout=60)
        for event in rest:
            tracker.handle(event)
    (run,) = trial_runs(store, tracker)
    assert "system/cpu_utilization_percentage" in run.data.metrics
    assert run.info.status == "FINISHED"


def test_this_machine_s_load_is_not_logged_for_a_trial_on_a_cluster(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")
    monkeypatch.setattr("tracking.running_trial.SystemMetrics", lambda *_: pytest.fail("sampled"))
    ready, *rest = events_of(only_trial(), tmp_path / "spool")
    with open_tracker(small_config()) as tracker:
        for event in (replace(ready, execution=Execution(executor="ray", on_cluster=True)), *rest):
            tracker.handle(event)
    assert [run.info.status for run in trial_runs(store, tracker)] == ["FINISHED"]


class Unreliable:
    """A client whose every call fails until the server is back, and which then fails after doing the work, once each.

    The second is what a lost answer looks like from here.
    """

    def __init__(self, client) -> None:
        self._client = client
        self.away = False
        self.loses_answers = False
        self._lost: set[str] = set()

    def __getattr__(self, name: str):
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def call(*args, **options):
            if self.away:
                raise ConnectionError("Connection refused")
            answer = method(*args, **options)
            if self.loses_answers and name not in self._lost:
                self._lost.add(name)
                raise ConnectionError("Connection reset by peer")
            return answer

        return call


@pytest.fixture
def unreliable(store: Store, monkeypatch: pytest.MonkeyPatch) -> Unreliable:
    monkeypatch.setattr("tracking.outbox.FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("tracking.outbox.LONGEST_PAUSE_SECONDS", 0.001)
    unreliable = Unreliable(store.client)
    object.__setattr__(store, "client", unreliable)
    return unreliable


def what_is_stored(store: Store, tracker: BenchmarkTracker) -> dict:
    (run,) = trial_runs(store, tracker)
    return {
        "status": run.info.status,
        "epochs": [metric.step for metric in store.client.get_metric_history(run.info.run_id, "val_accuracy")],
        "test_accuracy": len(store.client.get_metric_history(run.info.run_id, "test_accuracy")),
        "inputs": len(run.inputs.dataset_inputs),
        "models": len(run.outputs.model_outputs),
        "logged": len(store.client.search_logged_models([store.experiment_id])),
        "versions": len(store.client.search_model_versions("name = 'imdb-cnn_lstm'")),
        "artifacts": artifacts(store, run.info.run_id),
    }


EVERYTHING_ONCE = {
    "status": "FINISHED",
    "epochs": [1, 2],
    "test_accuracy": 1,
    "inputs": 2,
    "models": 1,
    "logged": 1,
    "versions": 1,
    "artifacts": {"trial.json", "predictions.parquet"},
}


def test_nothing_is_lost_when_the_store_is_away_for_a_whole_trial(
    store: Store, open_tracker: OpenTracker, unreliable: Unreliable, tmp_path: Path
) -> None:
    with open_tracker(small_config()) as tracker:
        unreliable.away = True
        for event in events_of(only_trial(), tmp_path / "spool"):
            tracker.handle(event)
        assert list((tmp_path / "spool").iterdir()), "a trial that is not stored stays on disk"
        unreliable.away = False
    assert what_is_stored(store, tracker) == EVERYTHING_ONCE
    assert not list((tmp_path / "spool").iterdir())


@pytest.fixture
def impatient_mlflow() -> Iterator[None]:
    """MLflow waits for 20 seconds until SQLite is free; here for none, so that it is we who wait."""

    def ask_for_less(connection, cursor, statement, parameters, context, executemany):
        return statement.replace("busy_timeout = 20000", "busy_timeout = 0"), parameters

    sqlalchemy_event.listen(Engine, "before_cursor_execute", ask_for_less, retval=True)
    yield
    sqlalchemy_event.remove(Engine, "before_cursor_execute", ask_for_less)


@pytest.mark.usefixtures("impatient_mlflow")
def test_a_locked_database_is_waited_for_longer_than_mlflow_does(
    store: Store, open_tracker: OpenTracker, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.outbox.FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("tracking.outbox.LONGEST_PAUSE_SECONDS", 0.001)
    with open_tracker(small_config()) as tracker:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for event in events_of(only_trial(), tmp_path / "spool"):
                tracker.handle(event)
            with pytest.raises(UserError, match=r"last error: .*database is locked"):
                tracker.flush(patience_seconds=0.1)
            assert list((tmp_path / "spool").iterdir()), "a trial that is not stored stays on disk"
            other.execute("ROLLBACK")
        tracker.flush()
    assert what_is_stored(store, tracker) == EVERYTHING_ONCE


def test_nothing_is_doubled_when_answers_are_lost(
    store: Store, open_tracker: OpenTracker, unreliable: Unreliable, tmp_path: Path
) -> None:
    with open_tracker(small_config()) as tracker:
        unreliable.loses_answers = True
        for event in events_of(only_trial(), tmp_path / "spool"):
            tracker.handle(event)
    unreliable.loses_answers = False
    assert what_is_stored(store, tracker) == EVERYTHING_ONCE


def test_a_store_that_stays_away_is_told_in_one_line_with_what_to_do(
    open_tracker: OpenTracker, unreliable: Unreliable, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = open_tracker(small_config())
    unreliable.away = True
    tracker.handle(TrialStarted(only_trial()))
    with pytest.raises(UserError, match=r"0 seconds \(its last error: Connection refused\): sqlite.*doctor --fix"):
        tracker.flush(patience_seconds=0.01)


def test_a_full_disk_is_told_in_one_line_and_the_trial_stays_on_disk(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    tracker = open_tracker(small_config())
    *before, finish = events_of(only_trial(), tmp_path / "spool")
    for event in before:
        tracker.handle(event)
    monkeypatch.setattr(type(store.client), "log_artifact", full)
    with pytest.raises(UserError, match=r"takes no more results: \[Errno 28\] No space left on device"):
        tracker.handle(finish)
    assert isinstance(finish, TrialFinished)
    assert (finish.outcome.directory / "run.json").exists()
    (run,) = trial_runs(store, tracker)
    assert run.info.status == "RUNNING", "what is not whole is not taken for finished"


def test_epochs_after_the_end_of_an_outage_keep_the_time_at_which_they_happened(
    store: Store, open_tracker: OpenTracker, unreliable: Unreliable, tmp_path: Path
) -> None:
    outcome = write_outcome(tmp_path / "outcome", only_trial())
    with open_tracker(small_config()) as tracker:
        tracker.handle(TrialStarted(only_trial()))
        unreliable.away = True
        tracker.handle(EpochFinished(only_trial(), outcome.result.epochs[0]))
        unreliable.away = False
        tracker.handle(EpochFinished(only_trial(), outcome.result.epochs[1]))
        tracker.flush()
    (run,) = trial_runs(store, tracker)
    times = [metric.timestamp for metric in store.client.get_metric_history(run.info.run_id, "loss")]
    assert times == sorted(times)
    assert len(times) == 2


@pytest.mark.slow
def test_tracking_a_whole_benchmark_does_not_import_tensorflow(tmp_path: Path) -> None:
    script = f"""
import sys
import threading
from pathlib import Path
from tests.support.outcomes import events_of, small_config
from tests.support.records import make_corpus_facts
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import open_store
folder = Path({str(tmp_path)!r})
(folder / "vocabulary.txt").write_text("film\\n")
store = open_store(f"sqlite:///{{folder}}/mlflow.db")
config = small_config()
with BenchmarkTracker.open(store, config, make_corpus_facts(), folder / "vocabulary.txt", "command") as tracker:
    for event in events_of(config.trials()[0], folder / "spool"):
        tracker.handle(event)
assert read_benchmark(store.client, tracker.run_id).complete
print({{"tensorflow", "keras", "torch", "jax"}} & set(sys.modules))
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
