"""How fast a registered model answers: ``python -m tracking.serving_speed --model MODEL --data CORPUS``.

One review through pyfunc and over HTTP, and all test reviews from their raw text, beside `keras.Model.predict` on
arrays that are encoded already.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import click
import numpy as np

from benchmark.corpus import default_cache_directory, load_corpus
from tracking.model_lookup import load_model
from tracking.predict import predict_stream
from tracking.store import connect

KERAS_BATCH_SIZE = 512
SECONDS_TO_START = 120.0


@click.command()
@click.option("--model", "model_uri", default="models:/imdb-sentiment@champion", show_default=True)
@click.option("--data", default="auto", show_default=True, help="The corpus whose test reviews are predicted.")
@click.option("--single", default=300, show_default=True, help="Reviews that are sent one at a time.")
@click.option("--rounds", default=3, show_default=True, help="Of the batch, alternating; the fastest of each counts.")
@click.option("--tracking-uri", default=None)
def main(model_uri: str, data: str, single: int, rounds: int, tracking_uri: str | None) -> None:
    """Measure, and print the figures."""
    corpus = load_corpus(data, default_cache_directory())
    texts = [corpus.text(review_id) or "" for review_id in corpus.test.review_ids.tolist()]
    started = time.perf_counter()
    model = load_model(connect(tracking_uri), model_uri)
    model.predict(texts[:1])
    click.echo(f"start to first answer      {time.perf_counter() - started:8.1f} s")

    _print_latency("one review, pyfunc", _latencies(texts[:single], lambda text: model.predict([text])))
    with _server(model_uri) as ask:
        _print_latency("one review, HTTP", _latencies(texts[:single], ask))

    classifier = model.unwrap_python_model()
    ids = classifier.encode(texts)
    from_text, from_arrays = [], []
    for _ in range(rounds):
        from_text.append(_seconds(lambda: sum(1 for _ in predict_stream(model, texts))))
        from_arrays.append(
            _seconds(lambda: classifier.keras_model.predict(ids, batch_size=KERAS_BATCH_SIZE, verbose=0))
        )
    rate, keras_rate = len(texts) / min(from_text), len(texts) / min(from_arrays)
    click.echo(f"{len(texts):,} raw texts           {rate:8.0f} reviews/s (all: {_listed(from_text)} s)")
    click.echo(f"keras.Model.predict, arrays{keras_rate:8.0f} reviews/s (all: {_listed(from_arrays)} s)")
    click.echo(f"ratio                      {rate / keras_rate:8.2f}")


def _latencies(texts: Sequence[str], ask: Callable[[str], object]) -> np.ndarray:
    ask(texts[0])
    return np.array([_seconds(lambda text=text: ask(text)) for text in texts])  # type: ignore[misc]


def _print_latency(what: str, seconds: np.ndarray) -> None:
    p50, p95 = 1000 * np.percentile(seconds, [50, 95])
    click.echo(f"{what:<27}{p50:8.1f} ms p50, {p95:.1f} ms p95 ({len(seconds)} reviews)")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _listed(seconds: Sequence[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


@contextmanager
def _server(model_uri: str) -> Iterator[Callable[[str], object]]:
    """Run MLflow's server for the model on a free port, and give a function that asks it about a text."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    host, port = address.split(":")
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model_uri, "--env-manager", "local"]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [*command, "--host", host, "--port", port],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_ready(f"http://{address}/ping")
        yield lambda text: _post(f"http://{address}/invocations", {"inputs": [text]})
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _wait_until_ready(url: str) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)
        else:
            return


def _post(url: str, body: object) -> object:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
