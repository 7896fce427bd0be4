"""A real benchmark on the generated corpus, small enough for a test: trained, tracked and registered in seconds."""

from __future__ import annotations

from pathlib import Path

from benchmark.config import BenchmarkConfig
from benchmark.corpus import Corpus, load_corpus
from benchmark.executors.local import LocalExecutor
from tracking.runs import BenchmarkTracker
from tracking.store import Store


def run_tiny_benchmark(
    store: Store, folder: Path, data: str = "generated", **settings: object
) -> tuple[BenchmarkTracker, Corpus]:
    """Train in a worker process, track in `store`, and keep the corpus's cache in `folder`."""
    given = {"architectures": ("cnn_lstm",), "seeds": (7,), "epochs": 1, "limit": 128, "review_length": 60} | settings
    config = BenchmarkConfig(data=data, **given)
    corpus = load_corpus(data, folder / "cache")
    tracker = BenchmarkTracker.open(store, config, corpus.facts, corpus.vocabulary_file, config.command())
    with LocalExecutor("cpu") as executor, tracker:
        for event in executor.run(config.trials(), corpus.directory, folder / "spool"):
            tracker.handle(event)
    return tracker, corpus
