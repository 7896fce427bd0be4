"""The real command in a subprocess, on 200 synthetic reviews, against a real MLflow store."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from benchmark.results import BenchmarkRecord
from tests.support.processes import only_one_process
from tests.support.running_command import Ended, RunningCommand
from tests.support.terminal import layout_faults, run_in_terminal
from tracking.reader import find_run, read_benchmark
from tracking.store import Store, open_store

ROOT = Path(__file__).parents[2]
TINY = ("--data", "synthetic", "--max-reviews", "200", "--max-length", "50", "--epochs", "1")

RUN = ("run", "--architectures", "cnn_lstm@0-1,majority_class,bag_of_words_svm,naive_bayes_logistic_5000", *TINY)

# Architectures of a user's file. They wait or fail in a benchmark's trials, and not where their contract is checked.
OWN_FILE = '''
import os, time, traceback
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from models.registry import register_baseline


def in_trial():
    functions = {frame.name for frame in traceback.extract_stack()}
    return "run_trial" in functions and "check_architecture" not in functions


def held():
    """Wait in training until the test makes the file `go`."""
    if in_trial():
        open("training", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.02)
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def broken():
    if in_trial():
        raise RuntimeError("it cannot be built")
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


@register_baseline("seeded", deterministic=False)
def seeded():
    return make_pipeline(TfidfVectorizer(), SGDClassifier("log_loss", max_iter=5, tol=None))
'''


@dataclass(frozen=True)
class Workspace:
    """A folder with a store of its own, in which the command is run."""

    folder: Path
    cache: Path
    project: Path = ROOT

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def store(self) -> Store:
        return open_store(self.tracking_uri, None, create=False)

    @property
    def client(self) -> MlflowClient:
        return self.store.client

    def record(self, run: str = "latest", store: Store | None = None) -> BenchmarkRecord:
        store = store or self.store
        return read_benchmark(store, find_run(store, run))

    def status(self, record: BenchmarkRecord) -> str:
        return self.client.get_run(record.run_id).info.status

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "IMDB_"))}
        return {
            **kept,
            "IMDB_BENCHMARK_CACHE": str(self.cache),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "SOURCE_DATE_EPOCH": "1300000000",
            "BROWSER": "true",  # the program `true` instead of a browser
            "PYTHONPATH": str(self.project),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **variables,
        }

    def start(self, *words: str, **variables: str) -> RunningCommand:
        command = [sys.executable, "-m", "benchmark", *words]
        return RunningCommand(command, self.folder, self.environment(**variables))

    def run(self, *words: str, **variables: str) -> Ended:
        return self.start(*words, **variables).end(280)

    def show(self, *words: str) -> str:
        """Run a command in a terminal of 80 columns, check its layout, and return what stays on the screen."""
        command = [sys.executable, "-m", "benchmark", *words]
        code, text = run_in_terminal(command, self.folder, self.environment())
        assert code == 0, text
        assert layout_faults(text) == [], text
        return text

    def own_file(self) -> str:
        """Write a user's file of architectures into the folder; returns its name."""
        (self.folder / "nets.py").write_text(OWN_FILE)
        return "nets.py"


@pytest.fixture
def fresh_workspace(tmp_path, cache) -> Workspace:
    return Workspace(tmp_path, cache)


@pytest.fixture(scope="session")
def make_workspace(template, cache) -> Callable[[Path], Workspace]:
    """Make a workspace of a folder, with an initialised store."""

    def make(folder: Path) -> Workspace:
        shutil.copy(template, folder)
        return Workspace(folder, cache)

    return make


@pytest.fixture
def workspace(tmp_path, make_workspace) -> Workspace:
    return make_workspace(tmp_path)


def trial_runs(client: MlflowClient, benchmark_run_id: str) -> list[Run]:
    """Runs of a benchmark's trials, in the order in which they were started."""
    run = client.get_run(benchmark_run_id)
    children = f"tags.mlflow.parentRunId = '{benchmark_run_id}'"
    return list(client.search_runs([run.info.experiment_id], children, order_by=["attributes.start_time ASC"]))


@pytest.fixture(scope="session")
def finished(shared_folder, cache) -> Workspace:
    """A network with two seeds and three baselines, trained in a terminal; one for all processes of pytest-xdist."""
    workspace = Workspace(shared_folder / "finished_benchmark", cache)
    printed = workspace.folder / "printed.txt"
    with only_one_process(workspace.folder):
        if not printed.exists():
            printed.write_text(workspace.show(*RUN, "--workers", "1"))
    return workspace
