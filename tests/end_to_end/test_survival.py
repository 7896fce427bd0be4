"""What happens when something goes wrong in the middle: nothing finished is lost, and nothing lies."""

import os
import re
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.conftest import TINY, Workspace, trial_runs

pytestmark = pytest.mark.slow

TWO_TRIALS = ("run", "--architectures", "cnn_lstm,lstm_dropout", "--seeds", "0", *TINY)

FAILING_ARCHITECTURE = """
from models.registry import register_architecture
from models.tutorial import lstm

@register_architecture("broken", title="Broken")
def broken(vocabulary_size, review_length):
    raise RuntimeError("it cannot be built")
"""


def _statuses(workspace: Workspace, run_id: str) -> dict[str, str]:
    return {run.info.run_name: run.info.status for run in trial_runs(workspace.client, run_id)}


def _wait_for(process, pattern: str) -> str:
    seen = ""
    for line in process.stdout:
        seen += line
        if match := re.search(pattern, line):
            return match[0]
    raise AssertionError(f"{pattern!r} never came; it printed:\n{seen}\n{process.stderr.read()}")


def test_a_failing_trial_is_recorded_the_others_go_on_and_the_exit_code_is_1(project_copy):
    (project_copy.folder / "models" / "broken.py").write_text(FAILING_ARCHITECTURE)
    ended = project_copy.run("run", "--architectures", "broken,cnn_lstm", "--seeds", "0", *TINY)
    assert ended.exit_code == 1, ended.errors
    assert _statuses(project_copy, ended.run_id) == {"broken seed 0": "FAILED", "cnn_lstm seed 0": "FINISHED"}
    assert project_copy.client.get_run(ended.run_id).info.status == "FAILED"
    (failed,) = [run for run in trial_runs(project_copy.client, ended.run_id) if run.info.status == "FAILED"]
    traceback = project_copy.client.download_artifacts(failed.info.run_id, "failure.txt")
    assert "it cannot be built" in Path(traceback).read_text()
    (report,) = (project_copy.folder / "reports").iterdir()
    assert "1 of 2 trials" in (report / "report.md").read_text()
    assert "1 of 2 trials" in ended.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_in_good_order_and_resume_finishes_the_rest(workspace, number):
    process = workspace.start(*TWO_TRIALS)
    _wait_for(process, r"\[1/2\] cnn_lstm seed 0")
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + number, errors
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    run_id = re.search(r"--resume ([0-9a-f]{32})", output)[1]
    assert workspace.client.get_run(run_id).info.status == "KILLED"
    assert _statuses(workspace, run_id)["cnn_lstm seed 0"] == "FINISHED"
    assert "RUNNING" not in _statuses(workspace, run_id).values()
    (report,) = (workspace.folder / "reports").iterdir()
    assert "1 of 2 trials" in (report / "report.md").read_text()

    resumed = workspace.run("run", "--resume", run_id)
    assert resumed.exit_code == 0, resumed.errors
    assert "cnn_lstm seed 0, epoch" not in resumed.output
    assert workspace.client.get_run(run_id).info.status == "FINISHED"
    finished = [run.info.run_name for run in trial_runs(workspace.client, run_id) if run.info.status == "FINISHED"]
    assert sorted(finished) == ["cnn_lstm seed 0", "lstm_dropout seed 0"]


def test_a_killed_benchmark_leaves_no_worker_and_can_be_resumed(workspace):
    process = workspace.start(*TWO_TRIALS)
    _wait_for(process, r"\[1/2\] cnn_lstm seed 0")
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.errors
    statuses = [run.info.status for run in trial_runs(workspace.client, resumed.run_id)]
    assert statuses.count("FINISHED") == 2
    assert "RUNNING" not in statuses


def test_a_killed_worker_costs_one_trial(workspace):
    process = workspace.start(*TWO_TRIALS, "--retry-failed", "1")
    _wait_for(process, r"Device: ")
    worker = max(psutil.Process(process.pid).children(recursive=True), key=lambda child: child.memory_info().rss)
    os.kill(worker.pid, signal.SIGKILL)
    output, errors = process.communicate(timeout=180)
    assert process.returncode == 0, output + errors
    assert "killed by SIGKILL" in output
    run_id = re.search(r"benchmark run +([0-9a-f]{32})", output)[1]
    runs = trial_runs(workspace.client, run_id)
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED", "FINISHED"]


def test_a_second_signal_ends_at_once(workspace):
    process = workspace.start(*TWO_TRIALS)
    _wait_for(process, r"Device: ")
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (130, 128 + signal.SIGINT)
