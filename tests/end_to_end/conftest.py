"""The real command in a subprocess, on 200 synthetic reviews, against a real MLflow store."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from benchmark.results import BenchmarkRecord
from tests.support.running_command import Ended, RunningCommand
from tests.support.terminal import layout_faults, run_in_terminal
from tracking.reader import find_run, read_benchmark
from tracking.store import Store, open_store

ROOT = Path(__file__).parents[2]
TINY = ("--data", "synthetic", "--max-reviews", "200", "--max-length", "50", "--epochs", "1")

# Architectures of a user's file. They wait or fail in a benchmark's trials, and not where their contract is checked.
OWN_FILE = '''
import os, resource, signal, time, traceback
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from models.registry import register_baseline


def in_trial():
    functions = {frame.name for frame in traceback.extract_stack()}
    return "run_trial" in functions and "check_architecture" not in functions


def words():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def held():
    """Wait in training until the test makes the file `go`."""
    if in_trial():
        open("training", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.02)
    return words()


def killed():
    if in_trial():
        os.kill(os.getpid(), signal.SIGKILL)
    return words()


def broken():
    if in_trial():
        raise RuntimeError("it cannot be built")
    return words()


@register_baseline("seeded", deterministic=False)
def seeded():
    return make_pipeline(TfidfVectorizer(), SGDClassifier("log_loss", max_iter=5, tol=None))


def too_large():
    """Leave the worker unable to write files; the last trial of a test."""
    if in_trial():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    return words()


def diverges(vocabulary_size, max_length):
    import keras

    return keras.Sequential([
        keras.Input((max_length,), dtype="int32"),
        keras.layers.Embedding(vocabulary_size, 4),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Rescaling(float("nan") if in_trial() else 1.0),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
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
        return read_benchmark(store, find_run(store, run, "benchmark"))

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

    def show(self, *words: str, exit_code: int = 0) -> str:
        """Run a command in a terminal of 80 columns, check its layout, and return what stays on the screen."""
        command = [sys.executable, "-m", "benchmark", *words]
        code, text = run_in_terminal(command, self.folder, self.environment())
        assert code == exit_code, text
        assert layout_faults(text) == [], text
        return text

    def json(self, *words: str) -> Any:
        ended = self.run(*words)
        assert ended.exit_code == 0, ended.all_output
        return json.loads(ended.output)

    def own_file(self) -> str:
        """Write a user's file of architectures into the folder; returns its name."""
        (self.folder / "nets.py").write_text(OWN_FILE)
        return "nets.py"


@pytest.fixture
def workspace(tmp_path, cache) -> Workspace:
    return Workspace(tmp_path, cache)


@pytest.fixture
def project_copy(tmp_path, cache) -> Workspace:
    """A copy of the project, whose own folder has the store; `mlflow run` hands on its path percent-encoded."""
    project = tmp_path / "My Überprojekt"
    project.mkdir()
    for name in ("benchmark", "models", "tracking"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "MLproject", "python_env.yaml"):
        shutil.copy(ROOT / name, project)
    return Workspace(project, cache, project)


def trial_runs(client: MlflowClient, benchmark_run_id: str) -> list[Run]:
    """Runs of a benchmark's trials, in the order in which they were started."""
    run = client.get_run(benchmark_run_id)
    children = f"tags.mlflow.parentRunId = '{benchmark_run_id}'"
    return list(client.search_runs([run.info.experiment_id], children, order_by=["attributes.start_time ASC"]))


@pytest.fixture(scope="session")
def finished(tmp_path_factory, cache) -> Workspace:
    """The tutorial's four networks and the baselines; one for all processes of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished_benchmark"
    shared.mkdir(exist_ok=True)
    workspace, printed = Workspace(shared, cache), shared / "printed.txt"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            two_seeds = "cnn_lstm@0-1,cnn_lstm_tensorboard@0-1"
            architectures = f"lstm@0,lstm_dropout@0,{two_seeds},baselines"
            ended = workspace.run("run", "--architectures", architectures, "--workers", "2", *TINY)
            assert ended.exit_code == 0, ended.all_output
            printed.write_text(ended.output)
    return workspace
