"""A finished trial is stored once, whatever happens while it is sent."""

import itertools
import os
import shutil
from pathlib import Path

import pytest

from benchmark.errors import UserError
from tests.support.records import corpus_facts, trial_config
from tests.support.unreliable_client import Killed, unreliable
from tests.tracking.conftest import begin_benchmark, train_trial
from tests.tracking.test_reader import path_of
from tracking.pending import (
    benchmark_lock,
    has_ended,
    mark_stale_runs_killed,
    pending_folder,
    send,
    send_all_pending,
)
from tracking.store import Store, open_store

TRIAL = trial_config("cnn_lstm", 7)


def leave_trial(store: Store, vocabulary_file: Path) -> Path:
    """Leave a finished trial as a process does that is killed before it stores it; return its folder."""
    with begin_benchmark(store, vocabulary_file, [TRIAL]) as session:
        return train_trial(session, TRIAL)


@pytest.fixture
def trial(store: Store, vocabulary_file: Path) -> Path:
    return leave_trial(store, vocabulary_file)


def test_a_kill_after_any_call_and_sending_again_stores_the_trial_once(
    template: Path, tmp_path: Path, vocabulary_file: Path
) -> None:
    kills = 0
    for call in itertools.count(1):
        folder = tmp_path / f"call {call}"
        folder.mkdir()
        shutil.copyfile(template, folder / "mlflow.db")
        store = open_store(f"sqlite:///{folder}/mlflow.db", "test", create=True)
        trial = leave_trial(store, vocabulary_file)
        try:
            with unreliable(die_after=call):
                send(store, trial, TRIAL, corpus_facts())
        except Killed:
            kills += 1
            send_all_pending(store)
        (run,) = store.search("tags.`benchmark.kind` = 'trial'")
        assert run.info.status == "FINISHED"
        assert "benchmark.failure" not in run.data.tags
        assert len(store.client.search_model_versions("name = 'imdb-cnn_lstm'")) == 1
        (logged,) = store.client.search_logged_models([store.experiment_id])
        assert logged.status == "READY"
        curve = store.client.get_metric_history(run.info.run_id, "test/accuracy")
        assert [metric.step for metric in curve] == [1, 2, 3]
        assert len(run.inputs.dataset_inputs) == 2
        assert not trial.exists()
        assert send_all_pending(store) == []
        if kills < call:
            break
    assert kills


def test_a_trial_of_another_store_or_of_a_benchmark_that_runs_is_left_alone(
    store: Store, trial, template: Path, tmp_path: Path
) -> None:
    another = open_store(f"sqlite:///{shutil.copyfile(template, tmp_path / 'another.db')}", "test", create=True)
    assert send_all_pending(another) == []
    with benchmark_lock(trial.parent.name):
        assert send_all_pending(store) == []
    assert trial.exists()


def test_a_finished_trial_of_another_version_of_the_program_is_kept(store: Store, trial) -> None:
    path_of(store, trial.parent.name, "benchmark.json").write_text('{"unknown": 1}', encoding="utf-8")
    assert send_all_pending(store) == []
    assert trial.exists()


def test_a_trial_whose_files_are_damaged_is_stored_as_failed_and_blocks_nothing(store: Store, trial) -> None:
    (trial / "predictions.parquet").write_bytes(b"damaged")
    assert send_all_pending(store)
    (run,) = store.search("tags.`benchmark.kind` = 'trial'")
    assert run.info.status == "FAILED"
    assert "it cannot be stored: predictions.parquet cannot be read" in run.data.tags["benchmark.failure"]
    assert not trial.exists()


def test_a_benchmark_ends_as_killed_only_where_its_process_is_known_to_be_gone(store) -> None:
    tags = {"benchmark.kind": "benchmark"}
    here, elsewhere = (store.client.create_run(store.experiment_id, tags=tags).info.run_id for _ in range(2))
    with benchmark_lock(here):
        with pytest.raises(UserError, match=f"{here} is running in another process"), benchmark_lock(here):
            pass
        assert not has_ended(here)
        assert mark_stale_runs_killed(store) == []
    assert mark_stale_runs_killed(store) == [f"the interrupted benchmark {here[:8]} marked as KILLED"]
    assert store.client.get_run(here).info.status == "KILLED"
    assert store.client.get_run(elsewhere).info.status == "RUNNING"
    assert not pending_folder(here).exists()


def test_a_benchmark_that_finishes_while_stale_ones_are_searched_stays_finished(store: Store) -> None:
    class FinishedMeanwhile(Store):
        def search(self, *arguments):
            runs = super().search(*arguments)
            for run in runs:
                self.client.set_terminated(run.info.run_id, "FINISHED")
            return runs

    run_id = store.client.create_run(store.experiment_id, tags={"benchmark.kind": "benchmark"}).info.run_id
    with benchmark_lock(run_id):
        pass
    assert mark_stale_runs_killed(FinishedMeanwhile(**vars(store))) == []
    assert store.client.get_run(run_id).info.status == "FINISHED"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_lock_of_another_user_is_not_free(tmp_path: Path) -> None:
    with benchmark_lock("theirs"):
        pass
    assert has_ended("theirs")
    tmp_path.chmod(0o755)
    os.seteuid(65534)
    try:
        assert not has_ended("theirs")
    finally:
        os.seteuid(0)
