"""A fresh MLflow store for each test, beside nothing else."""

import os
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import tracking  # noqa: F401  (before MLflow: it turns telemetry off)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
    import mlflow.pyfunc  # noqa: F401

from benchmark.config import BenchmarkConfig
from benchmark.corpus import Corpus, Vocabulary
from benchmark.results import BenchmarkRecord, CorpusFacts, TrialRecord
from tests.support.records import make_corpus_facts
from tests.support.tiny_benchmark import run_tiny_benchmark
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import Store, open_store


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT"):
        monkeypatch.setenv(name, os.environ.get(name, "3"))
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised SQLite store; making one takes MLflow a second, copying it nothing."""
    folder = tmp_path_factory.mktemp("database")
    open_store(f"sqlite:///{folder}/mlflow.db", "unused")
    return folder / "mlflow.db"


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Path:
    path = tmp_path / "store" / "mlflow.db"
    path.parent.mkdir()
    shutil.copyfile(empty_database, path)
    return path


@pytest.fixture
def store(database: Path) -> Store:
    return open_store(f"sqlite:///{database}", "test")


@dataclass(frozen=True)
class TinyBenchmark:
    """A benchmark that really was trained, on generated reviews, with what is needed to look at it."""

    tracking_uri: str
    run_id: str
    corpus: Corpus
    record: BenchmarkRecord

    @property
    def trial(self) -> TrialRecord:
        return self.record.trials[0]

    @property
    def environment(self) -> dict[str, str]:
        """For a process that uses the store as a user would: no repository on its path, no pickles."""
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return keep | {
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }


@pytest.fixture(scope="session")
def tiny_benchmark(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> TinyBenchmark:
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copyfile(empty_database, folder / "mlflow.db")
    store = open_store(f"sqlite:///{folder}/mlflow.db", "tiny")
    tracker, corpus = run_tiny_benchmark(store, folder)
    return TinyBenchmark(store.tracking_uri, tracker.run_id, corpus, read_benchmark(store.client, tracker.run_id))


@pytest.fixture
def vocabulary_file(tmp_path: Path) -> Path:
    Vocabulary(["the", "film", "wonderful", "awful", "plot"]).save(tmp_path / "vocabulary.txt")
    return tmp_path / "vocabulary.txt"


@pytest.fixture
def open_tracker(store: Store, vocabulary_file: Path) -> Callable[..., BenchmarkTracker]:
    """Open a tracker on the test's store: ``open_tracker(config, corpus=..., resume_run_id=...)``."""

    def open_(config: BenchmarkConfig, corpus: CorpusFacts | None = None, **options: object) -> BenchmarkTracker:
        return BenchmarkTracker.open(
            store, config, corpus or make_corpus_facts(), vocabulary_file, "python -m benchmark run", **options
        )

    return open_
