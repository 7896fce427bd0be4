"""A reproduction has a run of its own, linked to the run that it reproduces, which is tagged with the outcome."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.corpus.vocabulary import Vocabulary
from benchmark.errors import UserError
from benchmark.events import TrialFailed, TrialFinished, TrialStarted
from benchmark.reproduction import Reproduction, judge
from benchmark.results import TrialOutcome
from tests.support.outcomes import events_of, small_config, write_outcome
from tests.support.records import make_corpus_facts
from tracking.records import read_benchmark, read_trial
from tracking.reproduction_runs import ReproductionTracker
from tracking.reproductions import Original, read_original
from tracking.runs import BenchmarkTracker
from tracking.store import Store, open_store

OpenTracker = Callable[..., BenchmarkTracker]

TWO = small_config(architectures=("lstm", "cnn_lstm"), seeds=(7, 8))


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> tuple[Path, str]:
    """A store with a benchmark of two architectures and two seeds, of which ``lstm seed 8`` failed."""
    folder = tmp_path_factory.mktemp("tracked")
    shutil.copyfile(empty_database, folder / "mlflow.db")
    Vocabulary(["the", "film"]).save(folder / "vocabulary.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")
        store = open_store(f"sqlite:///{folder}/mlflow.db", "test")
        options = (store, TWO, make_corpus_facts(), folder / "vocabulary.txt", "python -m benchmark run")
        with BenchmarkTracker.open(*options) as tracker:
            for trial in TWO.trials():
                for event in events_of(trial, folder / "spool"):
                    if trial.name == "lstm seed 8" and isinstance(event, TrialFinished):
                        event = TrialFailed(trial, "ResourceExhaustedError: out of memory", "Traceback …")
                    tracker.handle(event)
    return folder / "mlflow.db", tracker.run_id


@pytest.fixture
def database(tmp_path: Path, tracked: tuple[Path, str]) -> Path:
    """A copy of that store for each test, so that tags of one do not reach another."""
    path = tmp_path / "store" / "mlflow.db"
    path.parent.mkdir()
    shutil.copyfile(tracked[0], path)
    return path


@pytest.fixture
def benchmark_run_id(tracked: tuple[Path, str]) -> str:
    return tracked[1]


def _run_ids(store: Store, benchmark_run_id: str) -> dict[str, str]:
    return {trial.config.name: trial.run_id for trial in read_benchmark(store.client, benchmark_run_id).trials}


def _reproduce(tracker: ReproductionTracker, original: Original, spool: Path) -> list[Reproduction]:
    """Log trials that come out as they were."""
    judged = []
    for trial in original.trials:
        for event in events_of(trial.config, spool):
            tracker.handle(event)
            if isinstance(event, TrialFinished):
                # what the store gave back of the same made-up trial
                now = TrialOutcome(trial.result, event.outcome.directory)
                judged.append(judge(trial, now.result, trial.predictions, 0.5))
                tracker.log_outcome(judged[-1], now)
    return judged


def test_a_trial_run_is_read_with_the_facts_of_its_benchmark(store: Store, benchmark_run_id: str) -> None:
    run_id = _run_ids(store, benchmark_run_id)["cnn_lstm seed 8"]
    original = read_original(store.client, store.experiment_id, run_id)
    assert [trial.config.name for trial in original.trials] == ["cnn_lstm seed 8"]
    assert original.trials[0].predictions is not None
    assert original.facts.config == TWO
    assert not original.is_benchmark


def test_of_a_benchmark_run_one_finished_trial_of_each_architecture_is_read(
    store: Store, benchmark_run_id: str
) -> None:
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    assert [trial.config.architecture for trial in original.trials] == ["lstm", "cnn_lstm"]
    assert {trial.status for trial in original.trials} == {"finished"}
    assert original == replace(read_original(store.client, store.experiment_id, "latest"), trials=original.trials)


def test_a_trial_that_failed_is_refused_with_what_finished_beside_it(store: Store, benchmark_run_id: str) -> None:
    run_ids = _run_ids(store, benchmark_run_id)
    with pytest.raises(UserError, match=r"lstm seed 8\) is failed: ResourceExhaustedError") as refusal:
        read_original(store.client, store.experiment_id, run_ids["lstm seed 8"])
    assert f"{run_ids['cnn_lstm seed 8']} (cnn_lstm seed 8)" in str(refusal.value)


def test_a_run_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(UserError, match=r"there is no run 'nowhere'.*give the id of a trial run or of a benchmark run"):
        read_original(store.client, store.experiment_id, "nowhere")


def test_a_run_of_something_else_is_refused(store: Store) -> None:
    run_id = store.client.create_run(store.experiment_id).info.run_id
    with pytest.raises(UserError, match="neither a trial run nor a benchmark run"):
        read_original(store.client, store.experiment_id, run_id)
    with pytest.raises(UserError, match="is not a trial run"):
        read_trial(store.client, run_id)


def test_a_reproduction_of_a_trial_is_one_run_that_links_to_it(
    store: Store, benchmark_run_id: str, tmp_path: Path
) -> None:
    trial_run_id = _run_ids(store, benchmark_run_id)["cnn_lstm seed 8"]
    original = read_original(store.client, store.experiment_id, trial_run_id)
    with ReproductionTracker(store, original) as tracker:
        (reproduction,) = _reproduce(tracker, original, tmp_path / "again")

    run = store.client.get_run(tracker.run_id)
    assert run.info.run_name == "reproduction of cnn_lstm seed 8"
    assert run.info.status == "FINISHED"
    assert run.data.tags["benchmark.reproduces"] == trial_run_id
    assert run.data.tags["benchmark.outcome"] == "bit for bit the same"
    assert run.data.tags["mlflow.note.content"] == reproduction.sentence
    assert run.data.metrics["test_accuracy"] == original.trials[0].result.test_accuracy
    assert len(store.client.get_metric_history(tracker.run_id, "val_accuracy")) == TWO.epochs
    logged = {item.path for item in store.client.list_artifacts(tracker.run_id)}
    assert logged == {"reproduction.json", "trial.json", "predictions.parquet"}
    stored = store.client.download_artifacts(tracker.run_id, "reproduction.json", str(tmp_path))
    assert Reproduction.model_validate_json(Path(stored).read_text()) == reproduction
    tags = store.client.get_run(trial_run_id).data.tags
    assert tags["benchmark.reproduced"] == f"bit for bit the same (run {tracker.run_id})"


def test_a_reproduction_of_a_benchmark_has_a_run_for_each_trial_below_it(
    store: Store, benchmark_run_id: str, tmp_path: Path
) -> None:
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    with ReproductionTracker(store, original) as tracker:
        _reproduce(tracker, original, tmp_path / "again")

    below = store.client.search_runs([store.experiment_id], f"tags.mlflow.parentRunId = '{tracker.run_id}'")
    assert {run.data.tags["benchmark.reproduces"] for run in below} == {trial.run_id for trial in original.trials}
    assert {run.info.status for run in below} == {"FINISHED"}
    top = store.client.get_run(tracker.run_id).data.tags
    assert top["benchmark.reproduces"] == benchmark_run_id
    assert top["benchmark.outcome"] == "bit for bit the same"
    tags = store.client.get_run(benchmark_run_id).data.tags
    assert tags["benchmark.reproduced"] == f"bit for bit the same (run {tracker.run_id})"


def test_a_reproduction_is_no_trial_of_the_benchmark_and_no_benchmark(
    store: Store, benchmark_run_id: str, tmp_path: Path
) -> None:
    before = [trial.run_id for trial in read_benchmark(store.client, benchmark_run_id).trials]
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    with ReproductionTracker(store, original) as tracker:
        _reproduce(tracker, original, tmp_path / "again")
    assert [trial.run_id for trial in read_benchmark(store.client, benchmark_run_id).trials] == before
    assert read_original(store.client, store.experiment_id, "latest").run_id == benchmark_run_id
    with pytest.raises(UserError, match=f"is itself a reproduction, of the run {benchmark_run_id}"):
        read_original(store.client, store.experiment_id, tracker.run_id)


def test_the_run_that_mlflow_run_has_started_becomes_the_reproductions_run(
    store: Store, benchmark_run_id: str, tmp_path: Path
) -> None:
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    started = store.client.create_run(store.experiment_id)
    store.client.log_param(started.info.run_id, "device", "''")
    with ReproductionTracker(replace(store, started_run_id=started.info.run_id), original) as tracker:
        _reproduce(tracker, original, tmp_path / "again")
    assert tracker.run_id == started.info.run_id
    assert store.client.get_run(tracker.run_id).data.tags["benchmark.reproduces"] == benchmark_run_id


def test_a_trial_that_fails_again_ends_as_failed_and_tags_nothing(store: Store, benchmark_run_id: str) -> None:
    trial_run_id = _run_ids(store, benchmark_run_id)["cnn_lstm seed 8"]
    original = read_original(store.client, store.experiment_id, trial_run_id)
    trial = original.trials[0].config
    with ReproductionTracker(store, original) as tracker:
        tracker.handle(TrialStarted(trial))
        tracker.handle(TrialFailed(trial, "the worker process was killed by SIGKILL", ""))
    run = store.client.get_run(tracker.run_id)
    assert run.info.status == "FAILED"
    assert run.data.tags["benchmark.failure"] == "the worker process was killed by SIGKILL"
    assert "benchmark.reproduced" not in store.client.get_run(trial_run_id).data.tags


def test_an_interrupted_reproduction_ends_as_killed_with_all_below_it(store: Store, benchmark_run_id: str) -> None:
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    with suppress(KeyboardInterrupt), ReproductionTracker(store, original) as tracker:
        tracker.handle(TrialStarted(original.trials[0].config))
        raise KeyboardInterrupt
    runs = store.client.search_runs([store.experiment_id], "tags.`benchmark.kind` = 'reproduction'")
    assert [run.info.status for run in runs] == ["KILLED", "KILLED"]
    assert "benchmark.reproduced" not in store.client.get_run(benchmark_run_id).data.tags


def test_what_is_logged_is_on_disk_only_until_it_is_stored(store: Store, benchmark_run_id: str, tmp_path: Path) -> None:
    original = read_original(store.client, store.experiment_id, benchmark_run_id)
    trial = original.trials[0]
    outcome = write_outcome(tmp_path / "again", trial.config)
    with ReproductionTracker(store, original) as tracker:
        tracker.handle(TrialStarted(trial.config))
        tracker.log_outcome(judge(trial, trial.result, trial.predictions, 0.5), outcome)
        tracker.flush()
        (outcome.directory / "predictions.parquet").unlink()
    assert store.client.get_run(tracker.run_id).info.status == "FINISHED"
