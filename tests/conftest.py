"""What all tests share: a cache of their own, no store of the user's, and the real reviews where there are any."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
from hypothesis import HealthCheck, settings

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.load import load_corpus
from tests.support.processes import only_one_process

# as in a worker: TensorFlow reads them when a test first uses it
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"

# what a test starts has to notice a closed terminal, also where the tests themselves run under nohup
signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("loaded machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loaded machine")

SHARED_REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "aclImdb_labelled.tar.gz"
REAL_REVIEWS = Path(os.environ.get("IMDB_DATA", SHARED_REVIEWS))


def pytest_xdist_auto_num_workers() -> int:
    """Start one process more than there are cores: many tests wait for a command that they started."""
    return joblib.cpu_count() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the files with slow tests first, so that at the end no process waits for another."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: ("end_to_end" not in item.path.parts, item.path not in slow))


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory) -> Iterator[Path]:
    """The cache of corpora and pending trials, for this test session only."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID"):
            patch.delenv(name, raising=False)
        patch.delenv("IMDB_DATA", raising=False)
        patch.setenv("IMDB_BENCHMARK_CACHE", str(folder))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        yield folder


@pytest.fixture(autouse=True)
def own_files_are_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> Iterator[None]:
    """Forget the modules that a test imported from a file that it wrote: another test may have one of the same name."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    written = str(tmp_path_factory.getbasetemp())
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(written):
            del sys.modules[name]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder of all processes of pytest-xdist, for what is made once."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def template(shared_folder) -> Path:
    """An initialised SQLite file; making one takes MLflow seconds."""
    database = shared_folder / "template" / "mlflow.db"
    with only_one_process(database.parent):
        if not database.exists():
            from tracking.store import open_store

            open_store(f"sqlite:///{database}", "unused", create=True)
    return database


@pytest.fixture(scope="session")
def real_corpus(shared_folder) -> Corpus:
    """The real reviews; mark the test `real_corpus`."""
    if not REAL_REVIEWS.exists():
        pytest.skip(f"the real reviews are not at $IMDB_DATA ({REAL_REVIEWS.name})")
    with pytest.MonkeyPatch.context() as patch, only_one_process(shared_folder / "real_corpus"):
        patch.setenv("IMDB_BENCHMARK_CACHE", str(shared_folder / "real_corpus"))
        return load_corpus(str(REAL_REVIEWS))
