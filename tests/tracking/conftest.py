"""A fresh store for each test, copied from one that was made once."""

import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import tracking  # noqa: F401  (before MLflow: it turns telemetry off)
from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.plan import Plan
from tests.support.records import corpus_facts, environment, planned_trial, write_trial_folder
from tracking.session import Session, open_session
from tracking.store import Store, open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
    import mlflow.pyfunc  # noqa: F401


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # MLflow sets it for the processes that it starts
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised SQLite file; making one takes MLflow seconds."""
    folder = tmp_path_factory.mktemp("template")
    open_store(f"sqlite:///{folder}/mlflow.db", "unused", create=True)
    return folder / "mlflow.db"


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Path:
    (tmp_path / "store").mkdir()
    return Path(shutil.copyfile(template, tmp_path / "store" / "mlflow.db"))


@pytest.fixture
def store(database: Path) -> Store:
    return open_store(f"sqlite:///{database}", "test", create=True)


@pytest.fixture
def vocabulary_file(tmp_path: Path) -> Path:
    Vocabulary(["the", "film", "wonderful", "awful", "plot"]).save(tmp_path / "words.txt")
    return tmp_path / "words.txt"


@pytest.fixture
def begin(store: Store, vocabulary_file: Path) -> Callable[..., Session]:
    """Open a session for these trials: ``begin([trial_config()], corpus=…, resume=…)``."""

    def begin_(trials: Sequence[TrialConfig], *, into: Store = store, **options: object) -> Session:
        how = {name: options.pop(name) for name in ("resume", "text_of") if name in options}
        given = {
            "config": BenchmarkConfig(architectures=tuple(dict.fromkeys(trial.architecture for trial in trials))),
            "corpus": corpus_facts(),
            "environment": environment(),
            "command": "python -m benchmark run",
        } | options
        plan = Plan(planned=tuple(planned_trial(trial, corpus=given["corpus"]) for trial in trials), **given)
        return open_session(into, plan, vocabulary_file, **how)

    return begin_


@pytest.fixture
def train() -> Callable[..., Path]:
    """Log a trial as its events come, up to its finished folder, which is returned."""

    def train_(session: Session, trial: TrialConfig, accuracy: float = 0.88, **changes: object) -> Path:
        session.start_trial(trial)
        folder = session.pending_folder / trial.folder_name
        result = write_trial_folder(folder, trial, accuracy, **changes)
        for epoch in result.epochs:
            session.log_epoch(trial, epoch)
        return folder

    return train_


@pytest.fixture
def run_benchmark(begin, train) -> Callable[..., str]:
    """Store a whole benchmark of trials that were never trained, and return its run's id."""

    def run(trials: Sequence[TrialConfig], accuracies: Sequence[float] = (), **options: object) -> str:
        corpus = options.get("corpus", corpus_facts())
        with begin(trials, **options) as session:
            for trial, accuracy in zip(trials, accuracies or [0.88] * len(trials), strict=True):
                session.store_trial(trial, train(session, trial, accuracy, corpus=corpus))
            session.finish("FINISHED")
        return session.run_id

    return run
