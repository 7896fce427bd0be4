"""Kills, full disks, locked and absent stores, losses that are no number: nothing is lost, doubled or taken as done."""

import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient

from benchmark.results import RESULT_FILE
from tests.end_to_end.conftest import ROOT, TINY, Workspace, trial_runs, trial_statuses
from tests.support.running_command import RunningCommand, wait_until
from tests.support.tracking_server import free_port, mlflow_server

pytestmark = pytest.mark.slow

ONE_TRIAL = ("run", "--architectures", "cnn_lstm", "--seeds", "0", *TINY)
TWO_TRIALS = ("run", "--architectures", "cnn_lstm,lstm_dropout", "--seeds", "0", *TINY)

DIVERGING_ARCHITECTURE = """
from models.registry import register_architecture

@register_architecture("diverging", title="Diverges in its second epoch")
def diverging(vocabulary_size, review_length):
    import keras

    class NoNumberAfter(keras.layers.Layer):
        def build(self, shape):
            self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x, training=False):
            if training:
                self.steps.assign_add(1.0)
            return x * keras.ops.where(self.steps > 4, float("nan"), 1.0)

    return keras.Sequential([
        keras.Input((review_length,), dtype="int32"),
        keras.layers.Embedding(vocabulary_size, 4),
        keras.layers.GlobalAveragePooling1D(),
        NoNumberAfter(),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
"""


def _only_line(errors: str) -> str:
    (line,) = errors.strip().splitlines()
    return line


def test_a_benchmark_killed_at_random_moments_ends_as_one_that_nobody_killed(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "kill_and_resume.py"), "--folder", str(tmp_path)]
    short = ["--kills", "2", "--seed", "3", "--architectures", "cnn_lstm,lstm_dropout", "--seeds", "0"]
    ended = subprocess.run([*script, *short], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 times SIGKILL" in ended.stdout


def test_the_doctor_marks_a_killed_benchmark_and_the_same_one_again_offers_to_resume_it(workspace):
    long = (*ONE_TRIAL, "--epochs", "1000")
    killed = workspace.start(*long)
    killed.wait_for("epoch 1/")
    second = workspace.run("run", "--resume", "latest")
    assert second.exit_code == 2
    assert "still running" in _only_line(second.errors)
    killed.kill()

    sick = workspace.run("doctor")
    assert sick.exit_code == 1
    assert re.search(r"runs: wrong: .*is RUNNING in MLflow, and its process is gone", sick.output)
    assert "runs: mended" in workspace.run("doctor", "--fix").output
    experiment = workspace.client.get_experiment_by_name("imdb-benchmark")
    (run,) = workspace.client.search_runs([experiment.experiment_id], "tags.`benchmark.kind` = 'benchmark'")
    assert run.info.status == "KILLED"

    again = workspace.start(*long)
    offer = again.wait_for("begun before")
    again.kill()
    assert f"python -m benchmark run --resume {run.info.run_id}" in offer


def _wait_until_it_says(process: RunningCommand, words: str) -> None:
    """On its error output; a process that ended without it never met the fault."""

    def said() -> bool:
        ended = process.process.poll() is not None
        assert words in process.errors or not ended, f"it ended without {words!r}:\n{process.output}\n{process.errors}"
        return words in process.errors

    wait_until(said, 180, lambda: f"{words!r} never came:\n{process.output}\n{process.errors}")


def test_a_tracking_server_that_goes_away_until_all_is_trained_costs_nothing(workspace):
    port = free_port()
    words = ("server", "--backend-store-uri", workspace.tracking_uri, "--artifacts-destination", "artifacts")
    server = (workspace.folder, workspace.environment(), *words)
    with mlflow_server(*server, port=port) as uri:
        process = workspace.start(*TWO_TRIALS, MLFLOW_TRACKING_URI=uri)
        process.wait_for(r"cnn_lstm seed 0, epoch 1")
    _wait_until_it_says(process, "the MLflow store does not answer; it is waited for")
    with mlflow_server(*server, port=port) as uri:
        ended = process.end()
        assert ended.exit_code == 0, ended.output + ended.errors
        assert "View run" not in ended.output
        assert "model version to finish creation" not in ended.output + ended.errors
        client = MlflowClient(uri)
        assert trial_statuses(client, ended.run_id) == {
            "cnn_lstm seed 0": "FINISHED",
            "lstm_dropout seed 0": "FINISHED",
        }
        for run in trial_runs(client, ended.run_id):
            assert [metric.step for metric in client.get_metric_history(run.info.run_id, "val_accuracy")] == [1, 2]
            assert len(client.get_metric_history(run.info.run_id, "test_accuracy")) == 1
        assert len(client.search_model_versions()) == 2


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_store_is_told_in_one_line_before_anything_is_trained(workspace):
    with closing(sqlite3.connect(workspace.folder / "mlflow.db")) as database:
        database.execute("CREATE TABLE something (column)")
    with _locked(workspace.folder / "mlflow.db"):
        ended = workspace.run(*ONE_TRIAL)
    assert ended.exit_code == 2
    assert "database is locked; another process holds it" in _only_line(ended.errors)


def test_a_store_that_is_locked_while_a_trial_ends_is_waited_for(workspace):
    def trained() -> set[Path]:
        return set(workspace.cache.glob(f"spool/*/*/{RESULT_FILE}"))

    before = trained()
    process = workspace.start(*ONE_TRIAL)
    process.wait_for("Device")
    with _locked(workspace.folder / "mlflow.db"):
        assert trained() == before, "it was over before the lock was there"
        wait_until(
            lambda: trained() - before, 180, lambda: f"no trial was trained:\n{process.output}\n{process.errors}"
        )
        # within MLflow's own patience; how we wait beyond that is tested in tests/tracking/test_runs.py
    ended = process.end()
    assert ended.exit_code == 0, ended.output + ended.errors
    assert trial_statuses(workspace.client, ended.run_id) == {"cnn_lstm seed 0": "FINISHED"}
    assert trained() == before


def _mount(folder: Path, options: str) -> None:
    """Mount a file system in memory, or change how it is mounted."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """Three megabytes: room for MLflow's database, but not for a model as well."""
    folder = tmp_path / "small"
    folder.mkdir()
    _mount(folder, "size=3m")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_told_in_one_line_and_the_finished_trial_is_sent_when_there_is_room(small_disk, cache):
    workspace = Workspace(small_disk, cache)
    large = ("--vocabulary-size", "5000")
    full = workspace.run(*ONE_TRIAL, *large)
    assert full.exit_code == 2, full.output
    assert "takes no more results" in _only_line(full.errors)
    run_id = re.search(r"--resume ([0-9a-f]{32})", full.errors)[1]
    assert "FINISHED" not in trial_statuses(workspace.client, run_id).values()

    _mount(small_disk, "remount,size=40m")
    resumed = workspace.run("run", "--resume", run_id)
    assert resumed.exit_code == 0, resumed.errors
    assert "cnn_lstm-seed-0 had finished, and is now stored" in resumed.output
    assert "epoch 1" not in resumed.output
    assert list(trial_statuses(workspace.client, run_id).values()) == ["FINISHED"]


def test_a_trial_whose_files_cannot_be_written_has_failed_and_the_next_one_runs(workspace):
    process = workspace.start(*TWO_TRIALS, "--vocabulary-size", "5000")
    process.wait_for("Device")
    (worker,) = [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]
    limits = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    process.wait_for(r"\[1/2\] cnn_lstm seed 0: FAILED: .*File too large")
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, limits)
    ended = process.end()
    assert ended.exit_code == 1, ended.output + ended.errors
    assert trial_statuses(workspace.client, ended.run_id) == {
        "cnn_lstm seed 0": "FAILED",
        "lstm_dropout seed 0": "FINISHED",
    }


@pytest.mark.parametrize("option", ["--output", "--tracking-uri"])
def test_a_folder_that_cannot_be_written_is_told_in_one_line_before_anything_is_trained(workspace, small_disk, option):
    _mount(small_disk, "remount,ro")
    ended = workspace.run(*ONE_TRIAL, option, f"{'sqlite:///' if option == '--tracking-uri' else ''}{small_disk}/new")
    assert ended.exit_code == 2
    assert f"{small_disk}/new" in _only_line(ended.errors)
    assert "Device" not in ended.output


def test_a_loss_that_is_no_number_fails_the_trial_early_with_its_last_healthy_epoch(project_copy):
    (project_copy.folder / "models" / "diverging.py").write_text(DIVERGING_ARCHITECTURE)
    ended = project_copy.run("run", "--architectures", "diverging", "--seeds", "0", *TINY, "--epochs", "50")
    assert ended.exit_code == 1, ended.errors
    (run,) = trial_runs(project_copy.client, ended.run_id)
    assert run.info.status == "FAILED"
    failure = run.data.tags["benchmark.failure"]
    assert "in epoch 2, the loss is nan after step" in failure
    assert "last healthy epoch: 1" in failure
    assert [metric.step for metric in project_copy.client.get_metric_history(run.info.run_id, "loss")] == [1]
    assert "0 of 1 trials" in ended.output
