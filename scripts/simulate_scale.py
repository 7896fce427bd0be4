"""Plan, log, read and report a benchmark of thousands of trials that nobody trains, and print what each step costs.

    python scripts/simulate_scale.py --trials 10000 --logged 1000

Everything but the training is real: the tracker, an SQLite store, the files that it keeps, the report. A trial's
predictions have the size of the real ones; its model file is empty, since MLflow only copies it. Where fewer trials are
logged than planned, only those go through the store, and the report is on all of them. The store is made in a folder of
its own, which is removed at the end.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] = "false"  # a trial here is too short to be sampled

from benchmark.analysis.analyse import analyse  # noqa: E402
from benchmark.config import BenchmarkConfig, TrialConfig  # noqa: E402
from benchmark.corpus import Vocabulary  # noqa: E402
from benchmark.events import EpochFinished, TrialEvent, TrialFinished, TrialStarted, WorkerReady  # noqa: E402
from benchmark.plan import plan_trials  # noqa: E402
from benchmark.report import build_report  # noqa: E402
from benchmark.results import BenchmarkRecord, Predictions  # noqa: E402
from tests.support.outcomes import write_outcome  # noqa: E402
from tests.support.records import make_corpus_facts, make_environment, make_predictions  # noqa: E402
from tracking.records import read_benchmark  # noqa: E402
from tracking.runs import BenchmarkTracker  # noqa: E402
from tracking.store import open_store  # noqa: E402

ARCHITECTURES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
NEIGHBOURS = 100  # trials of which a mean time is taken at the start and at the end


class Stopwatch:
    """Time and processor time of a step, which may be left and taken up again; prints a row of the table."""

    def __init__(self) -> None:
        self.seconds = self._cpu_seconds = 0.0
        print("| step | trials | seconds | ms a trial | ms of CPU a trial | highest memory so far, MB |")
        print("| --- | --: | --: | --: | --: | --: |")

    def __enter__(self) -> None:
        self._started, self._cpu_started = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started
        self._cpu_seconds += time.process_time() - self._cpu_started

    def row(self, step: str, trials: int) -> None:
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        wall_ms, cpu_ms = (1000 * seconds / trials for seconds in (self.seconds, self._cpu_seconds))
        figures = f"{self.seconds:,.2f} | {wall_ms:,.2f} | {cpu_ms:,.2f} | {memory_mb:,.0f}"
        print(f"| {step} | {trials:,} | {figures} |", flush=True)
        self.seconds = self._cpu_seconds = 0.0


def config_of(trials: int) -> BenchmarkConfig:
    return BenchmarkConfig(architectures=ARCHITECTURES, seeds=tuple(range(-(-trials // len(ARCHITECTURES)))))


def fake_predictions(shared: Predictions, trial: TrialConfig) -> Predictions:
    """Disturb the shared probabilities, so that every file has its own content and every trial its own accuracy."""
    generator = np.random.default_rng([trial.seed, *trial.architecture.removesuffix("_tensorboard").encode()])
    noise = generator.normal(0.0, 0.1, len(shared.probability))
    return replace(shared, probability=np.clip(shared.probability + noise, 0, 1).astype(np.float32))


def fake_events(trials: Sequence[TrialConfig], reviews: int, spool: Path) -> Iterator[TrialEvent]:
    """What an executor tells, of trials that take no time."""
    shared = make_predictions("lstm", 0, 0.87, reviews)
    yield WorkerReady(make_environment())
    for trial in trials:
        outcome = write_outcome(
            spool / trial.name.replace(" ", "-"), trial, predictions=fake_predictions(shared, trial)
        )
        yield TrialStarted(trial)
        for epoch in outcome.result.epochs:
            yield EpochFinished(trial, epoch)
        yield TrialFinished(trial, outcome)


def fake_record(of_logged: BenchmarkRecord, config: BenchmarkConfig) -> BenchmarkRecord:
    """What the store would give back if all trials were logged: those that were not are like the first that was."""
    logged = {trial.config: trial for trial in of_logged.trials}
    like = of_logged.trials[0]
    assert like.result is not None
    assert like.predictions is not None
    trials = []
    for trial in config.trials():
        if trial not in logged:
            result = like.result.model_copy(update={"config": trial})
            predictions = fake_predictions(like.predictions, trial)
            logged[trial] = replace(like, config=trial, result=result, predictions=predictions)
        trials.append(logged[trial])
    return replace(of_logged, config=config, trials=tuple(trials))


def size_mb(path: Path) -> float:
    """Bytes of a file, or of all files below a folder, in units of 10^6."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def simulate(trials: int, logged: int, reviews: int, folder: Path) -> None:
    watch = Stopwatch()
    with watch:
        config = config_of(trials)
        facts = make_corpus_facts(test_reviews=reviews)
        plan_trials(config, facts.digest, make_environment())
    watch.row("plan, with every fingerprint", len(config.trials()))

    Vocabulary(["the", "film"]).save(folder / "vocabulary.txt")
    store = open_store(f"sqlite:///{folder}/mlflow.db", "scale")
    to_log = config_of(min(logged, trials))
    with BenchmarkTracker.open(store, to_log, facts, folder / "vocabulary.txt", config.command()) as tracker:
        ends = [0.0]
        for event in fake_events(to_log.trials(), reviews, folder / "spool"):
            with watch:
                tracker.handle(event)
            if isinstance(event, TrialFinished):
                ends.append(watch.seconds)
    watch.row("log to SQLite", len(to_log.trials()))
    seconds = np.diff(ends)
    first, last = (1000 * float(np.mean(part)) for part in (seconds[:NEIGHBOURS], seconds[-NEIGHBOURS:]))

    with watch:
        record = read_benchmark(store.client, tracker.run_id)
    watch.row("read back", len(record.trials))
    assert len(record.finished) == len(to_log.trials()), "a trial was lost"
    record = fake_record(record, config)

    with watch:
        analysis = analyse(record)
    watch.row("analyse", len(record.trials))
    with watch:
        report = build_report(record, folder / "report", generated_at="2026-01-01T00:00:00+00:00", analysis=analysis)
    watch.row("write the report", len(record.trials))

    print(f"\nLogging a trial: {first:.0f} ms for the first {NEIGHBOURS}, {last:.0f} ms for the last {NEIGHBOURS}.")
    print(f"Predictions of a trial: {reviews:,}.")
    sizes = {
        "mlflow.db": folder / "mlflow.db",
        "artifacts": folder / "mlruns",
        "report.html": report.html,
        "report.md": report.markdown,
        "report.json": report.json,
        "trials.csv": report.csv,
        "charts": folder / "report" / "charts",
    }
    print(", ".join(f"{name} {size_mb(path):,.2f} MB" for name, path in sizes.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--logged", type=int, default=1000, help="of these trials, go through the store")
    parser.add_argument("--reviews", type=int, default=25_000, help="predictions of a trial")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simulated-") as folder:
        simulate(arguments.trials, arguments.logged, arguments.reviews, Path(folder))


if __name__ == "__main__":
    main()
