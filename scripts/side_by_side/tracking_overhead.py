"""A trial with and without MLflow: one worker process, the same trial in turn.

Tracking adds to a trial in two ways. The store's calls at its start, after each epoch and at its end take time of their
own: their clock is in the table. What they cost the training beside them shows only in the alternating rounds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus import default_cache_directory, load_corpus
from benchmark.errors import UserError
from benchmark.events import TrialEvent, TrialFailed
from benchmark.executors.local import LocalExecutor
from scripts.side_by_side.measuring import Data, Script, alternate, medians, table, with_range


def measure(options: argparse.Namespace) -> Data:
    from tracking.runs import BenchmarkTracker
    from tracking.store import open_store

    corpus = load_corpus(options.data, default_cache_directory())
    config = BenchmarkConfig(
        architectures=(options.architecture,), seeds=(7,), epochs=options.epochs, limit=options.limit or None
    )
    [trial] = config.trials()
    short = trial.model_copy(update={"limit": 64, "epochs": 1})
    with TemporaryDirectory() as temporary, LocalExecutor("auto") as executor:
        executor.start()
        store = open_store(f"sqlite:///{temporary}/mlflow.db")

        def run(trial: TrialConfig, handle: Callable[[TrialEvent], object]) -> Data:
            clock = {"seconds": -time.perf_counter(), "tracking_seconds": 0.0}
            for event in executor.run([trial], corpus.directory, Path(temporary) / "spool"):
                if isinstance(event, TrialFailed):
                    raise UserError(event.reason)
                before = time.perf_counter()
                handle(event)
                clock["tracking_seconds"] += time.perf_counter() - before
            clock["seconds"] += time.perf_counter()
            return clock

        def with_mlflow(trial: TrialConfig = trial) -> Data:
            with BenchmarkTracker.open(
                store, config, corpus.facts, corpus.vocabulary_file, config.command()
            ) as tracker:
                measured = run(trial, tracker.handle)
                tracker.finish("finished")
                return measured

        def without_mlflow(trial: TrialConfig = trial) -> Data:
            return run(trial, lambda event: None)

        without_mlflow(short)  # what only the first trial of a process pays
        with_mlflow(short)
        rounds = alternate(options.rounds, {"without MLflow": without_mlflow, "with MLflow": with_mlflow})
    return {
        "architecture": options.architecture,
        "epochs": options.epochs,
        "reviews": options.limit or corpus.facts.train_reviews,
        "rounds": rounds,
    }


def markdown(data: Data) -> str:
    without, with_ = data["rounds"]["without MLflow"], data["rounds"]["with MLflow"]
    base = medians(without)["seconds"]
    inside = [one["tracking_seconds"] for one in with_]
    rows = [
        ["without MLflow", with_range([one["seconds"] for one in without], 2), ""],
        [
            "with MLflow",
            with_range([one["seconds"] for one in with_], 2),
            f"{(medians(with_)['seconds'] / base - 1):+.2%}",
        ],
        ["in the tracker's own calls", with_range(inside, 2), f"{medians(with_)['tracking_seconds'] / base:.2%}"],
    ]
    return (
        f"`{data['architecture']}`, {data['epochs']} epochs of {data['reviews']:,} reviews, {len(with_)} alternating "
        "rounds; median and range.\n\n" + table(["a trial", "seconds", "of the trial without"], rows)
    )


SCRIPT = Script(
    name="tracking_overhead",
    title="A trial with and without MLflow.",
    full={"architecture": "cnn_lstm", "epochs": 3, "rounds": 3, "limit": 0},
    quick={"architecture": "cnn_lstm", "epochs": 1, "rounds": 2, "limit": 160},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()
