"""The benchmark under `mlflow run`, with a server, and after the UI was started first."""

import re
import signal
import subprocess
import sys

import psutil
import pytest
from mlflow import MlflowClient

from tests.end_to_end.conftest import TINY, trial_runs, trial_statuses
from tests.support.running_command import RunningCommand
from tests.support.tracking_server import mlflow_server

pytestmark = pytest.mark.slow

ONE_TRIAL = {
    "architectures": "cnn_lstm",
    "seeds": "0",
    "epochs": "1",
    "data": "generated",
    "limit": "128",
    "review_length": "40",
    "vocabulary_size": "300",
}


def _mlflow_run(workspace, **parameters):
    words = [word for name, value in (ONE_TRIAL | parameters).items() for word in ("-P", f"{name}={value}")]
    command = [sys.executable, "-m", "mlflow", "run", ".", "-e", "benchmark", "--env-manager", "local", *words]
    return RunningCommand(command, workspace.folder, workspace.environment())


def test_mlflow_run_makes_its_own_run_the_benchmark_run(project_copy):
    ended = _mlflow_run(project_copy).end(240)
    assert ended.exit_code == 0, ended.output + ended.errors
    run_id = re.search(r"in run with ID '([0-9a-f]{32})'", ended.errors)[1]
    run = project_copy.client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["config.architectures"]
    assert [child.info.run_name for child in trial_runs(project_copy.client, run_id)] == ["cnn_lstm seed 0"]
    assert any(item.path == "report" for item in project_copy.client.list_artifacts(run_id))


def test_sigterm_to_mlflow_run_ends_the_benchmark_and_its_trial_as_killed_and_leaves_no_process(project_copy):
    command = _mlflow_run(project_copy, epochs="1000")
    command.wait_for("epoch 1/")
    started = psutil.Process(command.pid).children(recursive=True)
    command.send_signal(signal.SIGTERM)
    ended = command.end(60)
    assert ended.exit_code != 0
    _, left = psutil.wait_procs(started, timeout=60)
    assert not left
    run_id = re.search(r"in run with ID '([0-9a-f]{32})'", ended.errors)[1]
    assert project_copy.client.get_run(run_id).info.status == "KILLED"
    assert trial_statuses(project_copy.client, run_id) == {"cnn_lstm seed 0": "KILLED"}


def test_a_refusal_under_mlflow_run_fails_the_run(project_copy):
    ended = subprocess.run(
        [sys.executable, "-m", "mlflow", "run", ".", "-e", "benchmark", "--env-manager", "local", "-P", "seeds=7,7"],
        cwd=project_copy.folder,
        env=project_copy.environment(),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode != 0
    assert "--seeds" in ended.stderr
    run_id = re.search(r"in run with ID '([0-9a-f]{32})'", ended.stderr)[1]
    assert project_copy.client.get_run(run_id).info.status == "FAILED"


def test_without_a_tracking_uri_everything_is_beside_mlproject(project_copy, tmp_path):
    words = ("run", "--architectures", "cnn_lstm", "--seeds", "0", *TINY, "--output", str(tmp_path / "reports"))
    environment = {name: value for name, value in project_copy.environment().items() if name != "MLFLOW_TRACKING_URI"}
    ended = subprocess.run(
        [sys.executable, "-m", "benchmark", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr
    assert (project_copy.folder / "mlflow.db").is_file()
    assert (project_copy.folder / "mlruns").is_dir()
    assert not (tmp_path / "mlflow.db").exists()


def test_with_a_tracking_server(workspace):
    server = ("server", "--backend-store-uri", workspace.tracking_uri, "--artifacts-destination", "artifacts")
    with mlflow_server(workspace.folder, workspace.environment(), *server) as uri:
        ended = workspace.run("run", "--architectures", "cnn_lstm", "--seeds", "0", *TINY, MLFLOW_TRACKING_URI=uri)
        assert ended.exit_code == 0, ended.output + ended.errors
        client = MlflowClient(uri)
        assert [run.info.status for run in trial_runs(client, ended.run_id)] == ["FINISHED"]
        assert any(item.path == "report" for item in client.list_artifacts(ended.run_id))


def test_after_the_ui_was_started_first_in_an_empty_folder(workspace):
    with mlflow_server(workspace.folder, workspace.environment(), "ui", "--backend-store-uri", workspace.tracking_uri):
        ended = workspace.run("run", "--architectures", "cnn_lstm", "--seeds", "0", *TINY)
    assert ended.exit_code == 0, ended.output + ended.errors
    assert [run.info.status for run in trial_runs(workspace.client, ended.run_id)] == ["FINISHED"]
