"""One review and 25,000 of them: this project's classifier against ``model.predict`` on arrays encoded beforehand.

The classifier is the registered one: raw text in, encoding included, loaded by ``mlflow.pyfunc``, and the same over
HTTP behind ``mlflow models serve``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmark.config import TrialConfig
from benchmark.corpus import Corpus, EncodedCorpus, default_cache_directory, load_corpus
from benchmark.errors import UserError
from benchmark.events import TrialFinished
from benchmark.executors.local import LocalExecutor
from scripts.side_by_side.measuring import Data, Script, alternate, seconds_of, table, with_range

READY_SECONDS = 120.0
KERAS = "`model.predict(ids)`"
CLASSIFIER = "`classifier.predict([text])`"


def measure(options: argparse.Namespace) -> Data:
    corpus = load_corpus(options.data, default_cache_directory())
    encoded = corpus.encode(5000, 500)
    texts = _texts(corpus, encoded)
    median_review = int(np.argsort(encoded.test_words, kind="stable")[len(encoded.test_words) // 2])
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        classifier = _classifier(options, corpus, folder)
        model = classifier.unwrap_python_model().keras_model
        one = _one_review(options, classifier, model, encoded, texts, median_review)
        one["over HTTP, `mlflow models serve`"] = _over_http(folder / "mlflow", texts[median_review], options.requests)
        many = _many_reviews(options, classifier, model, encoded, texts)
        sample = slice(0, 1000)
        theirs = model.predict(encoded.x_test[sample], verbose=0)[:, 0]
        ours = classifier.predict(texts[sample])["probability"].to_numpy()
    return {
        "architecture": options.architecture,
        "corpus": corpus.facts.source,
        "words": int(encoded.test_words[median_review]),
        "one_review_seconds": one,
        "many": min(options.reviews, len(texts)),
        "many_seconds": many,
        "largest_difference": float(np.abs(ours - theirs).max()),
    }


def _texts(corpus: Corpus, encoded: EncodedCorpus) -> list[str]:
    texts = [corpus.text(str(name)) for name in encoded.test_ids]
    if None in texts:
        raise UserError(f"--data: {corpus.facts.source} has no raw text; give the archive or its folder")
    return texts  # type: ignore[return-value]


def _classifier(options: argparse.Namespace, corpus: Corpus, folder: Path) -> Any:
    """Train a little, and load the model as from the registry; how well it predicts does not matter here.

    Another process trains, so that its deterministic operations do not slow down what is measured in this one.
    """
    import mlflow.pyfunc

    from tracking.model_files import write_model_files

    trial = TrialConfig(architecture=options.architecture, seed=7, epochs=1, limit=options.train_reviews)
    with LocalExecutor("auto") as executor:
        *_, last = executor.run([trial], corpus.directory, folder / "trained")
    if not isinstance(last, TrialFinished):
        raise UserError(f"{trial.name} did not finish: {last}")
    outcome = last.outcome
    files = (outcome.directory / "model.keras", corpus.vocabulary_file)
    write_model_files(folder / "mlflow", outcome.result, corpus.facts, *files)
    return mlflow.pyfunc.load_model(str(folder / "mlflow"))


def _one_review(
    options: argparse.Namespace, classifier: Any, model: Any, encoded: EncodedCorpus, texts: list[str], index: int
) -> dict[str, list[float]]:
    """Seconds of each call; the ways take turns in blocks of ten."""
    from models.prediction import Predictor

    predictor = Predictor(model)
    x, text = encoded.x_test[index : index + 1], [texts[index]]
    ways: dict[str, Callable[[], Any]] = {
        KERAS: lambda: model.predict(x, verbose=0),
        "`model.predict_on_batch(ids)`": lambda: model.predict_on_batch(x),
        "`Predictor(model).predict(ids)`": lambda: predictor.predict(x),
        CLASSIFIER: lambda: classifier.predict(text),
    }
    for call in ways.values():
        for _ in range(3):  # traces the graph
            call()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    while len(seconds[KERAS]) < options.requests:
        for name, call in ways.items():
            seconds[name] += [seconds_of(call) for _ in range(10)]
    return seconds


def _over_http(model: Path, text: str, requests: int) -> list[float]:
    body = json.dumps({"inputs": [text]})
    with _server(model) as connection:

        def ask() -> None:
            connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise UserError(f"the server answers {answer.status}: {content[:500]!r}")

        for _ in range(5):
            ask()
        return [seconds_of(ask) for _ in range(requests)]


@contextmanager
def _server(model: Path) -> Iterator[http.client.HTTPConnection]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # MLflow starts uvicorn by its name
    log = model.with_name("server.log")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": path},
        )
    try:
        yield _connection_when_ready(port, server, log)
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # MLflow's command and the server that it starts
        server.wait(30)


def _connection_when_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> http.client.HTTPConnection:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/ping")
            if (answer := connection.getresponse()).status == 200:
                answer.read()
                return connection
        except OSError:
            time.sleep(0.5)
    raise UserError(f"the server has ended, or is not ready after {READY_SECONDS:g} s:\n{log.read_text()[-2000:]}")


def _many_reviews(
    options: argparse.Namespace, classifier: Any, model: Any, encoded: EncodedCorpus, texts: list[str]
) -> dict[str, list[float]]:
    x, texts = encoded.x_test[: options.reviews], texts[: options.reviews]

    def timed(call: Callable[[], Any]) -> Callable[[], Data]:
        return lambda: {"seconds": seconds_of(call)}

    ways = {
        KERAS: timed(lambda: model.predict(x, verbose=0)),
        "`model.predict(ids, batch_size=512)`": timed(lambda: model.predict(x, batch_size=512, verbose=0)),
        "`classifier.predict(texts)`, encoding included": timed(lambda: classifier.predict(texts)),
    }
    measured = alternate(options.rounds, ways)
    return {name: [one["seconds"] for one in rounds] for name, rounds in measured.items()}


def markdown(data: Data) -> str:
    one, many = data["one_review_seconds"], data["many_seconds"]
    keras_ms = 1000 * float(np.median(one[KERAS]))
    latency = []
    for name, seconds in one.items():
        p50, p95 = 1000 * np.percentile(seconds, [50, 95])
        latency.append([name, f"{p50:.2f}", f"{p95:.2f}", f"{keras_ms / p50:.1f}"])
    best = max(data["many"] / np.median(seconds) for name, seconds in many.items() if name.startswith("`model"))
    rates = []
    for name, seconds in many.items():
        rate = data["many"] / np.array(seconds)
        rates.append([name, with_range(rate.tolist(), 0), f"{np.median(rate) / best:.0%}"])
    return (
        f"`{data['architecture']}`; probabilities from text and by `model.predict` differ by at most "
        f"{data['largest_difference']:.1e}.\n\n"
        f"One review, of median length ({data['words']} words), {len(one[KERAS])} calls each:\n\n"
        + table(["", "p50, ms", "p95, ms", "times as fast as `model.predict`"], latency)
        + f"\n\n{data['many']:,} reviews, median and range of {len(many[KERAS])} rounds:\n\n"
        + table(["", "reviews per second", "of the faster `model.predict`"], rates)
    )


SCRIPT = Script(
    name="inference",
    title="One review and 25,000: the classifier against model.predict.",
    full={"architecture": "cnn_lstm", "requests": 200, "reviews": 25_000, "rounds": 3, "train_reviews": 1000},
    quick={"architecture": "cnn_lstm", "requests": 10, "reviews": 200, "rounds": 1, "train_reviews": 64},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()
