"""Any store that a user names is opened, or refused in one line."""

import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.__main__ import main
from benchmark.errors import UserError
from tracking.store import PROJECT, check_uri, open_store, with_store


def test_the_option_comes_before_the_environment_and_the_default_is_beside_mlproject(monkeypatch, tmp_path) -> None:
    assert (PROJECT / "MLproject").exists()
    assert check_uri() == f"sqlite:///{PROJECT}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    assert check_uri() == "http://server:5000"
    monkeypatch.chdir(tmp_path)
    assert check_uri("sqlite:///mine.db") == f"sqlite:///{tmp_path}/mine.db"  # absolute


@pytest.mark.parametrize(
    "uri",
    [
        "mlruns",
        "file:///tmp/mlruns",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:////tmp/a?b/mlflow.db",
        "http://[::1",
        "ftp://host/x",
        "postgres//user:secret@host/db",
        "http://me:secret@127.0.0.1:9",
        "nonsense://host/db?user=me&password=secret",
    ],
)
def test_a_wrong_uri_is_refused_in_one_line_without_its_password(uri: str) -> None:
    with pytest.raises(UserError) as refusal:
        open_store(uri)
    message = str(refusal.value)
    assert "\n" not in message
    assert "secret" not in message
    assert "--tracking-uri" in message
    assert "sqlite:////" in message


def test_a_store_that_fails_in_the_middle_of_a_command_is_one_line(database: Path, capsys) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE runs")
    assert main(["list", "--tracking-uri", f"sqlite:///{database}"]) == 2
    assert "error: the MLflow store cannot be used: no such column: runs." in " ".join(capsys.readouterr().err.split())


def test_reading_creates_nothing_and_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no MLflow store at .*run a benchmark first"):
        open_store(f"sqlite:///{tmp_path}/none/mlflow.db")
    assert not list(tmp_path.iterdir())
    (tmp_path / "mlflow.db").write_text("no database, but text of some length")
    with pytest.raises(UserError, match=r"mlflow\.db: file is not a database; give sqlite"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", create=True)


def test_reading_searches_all_experiments_unless_one_is_named(store) -> None:
    uri = store.uri
    run = store.client.create_run("0")
    assert [found.info.run_id for found in open_store(uri).search("")] == [run.info.run_id]
    assert open_store(uri, "test").search("") == []
    with pytest.raises(UserError, match="no experiment 'typo'; possible are 'Default', 'test', 'unused'"):
        open_store(uri, "typo")


def test_a_deleted_experiment_is_refused_with_the_command_that_restores_it(store) -> None:
    store.client.delete_experiment(store.experiment_id)
    with pytest.raises(UserError, match=f"mlflow experiments restore --experiment-id {store.experiment_id}"):
        open_store(store.uri, "test", create=True)


def test_our_experiment_takes_files_though_the_ui_made_the_store(database: Path) -> None:
    served = "UPDATE experiments SET artifact_location = 'mlflow-artifacts:/0' WHERE experiment_id = 0"
    with sqlite3.connect(database) as connection:
        connection.execute(served)  # as `mlflow ui` leaves it
    store = open_store(f"sqlite:///{database}", create=True)
    run_id = store.client.create_run(store.experiment_id).info.run_id
    store.client.log_text(run_id, "content", "file.txt")


def test_mlflow_run_with_an_experiment_keeps_it_and_its_run_says_where_the_benchmark_is(store, monkeypatch) -> None:
    started = store.client.create_run(store.experiment_id).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", started)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", store.experiment_id)
    assert open_store(store.uri, create=True).experiment_id == store.experiment_id
    assert store.client.get_run(started).info.run_name == "see experiment test"
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)  # a run of another store
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "0")
    assert open_store(store.uri, create=True).experiment_id != store.experiment_id


def test_telemetry_is_off_unless_the_user_set_it() -> None:
    show = "import os, tracking; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    without = {name: value for name, value in os.environ.items() if name != "MLFLOW_DISABLE_TELEMETRY"}
    for given, expected in ((without, "true"), (without | {"MLFLOW_DISABLE_TELEMETRY": "false"}, "false")):
        answer = subprocess.run([sys.executable, "-c", show], cwd=PROJECT, env=given, capture_output=True, text=True)
        assert answer.stdout.strip() == expected


def test_a_printed_command_names_a_store_that_was_opened_by_its_uri(tmp_path):
    """MLflow sets ``MLFLOW_TRACKING_URI`` itself when a store is opened."""
    store = open_store(f"sqlite:///{tmp_path}/mlflow.db", create=True)
    assert with_store(["benchmark", "list"], store).endswith(f"--tracking-uri {shlex.quote(store.uri)}")
