"""A fresh store for each test, copied from one that was made once, and one finished benchmark that all tests read."""

import shutil
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

import tracking  # noqa: F401  (before MLflow: it turns telemetry off)
from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.plan import Plan
from tests.support.records import corpus_facts, environment, planned_trial, trial_config, write_trial_folder
from tracking.session import Session, open_session
from tracking.store import Store, open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
    import mlflow.pyfunc  # noqa: F401


def begin_benchmark(
    store: Store, vocabulary_file: Path, trials: Sequence[TrialConfig], **options: object
) -> AbstractContextManager[Session]:
    """Open a session for these trials; the options are fields of `Plan`, and those of `open_session`.

    Runs in which trials were trained earlier come by the trials' names: ``stored_as={"cnn_lstm seed 7": run_id}``.
    """
    stored_as = options.pop("stored_as", {})
    how = {name: options.pop(name) for name in ("resume",) if name in options}
    given = {
        "config": BenchmarkConfig(architectures=tuple(dict.fromkeys(trial.architecture for trial in trials))),
        "corpus": corpus_facts(),
        "environment": environment(),
        "command": "python -m benchmark run",
    } | options
    planned = []
    for trial in trials:
        one = planned_trial(trial, corpus=given["corpus"])
        planned.append(replace(one, stored_as=stored_as.get(trial.name)))
    plan = Plan(planned=tuple(planned), **given)
    return open_session(store, plan, vocabulary_file, **how)


def train_trial(session: Session, trial: TrialConfig, accuracy: float = 0.88, **changes: object) -> Path:
    """Leave the folder of a finished trial, which is returned."""
    folder = session.pending_folder / trial.folder_name
    write_trial_folder(folder, trial, accuracy, **changes)
    return folder


def store_benchmark(
    store: Store,
    vocabulary_file: Path,
    trials: Sequence[TrialConfig],
    accuracies: Sequence[float] = (),
    **options: object,
) -> str:
    """Store a whole benchmark, and return its run's id."""
    corpus = options.get("corpus", corpus_facts())
    with begin_benchmark(store, vocabulary_file, trials, **options) as session:
        for trial, accuracy in zip(trials, accuracies or [0.88] * len(trials), strict=True):
            session.store_trial(train_trial(session, trial, accuracy, corpus=corpus))
        session.finish("FINISHED")
    return session.run_id


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # MLflow sets it for the processes that it starts
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Path:
    (tmp_path / "store").mkdir()
    return Path(shutil.copyfile(template, tmp_path / "store" / "mlflow.db"))


@pytest.fixture
def store(database: Path) -> Store:
    return open_store(f"sqlite:///{database}", "test", create=True)


@pytest.fixture(scope="session")
def vocabulary_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vocabulary") / "words.txt"
    Vocabulary(["the", "film", "wonderful", "awful", "plot"]).save(path)
    return path


@pytest.fixture(scope="session")
def finished_uri(tmp_path_factory: pytest.TempPathFactory, template: Path, vocabulary_file: Path) -> str:
    folder = tmp_path_factory.mktemp("finished")
    shutil.copyfile(template, folder / "mlflow.db")
    store = open_store(f"sqlite:///{folder}/mlflow.db", "test", create=True)
    trials = [trial_config("cnn_lstm", 7), trial_config("cnn_lstm", 8), trial_config("bag_of_words_svm")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMDB_BENCHMARK_CACHE", str(folder / "cache"))
        store_benchmark(store, vocabulary_file, trials, [0.9, 0.88, 0.85])
    for name in ("imdb-cnn_lstm", "imdb-bag_of_words_svm"):
        store.client.set_registered_model_alias(name, "champion", "1")
    return store.uri


@pytest.fixture
def finished(finished_uri: str) -> Store:
    """A store with a benchmark of cnn_lstm with two seeds and bag_of_words_svm, with champions; only to be read."""
    return open_store(finished_uri, "test")


@pytest.fixture
def begin(store: Store, vocabulary_file: Path) -> Callable[..., AbstractContextManager[Session]]:
    """Open a session for these trials: ``begin([trial_config()], corpus=…, resume=…)``."""

    def begin_(trials, into=store, **options):
        return begin_benchmark(into, vocabulary_file, trials, **options)

    return begin_


@pytest.fixture
def train() -> Callable[..., Path]:
    return train_trial


@pytest.fixture
def run_benchmark(store: Store, vocabulary_file: Path) -> Callable[..., str]:
    """Store a whole benchmark of trials that were never trained, and return its run's id."""

    def run(trials, accuracies=(), into=store, **options):
        return store_benchmark(into, vocabulary_file, trials, accuracies, **options)

    return run
