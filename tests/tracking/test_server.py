"""A real MLflow server goes away for a whole trial and comes back: nothing is lost or doubled."""

import os
from pathlib import Path

import pytest

from tests.support.records import trial_config, write_trial_folder
from tests.support.tracking_server import free_port, mlflow_server
from tracking.models import check_model_uri
from tracking.pending import waiting_trials
from tracking.reader import child_runs, find_run, read_benchmark
from tracking.store import open_store, ui_link

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = (trial_config("cnn_lstm", seed) for seed in (7, 8, 9))


def test_training_goes_on_while_the_server_is_away(begin, train, database: Path, monkeypatch) -> None:
    monkeypatch.setattr("tracking.session.SECONDS_BETWEEN_TRIES", 0.1)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    port = free_port()
    files = ["--artifacts-destination", str(database.parent / "artifacts")]
    words = ["server", "--backend-store-uri", f"sqlite:///{database}", *files]
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    with mlflow_server(database.parent, environment, *words, port=port) as address:
        store = open_store(address, "served", create=True)
        session = begin([FIRST, SECOND, THIRD], into=store)
        assert session.store_trial(FIRST, train(session, FIRST))
        session.start_trial(SECOND)
    folder = session.pending_folder / SECOND.folder_name
    for epoch in write_trial_folder(folder, SECOND).epochs:
        session.log_epoch(SECOND, epoch)
    assert not session.store_trial(SECOND, folder)
    assert not session.store_trial(THIRD, train(session, THIRD))
    assert len(waiting_trials(session.run_id)) == 2
    with mlflow_server(database.parent, environment, *words, port=port), session:
        session.finish("FINISHED", patience_seconds=60)
        record = read_benchmark(store, find_run(store, "latest"))
        assert record.complete
        assert sorted(run.info.status for run in child_runs(store, session.run_id)) == ["FINISHED"] * 3
        assert len(store.client.search_model_versions("name = 'imdb-cnn_lstm'")) == 3
        for trial in record.finished:
            steps = [metric.step for metric in store.client.get_metric_history(trial.run_id, "test/accuracy")]
            assert steps == [1, 2, 3]
            assert check_model_uri(store, str(trial.model_uri)) == trial.model_uri
        assert ui_link(store, session.run_id).startswith(f"{address}/#/experiments/{store.experiment_id}/runs/")
    assert not session.pending_folder.exists()
