"""The real command in a subprocess, on a few hundred generated reviews, against a real MLflow store."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from tests.support.running_command import Ended, RunningCommand

ROOT = Path(__file__).parents[2]
TINY = ("--data", "generated", "--limit", "160", "--review-length", "40", "--vocabulary-size", "300", "--epochs", "2")


@dataclass(frozen=True)
class Workspace:
    """A folder with a store of its own, and a way to run the command there."""

    folder: Path
    cache: Path
    project: Path = ROOT

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(self.tracking_uri)

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "IMDB_"))}
        return {
            **kept,
            "IMDB_BENCHMARK_CACHE": str(self.cache),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "SOURCE_DATE_EPOCH": "1300000000",
            "PYTHONPATH": str(self.project),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **variables,
        }

    def start(self, *words: str, **variables: str) -> RunningCommand:
        command = [sys.executable, "-m", "benchmark", *words]
        return RunningCommand(command, self.folder, self.environment(**variables))

    def run(self, *words: str, **variables: str) -> Ended:
        return self.start(*words, **variables).end(240)


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def workspace(tmp_path, cache) -> Workspace:
    return Workspace(tmp_path, cache)


@pytest.fixture
def project_copy(tmp_path, cache) -> Workspace:
    """A copy of the project, so that a test can add a file or use the default store."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("benchmark", "models", "tracking"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("requirements*"), ROOT / "MLproject", ROOT / "python_env.yaml"):
        shutil.copy(path, project)
    return Workspace(project, cache, project)


def trial_runs(client: MlflowClient, benchmark_run_id: str) -> list[Run]:
    """Runs of a benchmark's trials, in the order in which they were started."""
    run = client.get_run(benchmark_run_id)
    children = f"tags.mlflow.parentRunId = '{benchmark_run_id}'"
    return list(client.search_runs([run.info.experiment_id], children, order_by=["attributes.start_time ASC"]))


def trial_statuses(client: MlflowClient, benchmark_run_id: str) -> dict[str, str]:
    """Status of each trial by its run's name; of a trial that ran twice, the later one."""
    return {run.info.run_name: run.info.status for run in trial_runs(client, benchmark_run_id)}


@dataclass(frozen=True)
class Benchmark:
    """The benchmark that most tests look at: three architectures, two seeds."""

    workspace: Workspace
    ended: Ended

    @property
    def benchmark_run(self) -> Run:
        return self.workspace.client.get_run(self.ended.run_id)

    @property
    def trial_runs(self) -> list[Run]:
        return trial_runs(self.workspace.client, self.ended.run_id)


@pytest.fixture(scope="session")
def finished_benchmark(tmp_path_factory, cache) -> Benchmark:
    workspace = Workspace(tmp_path_factory.mktemp("benchmark"), cache)
    ended = workspace.run(
        "run", "--architectures", "lstm_dropout,cnn_lstm,cnn_lstm_tensorboard", "--seeds", "0,1", *TINY
    )
    assert ended.exit_code == 0, ended.output + ended.errors
    return Benchmark(workspace, ended)
