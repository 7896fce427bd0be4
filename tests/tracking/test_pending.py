"""A finished trial is stored once, whatever happens while it is sent."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from requests.exceptions import ConnectionError as ServerAway

from benchmark.errors import UserError
from benchmark.trial_folder import read_result
from tests.support.records import corpus_facts, trial_config, write_trial_folder
from tests.support.unreliable_client import Killed, unreliable
from tracking.model_log import pack_vocabulary
from tracking.pending import (
    LOCK_TAG,
    benchmark_lock,
    has_ended,
    lock_name,
    mark_stale_runs_killed,
    pending_folder,
    send,
    send_all_pending,
    waiting_trials,
    write_manifest,
)
from tracking.store import PROJECT, Store, later_ms, open_store
from tracking.trial_log import Manifest

TRIAL = trial_config("cnn_lstm", 7)


def leave_trial(store: Store, vocabulary_file: Path) -> Manifest:
    """Leave a finished trial as a process does that is killed before it stores it."""
    parent = store.client.create_run(store.experiment_id, tags={"benchmark.kind": "benchmark"}).info.run_id
    store.client.set_tag(parent, LOCK_TAG, lock_name(parent))
    manifest = Manifest(
        tracking_uri=store.uri,
        experiment_id=store.experiment_id,
        benchmark_run_id=parent,
        started_ms=1_700_000_000_000,
        trial=TRIAL,
        corpus=corpus_facts(),
    )
    write_trial_folder(pending_folder(parent) / TRIAL.folder_name, TRIAL)
    pack_vocabulary(vocabulary_file, pending_folder(parent))
    write_manifest(manifest)
    return manifest


@pytest.fixture
def manifest(store: Store, vocabulary_file: Path) -> Manifest:
    return leave_trial(store, vocabulary_file)


def assert_stored_once(store: Store, manifest: Manifest) -> None:
    mark_stale_runs_killed(store)
    runs = store.search("tags.`benchmark.kind` = 'trial'")
    (run,) = [run for run in runs if run.info.status != "KILLED"]
    assert run.info.status == "FINISHED"
    assert "benchmark.failure" not in run.data.tags
    assert len(store.client.search_model_versions("name = 'imdb-cnn_lstm'")) == 1
    (logged,) = store.client.search_logged_models([store.experiment_id])
    assert logged.status == "READY"
    assert [metric.step for metric in store.client.get_metric_history(run.info.run_id, "test/accuracy")] == [1, 2, 3]
    assert len(run.inputs.dataset_inputs) == 2
    assert not pending_folder(manifest.benchmark_run_id).exists()
    assert send_all_pending(store) == []


def test_a_kill_after_any_call_and_sending_again_stores_the_trial_once(
    template: Path, tmp_path: Path, vocabulary_file: Path
) -> None:
    kills = 0
    for call in itertools.count(1):
        folder = tmp_path / f"call {call}"
        folder.mkdir()
        shutil.copyfile(template, folder / "mlflow.db")
        store = open_store(f"sqlite:///{folder}/mlflow.db", "test", create=True)
        manifest = leave_trial(store, vocabulary_file)
        dying, _ = unreliable(store, die_after=call)
        try:
            send(dying, manifest)
        except Killed:
            kills += 1
            send_all_pending(store)
            assert_stored_once(store, manifest)
        else:
            break
    assert kills


def test_a_store_that_goes_away_in_the_middle_gets_the_trial_once(store: Store, manifest, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise ServerAway("connection refused")

    with benchmark_lock(manifest.benchmark_run_id):
        with monkeypatch.context() as patch:
            patch.setattr(store.client, "update_model_version", away)
            with pytest.raises(ServerAway):
                send(store, manifest)
        send(store, manifest)
    assert_stored_once(store, manifest)


def test_a_trial_of_another_store_or_of_a_benchmark_that_runs_is_left_alone(store: Store, manifest) -> None:
    assert send_all_pending(replace(store, uri="sqlite:////another.db")) == []
    with benchmark_lock(manifest.benchmark_run_id):
        assert send_all_pending(store) == []
    assert len(waiting_trials(manifest.benchmark_run_id)) == 1


def test_a_finished_trial_of_another_version_of_the_program_is_kept(store: Store, manifest) -> None:
    folder = pending_folder(manifest.benchmark_run_id)
    (path,) = folder.glob("*.json")
    path.write_text('{"unknown": 1}', encoding="utf-8")
    assert send_all_pending(store) == []
    assert read_result(folder / TRIAL.folder_name).config == TRIAL


def test_a_trial_that_the_store_refuses_stays_pending_with_the_reason(store: Store, manifest) -> None:
    full, client = unreliable(store)
    client.error = OSError(28, "No space left on device")
    (line,) = send_all_pending(full)
    assert "is still pending" in line
    assert "No space left on device" in line
    assert send_all_pending(store)
    assert_stored_once(store, manifest)


def test_a_trial_whose_files_are_damaged_is_stored_as_failed_and_blocks_nothing(store: Store, manifest) -> None:
    (pending_folder(manifest.benchmark_run_id) / TRIAL.folder_name / "predictions.parquet").write_bytes(b"damaged")
    assert send_all_pending(store)
    (run,) = store.search("tags.`benchmark.kind` = 'trial'")
    assert run.info.status == "FAILED"
    assert "it cannot be stored: predictions.parquet cannot be read" in run.data.tags["benchmark.failure"]
    assert send_all_pending(store) == []


HOLD = """
import sys, time
from tracking.pending import benchmark_lock
with benchmark_lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_process() -> Callable[[str], subprocess.Popen]:
    processes = []

    def start(run_id: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-c", HOLD, run_id], cwd=PROJECT, stdout=subprocess.PIPE)
        processes.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_the_lock_is_held_by_one_process_and_released_by_a_sigkill(other_process) -> None:
    process = other_process("benchmark")
    assert not has_ended(lock_name("benchmark"))
    with (
        pytest.raises(UserError, match="the benchmark benchmark is running in another process"),
        benchmark_lock("benchmark"),
    ):
        pass
    process.kill()
    process.wait()
    assert has_ended(lock_name("benchmark"))
    with benchmark_lock("benchmark"):
        assert not has_ended(lock_name("benchmark"))
    assert not pending_folder("benchmark").exists()


def test_runs_end_as_killed_only_where_their_process_is_known_to_be_gone(store, other_process) -> None:
    def started(lock: str, start_ms: int | None = None) -> str:
        tags = {LOCK_TAG: lock, "benchmark.kind": "benchmark"}
        return store.client.create_run(store.experiment_id, start_ms, tags).info.run_id

    with benchmark_lock("gone"):
        gone = started(lock_name("gone"), later_ms(0) + 3_600_000)  # the clock was set back since
        tags = {"mlflow.parentRunId": gone, "benchmark.kind": "trial"}
        trial = store.client.create_run(store.experiment_id, tags=tags).info.run_id
    of_another_container = started(lock_name("its lock is not on this disk"))
    of_another_host = started(f"otherhost:{pending_folder('gone')}")
    running = started(lock_name("runs"))
    other_process("runs")
    assert mark_stale_runs_killed(store) == [f"the interrupted benchmark {gone[:8]} marked as KILLED"]
    assert store.client.get_run(trial).info.status == "KILLED"
    ended = store.client.get_run(gone).info
    assert ended.status == "KILLED"
    assert ended.end_time > ended.start_time
    for run_id in (of_another_container, of_another_host, running):
        assert store.client.get_run(run_id).info.status == "RUNNING"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_lock_of_another_user_is_not_free(tmp_path: Path) -> None:
    with benchmark_lock("theirs"):
        name = lock_name("theirs")
    assert has_ended(name)
    tmp_path.chmod(0o755)
    os.seteuid(65534)
    try:
        assert not has_ended(name)
    finally:
        os.seteuid(0)
