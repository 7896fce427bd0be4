"""Where the time of a whole benchmark goes: the command under cProfile, and the clocks of its trials.

The command's own process does not train, so the profiler costs the training nothing. What happens in the worker is
told by the clocks that every trial keeps.
"""

from __future__ import annotations

import argparse
import pstats
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmark.corpus import default_cache_directory, load_corpus
from benchmark.results import TrialResult
from scripts.side_by_side.measuring import Data, Script, run_process, table

# Steps of the command that follow one another: what a reader calls them, and the function that does them.
STEPS = {
    "open the tracking store, MLflow's import with it": ("tracking/store.py", "open_store"),
    "open the cached corpus": ("corpus/sources.py", "load_corpus"),
    "wait for the worker: TensorFlow's import": ("executors/local.py", "environment"),
    "open the benchmark run": ("tracking/runs.py", "open"),
    "wait for the trials": ("executors/local.py", "run"),
    "log trials and models to MLflow, in part beside the training": ("tracking/runs.py", "handle"),
    "read back, analyse and report": ("commands/conclude.py", "conclude"),
    "check the models and move aliases": ("tracking/promotion.py", "promote"),
}


def measure(options: argparse.Namespace) -> Data:
    load_corpus(options.data, default_cache_directory())  # so that the archive's reading is not part of it
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        uri, profile = f"sqlite:///{scratch}/mlflow.db", scratch / "command.prof"
        command = [sys.executable, "-m", "cProfile", "-o", profile, "-m", "benchmark", "run", "--data", options.data]
        command += ["--architectures", options.architectures, "--seeds", options.seeds, "--epochs", options.epochs]
        command += ["--limit", options.limit] if options.limit else []
        seconds, _ = run_process([*command, "--tracking-uri", uri, "--output", scratch / "reports"])
        results = _results(uri)
        steps = cumulative_seconds(pstats.Stats(str(profile)), STEPS)
        return {
            "architectures": options.architectures,
            "seeds": options.seeds,
            "epochs": options.epochs,
            "reviews": options.limit or "all",
            "process_seconds": seconds,
            "steps": steps,
            "worker": _worker_clocks(results),
        }


def _results(tracking_uri: str) -> list[TrialResult]:
    from tracking.records import read_benchmark
    from tracking.run_lookup import find_benchmark
    from tracking.store import open_store

    store = open_store(tracking_uri)
    record = read_benchmark(store.client, find_benchmark(store.client, store.experiment_id))
    return [trial.result for trial in record.finished if trial.result is not None]


def cumulative_seconds(stats: pstats.Stats, steps: Mapping[str, tuple[str, str]]) -> dict[str, float]:
    """Give the seconds inside each step's function, whatever it called; a step that did not happen is left out."""
    seconds: dict[str, float] = {}
    for title, (file, function) in steps.items():
        for (path, _, name), (_, _, _, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]
            if name == function and path.endswith(file):
                seconds[title] = seconds.get(title, 0.0) + cumulative
    return seconds


def _worker_clocks(results: list[TrialResult]) -> dict[str, float]:
    clocks = {
        "train": sum(epoch.train_seconds for result in results for epoch in result.epochs),
        "evaluate the test half": sum(epoch.evaluation_seconds for result in results for epoch in result.epochs),
        "first step: trace the graph": sum(result.trace_seconds for result in results),
        "build and compile": sum(result.build_seconds for result in results),
    }
    clocks["save, hash and write files"] = sum(result.wall_seconds for result in results) - sum(clocks.values())
    return clocks


def markdown(data: Data) -> str:
    total = data["process_seconds"]
    steps = {"start Python, import, end": total - sum(data["steps"].values()), **data["steps"]}
    worker = {**data["worker"], "**all trials**": sum(data["worker"].values())}

    def rows(seconds: Mapping[str, float]) -> list[list[str]]:
        return [[title, f"{value:.1f}", f"{value / total:.1%}"] for title, value in seconds.items()]

    return (
        f"A benchmark of {data['architectures'].replace(',', ', ')}, seeds {data['seeds']}, {data['epochs']} epochs, "
        f"{data['reviews']} reviews. The command's process:\n\n"
        + table(["", "seconds", "share"], rows({**steps, "**all**": total}))
        + "\n\nThe worker's process, meanwhile:\n\n"
        + table(["", "seconds", "share of the whole"], rows(worker))
    )


SCRIPT = Script(
    name="where_time_goes",
    title="Where the time of a whole benchmark goes.",
    full={"architectures": "cnn_lstm", "seeds": "7,8", "epochs": 3, "limit": 0},
    quick={"architectures": "cnn_lstm", "seeds": "7,8", "epochs": 1, "limit": 160},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()
