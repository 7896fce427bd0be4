"""What happens when something goes wrong in the middle: nothing finished is lost, and nothing lies."""

import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.conftest import TINY, trial_runs, trial_statuses
from tests.support.running_command import wait_until

pytestmark = pytest.mark.slow

TWO_TRIALS = ("run", "--architectures", "cnn_lstm,lstm_dropout", "--seeds", "0", *TINY)

FAILING_ARCHITECTURE = """
from models.registry import register_architecture

@register_architecture("broken", title="Broken")
def broken(vocabulary_size, review_length):
    raise RuntimeError("it cannot be built")
"""


def test_the_plan_to_resume_tells_what_stays_and_what_is_trained_and_only_reads(workspace):
    process = workspace.start(*TWO_TRIALS)
    process.wait_for(r"\[1/2\] cnn_lstm seed 0")
    process.send_signal(signal.SIGINT)
    run_id = process.end().run_id
    database = (workspace.folder / "mlflow.db").read_bytes()
    planned = workspace.run("run", "--resume", run_id, "--dry-run")
    assert planned.exit_code == 0, planned.errors
    assert re.search(r"trials +2, ", planned.output)
    assert re.search(r"finished +1, kept as it is", planned.output)
    assert re.search(r"to train +1: lstm_dropout seed 0", planned.output)
    assert re.search(r"training +2 epochs", planned.output), "its own settings, not the defaults"
    forced = workspace.run("run", "--resume", "latest", "--force", "--dry-run")
    assert re.search(r"to train +2: cnn_lstm seed 0, lstm_dropout seed 0", forced.output)
    assert (workspace.folder / "mlflow.db").read_bytes() == database
    assert workspace.client.get_run(run_id).info.status == "KILLED"


def test_a_failing_trial_is_recorded_the_others_go_on_and_the_exit_code_is_1(project_copy):
    (project_copy.folder / "models" / "broken.py").write_text(FAILING_ARCHITECTURE)
    ended = project_copy.run("run", "--architectures", "broken,cnn_lstm", "--seeds", "0", *TINY)
    assert ended.exit_code == 1, ended.errors
    assert trial_statuses(project_copy.client, ended.run_id) == {
        "broken seed 0": "FAILED",
        "cnn_lstm seed 0": "FINISHED",
    }
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
    process.wait_for(r"\[1/2\] cnn_lstm seed 0")
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    ended = process.end()
    assert ended.exit_code == 128 + number, ended.errors
    assert "Stopped." in ended.output
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    run_id = re.search(r"--resume ([0-9a-f]{32})", ended.output)[1]
    assert workspace.client.get_run(run_id).info.status == "KILLED"
    assert trial_statuses(workspace.client, run_id)["cnn_lstm seed 0"] == "FINISHED"
    assert "RUNNING" not in trial_statuses(workspace.client, run_id).values()
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
    process.wait_for(r"\[1/2\] cnn_lstm seed 0")
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.errors
    statuses = [run.info.status for run in trial_runs(workspace.client, resumed.run_id)]
    assert statuses.count("FINISHED") == 2
    assert "RUNNING" not in statuses


def test_a_killed_worker_costs_one_trial(workspace):
    process = workspace.start(*TWO_TRIALS, "--retry-failed", "1")
    process.wait_for(r"Device: ")
    worker = max(psutil.Process(process.pid).children(recursive=True), key=lambda child: child.memory_info().rss)
    os.kill(worker.pid, signal.SIGKILL)
    ended = process.end(180)
    assert ended.exit_code == 0, ended.output + ended.errors
    assert "killed by SIGKILL" in ended.output
    runs = trial_runs(workspace.client, ended.run_id)
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED", "FINISHED"]


def _ignores(pid: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(re.search(r"SigIgn:\s*([0-9a-f]+)", status)[1], 16) & 1 << (number - 1))


def test_a_second_ctrl_c_ends_at_once_without_the_good_order_of_the_first(workspace):
    process = workspace.start(*TWO_TRIALS)
    process.wait_for(r"Device: ")
    process.send_signal(signal.SIGINT)
    wait_until(lambda: _ignores(process.pid, signal.SIGTERM), 30, lambda: "the first one was not heard")
    process.send_signal(signal.SIGINT)
    ended = process.end(20)
    assert ended.exit_code == 130
    assert "Stopped." not in ended.output  # as the first one alone ends
