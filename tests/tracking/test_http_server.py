"""The same through a tracking server over HTTP, and through its absence."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmark.events import EpochFinished
from tests.support.outcomes import events_of, small_config
from tests.support.records import make_corpus_facts
from tracking.model_lookup import check_model
from tracking.records import read_benchmark, whole_trials
from tracking.run_lookup import find_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import open_store

pytestmark = pytest.mark.slow

SECONDS_TO_START = 120


class Server:
    """MLflow's server on a free port, which can go away and come back."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port)]
        command += ["--backend-store-uri", f"sqlite:///{self._folder}/mlflow.db", "--workers", "1"]
        command += ["--artifacts-destination", str(self._folder / "artifacts")]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=log, stderr=log, start_new_session=True, env=_without_a_store()
            )
        give_up = time.monotonic() + SECONDS_TO_START
        while not self._is_healthy():
            assert time.monotonic() < give_up, (self._folder / "server.log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _is_healthy(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
        except OSError:
            return False
        return True


def _without_a_store() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}


@pytest.fixture
def server(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    server = Server(database.parent)
    server.start()
    yield server
    server.stop()


def test_a_benchmark_over_http_survives_the_servers_absence_and_is_read_back_whole(
    server: Server, tmp_path: Path, vocabulary_file: Path
) -> None:
    config = small_config(seeds=(7, 8))
    store = open_store(server.uri, "served")
    with BenchmarkTracker.open(store, config, make_corpus_facts(), vocabulary_file, "command") as tracker:
        first, second = config.trials()
        for event in events_of(first, tmp_path / "spool"):
            tracker.handle(event)
            if isinstance(event, EpochFinished) and event.epoch.epoch == 1:
                server.stop()
        for event in events_of(second, tmp_path / "spool"):
            tracker.handle(event)
        assert len(list((tmp_path / "spool").iterdir())) == 2, "nothing is stored while the server is away"
        server.start()
    assert not list((tmp_path / "spool").iterdir())

    record = read_benchmark(store.client, find_benchmark(store.client, store.experiment_id))
    assert record.complete
    assert record.tracking_uri == server.uri
    for trial in record.trials:
        steps = [metric.step for metric in store.client.get_metric_history(trial.run_id, "val_accuracy")]
        assert steps == [1, 2]
        check_model(store.client, f"models:/{str(trial.registered_version).replace(' version ', '/')}")
    assert len(store.client.search_model_versions("name = 'imdb-cnn_lstm'")) == 2
    assert len(store.client.search_logged_models([store.experiment_id])) == 2
    fingerprints = {trial.run_id: trial.result.fingerprint for trial in record.trials if trial.result}
    assert whole_trials(store.client, store.experiment_id) == fingerprints
