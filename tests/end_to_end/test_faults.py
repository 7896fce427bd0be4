"""Faults in the middle of a benchmark: a trial fails with its reason, the others go on, nothing is lost or doubled."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.conftest import TINY, trial_runs
from tests.support.running_command import wait_until
from tests.support.tracking_server import free_port, mlflow_server
from tracking.store import open_store

pytestmark = pytest.mark.slow


def _training(workspace, process) -> None:
    wait_until(lambda: (workspace.folder / "training").exists(), lambda: f"nothing trains:\n{process.output}")


def _go(workspace) -> None:
    (workspace.folder / "go").touch()


def test_a_failing_trial_has_its_reason_and_the_others_go_on(workspace):
    architectures = f"{workspace.own_file()}:broken,majority_class"
    ended = workspace.run("run", "--architectures", architectures, *TINY)
    assert ended.exit_code == 1, ended.all_output
    record, client = workspace.record(), workspace.client
    trials = {trial.config.architecture: trial for trial in record.trials}
    assert {name: trial.status for name, trial in trials.items()} == {"broken": "failed", "majority_class": "finished"}
    assert "it cannot be built" in trials["broken"].failure
    assert workspace.status(record) == "FAILED"
    (report,) = (workspace.folder / "reports").iterdir()
    assert "1 of 2 trials" in (report / "report.md").read_text()
    assert "1 of 2 trials" in ended.output
    assert "broken failed: RuntimeError: it cannot be built" in ended.output
    traceback = client.list_artifacts(trials["broken"].run_id)
    (path,) = [item.path for item in traceback if item.path.endswith(".txt")]
    text = Path(client.download_artifacts(trials["broken"].run_id, path, str(workspace.folder))).read_text()
    assert "RuntimeError: it cannot be built" in text


def test_a_server_that_is_away_for_a_whole_trial_costs_nothing(workspace):
    nets = workspace.own_file()
    port = free_port()
    serve = ("server", "--backend-store-uri", workspace.tracking_uri, "--artifacts-destination", "artifacts")
    server = (workspace.folder, workspace.environment(MLFLOW_HTTP_REQUEST_MAX_RETRIES="1"), *serve)
    short = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
    with mlflow_server(*server, port=port) as uri:
        words = ("run", "--architectures", f"{nets}:held,majority_class", *TINY)
        process = workspace.start(*words, MLFLOW_TRACKING_URI=uri, **short)
        _training(workspace, process)
    _go(workspace)
    process.wait_for(r"\[2/2\] ")
    with mlflow_server(*server, port=port) as uri:
        ended = process.end(180)
        assert ended.exit_code == 0, ended.all_output
        store = open_store(uri, None, create=False)
        record = workspace.record(store=store)
        assert record.complete
        runs = trial_runs(store.client, record.run_id)
        assert [run.info.status for run in runs] == ["FINISHED", "FINISHED"]
        assert len(store.client.search_model_versions()) == 2
        for run in runs:
            assert len(store.client.get_metric_history(run.info.run_id, "test/accuracy")) == 1


def test_two_benchmarks_at_once_on_a_fresh_store(fresh_workspace):
    processes = [fresh_workspace.start("run", "--architectures", "majority_class", *TINY) for _ in range(2)]
    for process in processes:
        ended = process.end()
        assert ended.exit_code == 0, ended.all_output
        assert ended.errors == ""  # also of MLflow's own messages
    records = [fresh_workspace.record(run) for run in ("latest", "previous")]
    assert [record.complete for record in records] == [True, True]
    assert len({record.run_id for record in records}) == 2


def _mount(folder: Path, options: str) -> None:
    """Mount a file system in memory, or change its size."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")


@pytest.fixture
def small_disk(workspace) -> Iterator[Path]:
    """Room for MLflow's database and nothing more, where the artifacts of the store go."""
    folder = workspace.folder / "mlruns"
    folder.mkdir()
    _mount(folder, "size=40k")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_the_finished_trial_is_stored_when_there_is_room(workspace, small_disk):
    full = workspace.run("run", "--architectures", "naive_bayes_logistic", *TINY)
    assert full.exit_code in (1, 2), full.all_output
    assert "Traceback" not in full.output + full.errors
    assert "No space left" in full.output + full.errors
    _mount(small_disk, "remount,size=40m")
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.all_output
    assert "[1/" not in resumed.output, "it was trained again"
    record = workspace.record()
    assert record.complete
    assert [run.info.status for run in trial_runs(workspace.client, record.run_id)].count("FINISHED") == 1


def test_ctrl_c_leaves_no_process_and_no_running_run_and_the_rest_can_be_resumed(workspace):
    nets = workspace.own_file()
    process = workspace.start("run", "--architectures", f"majority_class,{nets}:held", *TINY)
    _training(workspace, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    ended = process.end(60)
    assert ended.exit_code == 128 + signal.SIGINT, ended.all_output
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    record = workspace.record()
    assert workspace.status(record) == "KILLED"
    runs = trial_runs(workspace.client, record.run_id)
    assert "RUNNING" not in [run.info.status for run in runs]
    _go(workspace)
    resumed = workspace.run("run", "--resume", record.run_id[:8])
    assert resumed.exit_code == 0, resumed.all_output
    assert workspace.record().complete
    finished = [run for run in trial_runs(workspace.client, record.run_id) if run.info.status == "FINISHED"]
    assert len(finished) == 2
