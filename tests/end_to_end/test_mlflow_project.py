"""The entry points of MLproject under `mlflow run`."""

import re
import shutil
import signal
import sys

import psutil
import pytest

from tests.end_to_end.conftest import ROOT, Workspace, trial_runs
from tests.support.running_command import RunningCommand, wait_until

pytestmark = pytest.mark.slow

TINY = {"data": "synthetic", "max_reviews": "200", "max_length": "50", "epochs": "1", "architectures": "majority_class"}


@pytest.fixture(scope="module")
def project_copy(tmp_path_factory, cache) -> Workspace:
    """A copy of the project, whose own folder has the store; `mlflow run` hands on its path percent-encoded."""
    project = tmp_path_factory.mktemp("copy") / "My Überprojekt"
    for name in ("benchmark", "models", "tracking"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "MLproject", "python_env.yaml"):
        shutil.copy(ROOT / name, project)
    return Workspace(project, cache, project)


def _mlflow_run(workspace, **parameters: str) -> RunningCommand:
    words = [word for name, value in (TINY | parameters).items() for word in ("-P", f"{name}={value}")]
    command = [sys.executable, "-m", "mlflow", "run", ".", "-e", "benchmark", "--env-manager", "local", *words]
    environment = workspace.environment()
    del environment["MLFLOW_TRACKING_URI"]  # MLflow's own default
    return RunningCommand(command, workspace.folder, environment)


def _started_run(output: str) -> str:
    return re.search(r"in run with ID '([0-9a-f]{32})'", output)[1]


def test_mlflow_run_ends_well_and_its_benchmark_is_found(project_copy):
    ended = _mlflow_run(project_copy).end(240)
    assert ended.exit_code == 0, ended.all_output
    record = project_copy.record()
    assert record.complete
    assert list((project_copy.folder / "mlruns").rglob("report.html"))
    started = project_copy.client.get_run(_started_run(ended.errors))
    assert (started.info.status, started.info.run_name) == ("FINISHED", "see experiment imdb-benchmark")
    assert f"#/experiments/{record.experiment_id}/" in started.data.tags["mlflow.note.content"]


def test_sigterm_to_mlflow_run_leaves_no_process_and_no_running_trial(project_copy):
    nets = project_copy.own_file()
    command = _mlflow_run(project_copy, architectures=f"{nets}:held")
    wait_until(lambda: (project_copy.folder / "training").exists(), lambda: command.output, 120)
    family = psutil.Process(command.pid).children(recursive=True)
    command.send_signal(signal.SIGTERM)
    assert command.end(60).exit_code != 0
    _, left = psutil.wait_procs(family, timeout=60)
    assert not left
    record = project_copy.record()
    assert project_copy.status(record) == "KILLED"
    assert "RUNNING" not in [run.info.status for run in trial_runs(project_copy.client, record.run_id)]
