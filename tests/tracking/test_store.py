"""The store is found where the user says, and refused in one line where it cannot serve."""

import importlib
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import tracking
from benchmark.errors import UserError
from tracking.store import DEFAULT_EXPERIMENT, PROJECT, Store, connect, open_store, resolve_tracking_uri

URLS_VARIABLE = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"


def test_the_default_store_lies_beside_mlproject(tmp_path: Path) -> None:
    assert resolve_tracking_uri(project=tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_the_users_environment_decides_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert resolve_tracking_uri() == "http://127.0.0.1:5000"
    assert resolve_tracking_uri("http://elsewhere") == "http://elsewhere"


def test_a_relative_database_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_tracking_uri("sqlite:///mlflow.db") == f"sqlite:///{tmp_path}/mlflow.db"


@pytest.mark.parametrize("folder", ["./mlruns", "file:///tmp/mlruns", "mlruns"])
def test_a_plain_folder_is_refused_with_what_to_give_instead(folder: str) -> None:
    with pytest.raises(UserError, match="give sqlite:///"):
        resolve_tracking_uri(folder)


def test_the_projects_experiment_keeps_its_artifacts_beside_the_database(
    database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # not the database's folder
    store = open_store(f"sqlite:///{database}")
    assert store.experiment_name == DEFAULT_EXPERIMENT
    experiment = store.client.get_experiment(store.experiment_id)
    assert experiment.artifact_location == (database.parent / "mlruns" / DEFAULT_EXPERIMENT).as_uri()


def test_mlflows_pages_show_the_projects_experiment_as_one_of_trained_models(database: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    tags = store.client.get_experiment(store.experiment_id).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"


def test_opening_twice_gives_the_same_experiment(database: Path) -> None:
    first, second = (open_store(f"sqlite:///{database}", "mine") for _ in range(2))
    assert first.experiment_id == second.experiment_id


@pytest.mark.slow
def test_three_processes_may_open_a_fresh_store_at_once(tmp_path: Path) -> None:
    script = (
        f"from tracking.store import open_store; print(open_store('sqlite:///{tmp_path}/new/mlflow.db').experiment_id)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert len({experiment_id for experiment_id, _ in answers}) == 1


def test_an_experiment_made_by_a_server_is_refused_with_the_remedy(store: Store) -> None:
    store.client.create_experiment("served", artifact_location="mlflow-artifacts:/9")
    with pytest.raises(UserError, match=r"--tracking-uri http://127\.0\.0\.1:5000, or another --experiment-name"):
        open_store(store.tracking_uri, "served")


def test_a_deleted_experiment_is_refused_with_the_command_that_restores_it(store: Store) -> None:
    store.client.delete_experiment(store.experiment_id)
    with pytest.raises(UserError, match=f"mlflow experiments restore --experiment-id {store.experiment_id}"):
        open_store(store.tracking_uri, store.experiment_name)


def test_the_run_that_mlflow_run_started_is_taken_over_in_its_experiment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.client.create_run(store.experiment_id)
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    opened = open_store(store.tracking_uri, "another")
    assert (opened.started_run_id, opened.experiment_id) == (run.info.run_id, store.experiment_id)


def test_a_started_run_that_cannot_take_artifacts_is_left_for_the_projects_experiment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = store.client.create_experiment("served", artifact_location="mlflow-artifacts:/9")
    run = store.client.create_run(served)
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    opened = open_store(store.tracking_uri)
    assert (opened.started_run_id, opened.stranded_run_id) == (None, run.info.run_id)
    assert opened.experiment_name == DEFAULT_EXPERIMENT


def test_a_started_run_of_another_store_is_ignored(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    assert open_store(store.tracking_uri).started_run_id is None


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"no MLflow store can be made at .*file/mlflow.db: .*MLFLOW_TRACKING_URI"):
        open_store(f"sqlite:///{tmp_path}/file/mlflow.db")


def test_a_read_only_database_is_refused_for_writing_and_taken_for_reading(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[18] = 3  # the file format's "write version": SQLite opens such a file read-only, even for root
    database.write_bytes(content)
    with pytest.raises(UserError, match="attempt to write a readonly database; point elsewhere"):
        open_store(f"sqlite:///{database}")
    assert connect(f"sqlite:///{database}").search_experiments()


def test_a_locked_database_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.sqlite_file.LOCK_SECONDS", 0.05)
    holder = sqlite3.connect(database)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="database is locked; another process holds it"):
        open_store(f"sqlite:///{database}")
    holder.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("reviews" * 1000)
    with pytest.raises(UserError, match="file is not a database"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db")


def test_reading_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no MLflow store at .*mlflow.db; run a benchmark first"):
        connect(f"sqlite:///{tmp_path}/mlflow.db")
    assert not (tmp_path / "mlflow.db").exists()


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError, match=r"answers at http://127\.0\.0\.1:1: Connection refused; point") as refusal:
        open_store("http://127.0.0.1:1")
    assert "\n" not in str(refusal.value)


def test_telemetry_is_off_unless_the_user_set_it() -> None:
    script = "import os, tracking; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    for setting, expected in (({}, "true"), ({"MLFLOW_DISABLE_TELEMETRY": "false"}, "false")):
        answer = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT, env=setting, capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == expected


@pytest.mark.parametrize(("wish", "quiet"), [(None, True), ("false", False)])
def test_mlflow_s_own_messages_are_kept_out_of_ours_unless_the_user_wants_them(
    database: Path, monkeypatch: pytest.MonkeyPatch, wish: str | None, quiet: bool
) -> None:
    logger = logging.getLogger("mlflow.store.model_registry.abstract_store")
    logger.setLevel(logging.NOTSET)  # as MLflow leaves it when it is imported
    monkeypatch.delenv(URLS_VARIABLE)
    if wish is not None:
        monkeypatch.setenv(URLS_VARIABLE, wish)
    importlib.reload(tracking)
    open_store(f"sqlite:///{database}", "test")
    assert os.environ[URLS_VARIABLE] == (wish or "true")
    assert logger.isEnabledFor(logging.INFO) is not quiet
