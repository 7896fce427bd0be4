"""How time and memory grow: with the number of reviews, their length, and the number of trials.

Each number of reviews and each length is one trial in a worker process of its own, so that one's peak memory is not
another's. The trials with 1, 2, 3, … seeds share one worker and one tracked benchmark, as in a real benchmark.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus import Corpus, default_cache_directory, load_corpus
from benchmark.errors import UserError
from benchmark.events import TrialEvent, TrialFailed, TrialFinished
from benchmark.executors.local import LocalExecutor
from benchmark.results import TrialResult
from scripts.side_by_side.measuring import Data, Script, table


def measure(options: argparse.Namespace) -> Data:
    corpus = load_corpus(options.data, default_cache_directory())
    base = TrialConfig(architecture=options.architecture, seed=0, epochs=1)
    reviews, lengths = _numbers(options.reviews), _numbers(options.lengths)
    return {
        "architecture": options.architecture,
        "corpus": corpus.facts.source,
        "length_reviews": options.length_reviews,
        "seed_reviews": options.seed_reviews,
        "by_reviews": [_one_trial(corpus, base, "limit", number) for number in reviews],
        "by_length": [
            _one_trial(corpus, base.model_copy(update={"limit": options.length_reviews}), "review_length", length)
            for length in lengths
        ],
        "by_seeds": _many_trials(corpus, options),
    }


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _one_trial(corpus: Corpus, base: TrialConfig, setting: str, value: int) -> Data:
    trial = base.model_copy(update={setting: value})
    with TemporaryDirectory() as spool, LocalExecutor("auto") as executor:
        [result] = [
            event.outcome.result
            for event in _events(executor.run([trial], corpus.directory, Path(spool)))
            if isinstance(event, TrialFinished)
        ]
    return {setting: value, **_clocks(result)}


def _events(events: Iterable[TrialEvent]) -> Iterable[TrialEvent]:
    for event in events:
        if isinstance(event, TrialFailed):
            raise UserError(f"{event.trial.name}: {event.reason}")
        yield event


def _clocks(result: TrialResult) -> Data:
    [epoch] = result.epochs
    return {
        "train_seconds": epoch.train_seconds,
        "evaluation_seconds": epoch.evaluation_seconds,
        "trial_seconds": result.wall_seconds,
        "peak_memory_mb": result.peak_memory_mb,
        "peak_gpu_memory_mb": result.peak_gpu_memory_mb,
    }


def _many_trials(corpus: Corpus, options: argparse.Namespace) -> list[Data]:
    from tracking.runs import BenchmarkTracker
    from tracking.store import open_store

    config = BenchmarkConfig(
        architectures=(options.architecture,), seeds=tuple(range(options.seeds)), epochs=1, limit=options.seed_reviews
    )
    points: list[Data] = []
    with TemporaryDirectory() as temporary, LocalExecutor("auto") as executor:
        store = open_store(f"sqlite:///{temporary}/mlflow.db")
        executor.environment()
        tracker = BenchmarkTracker.open(store, config, corpus.facts, corpus.vocabulary_file, config.command())
        with tracker:
            started = time.perf_counter()
            for event in _events(executor.run(config.trials(), corpus.directory, Path(temporary) / "spool")):
                tracker.handle(event)
                if isinstance(event, TrialFinished):
                    points.append(
                        {
                            "seeds": len(points) + 1,
                            "seconds": time.perf_counter() - started,
                            "worker_peak_memory_mb": event.outcome.result.peak_memory_mb,
                            "parent_memory_mb": psutil.Process().memory_info().rss / 1e6,
                        }
                    )
            tracker.finish("finished")
    return points


def markdown(data: Data) -> str:
    by_reviews = [
        [
            f"{one['limit']:,}",
            f"{one['train_seconds']:.1f}",
            f"{one['evaluation_seconds']:.1f}",
            f"{1000 * one['train_seconds'] / one['limit']:.2f}",
            f"{one['peak_memory_mb']:,.0f}",
        ]
        for one in data["by_reviews"]
    ]
    by_length = [
        [
            f"{one['review_length']:,}",
            f"{one['train_seconds']:.1f}",
            f"{one['evaluation_seconds']:.1f}",
            f"{1000 * one['train_seconds'] / one['review_length']:.2f}",
            f"{one['peak_memory_mb']:,.0f}",
        ]
        for one in data["by_length"]
    ]
    points = data["by_seeds"]
    shown = [one for one in points if one["seeds"] in (1, 2, 5, 10, 15, 20, len(points))]
    by_seeds = [
        [
            str(one["seeds"]),
            f"{one['seconds']:.0f}",
            f"{one['worker_peak_memory_mb']:,.0f}",
            f"{one['parent_memory_mb']:,.0f}",
        ]
        for one in shown
    ]
    common = ["training, s", "evaluation, s"]
    return "\n\n".join(
        [
            f"`{data['architecture']}`, one epoch; the evaluation includes the tracing of its graph.",
            "![Time and memory against reviews, length and trials](results/performance/growth.svg)",
            "Number of reviews in each half, 500 ids each:",
            table(["reviews", *common, "training, ms per review", "peak memory, MB"], by_reviews),
            f"Ids in a review, {data['length_reviews']:,} reviews in each half:",
            table(["length", *common, "training, ms per id of length", "peak memory, MB"], by_length),
            f"Trials one after the other in one worker, {data['seed_reviews']:,} reviews in each half, tracked. Memory "
            "is the worker's peak during that trial, and what the parent holds after it:",
            table(["trials", "seconds from the start", "worker, MB", "parent, MB"], by_seeds),
        ]
    )


def chart(data: Data) -> Any:
    """Time above, memory below; by reviews, by length, by trials."""
    import altair as alt

    seconds = {"train_seconds": "training", "evaluation_seconds": "evaluation"}
    memory = {"peak_memory_mb": "worker, peak"}
    of_trials = {"worker_peak_memory_mb": "worker, peak", "parent_memory_mb": "parent"}
    columns = [
        (data["by_reviews"], "limit", "reviews in each half", seconds, memory),
        (data["by_length"], "review_length", "ids in a review", seconds, memory),
        (data["by_seeds"], "seeds", "trials", {"seconds": "all trials so far"}, of_trials),
    ]
    names = list({name: None for *_, times, sizes in columns for name in (*times.values(), *sizes.values())})
    legend = alt.Legend(title=None, orient="top")

    def panel(rows: list[Data], x: str, x_title: str, values: Mapping[str, str], y_title: str) -> Any:
        points = [{"x": row[x], "y": row[key], "what": name} for row in rows for key, name in values.items()]
        return (
            alt.Chart(alt.InlineData(points), width=240, height=160)
            .mark_line(point=True)
            .encode(
                x=alt.X("x:Q", title=x_title, axis=alt.Axis(tickCount=5, tickMinStep=1, format=",d")),
                y=alt.Y("y:Q", title=y_title, axis=alt.Axis(tickCount=5)),
                color=alt.Color("what:N", scale=alt.Scale(domain=names), legend=legend),
                shape=alt.Shape("what:N", scale=alt.Scale(domain=names), legend=legend),
            )
        )

    time_row = [panel(rows, x, title, times, "seconds") for rows, x, title, times, _ in columns]
    memory_row = [panel(rows, x, title, sizes, "MB") for rows, x, title, _, sizes in columns]
    return alt.vconcat(alt.hconcat(*time_row), alt.hconcat(*memory_row)).configure_view(stroke=None)


SCRIPT = Script(
    name="growth",
    title="Time and memory against the number of reviews, their length, and the number of trials.",
    full={
        "architecture": "cnn_lstm",
        "reviews": "1000,2500,5000,10000,25000",
        "lengths": "100,250,500,1000,2000",
        "length_reviews": 2000,
        "seeds": 20,
        "seed_reviews": 1000,
    },
    quick={
        "architecture": "cnn_lstm",
        "reviews": "64,128",
        "lengths": "20,40",
        "length_reviews": 64,
        "seeds": 3,
        "seed_reviews": 64,
    },
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()
