"""``run``: train every trial of a benchmark, each safe in MLflow before the next starts, then report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from benchmark.commands.conclude import Conclusion, conclude
from benchmark.commands.interruption import Interrupted, end_with_parent, interruptible
from benchmark.config import BenchmarkConfig, TrialConfig, parse_list, parse_seeds
from benchmark.corpus import Corpus, default_cache_directory, load_corpus
from benchmark.events import TrialFailed
from benchmark.executors.local import LocalExecutor
from benchmark.plan import Plan, plan_trials
from benchmark.results import BenchmarkRecord, Environment
from benchmark.terminal import (
    BytesView,
    TrialsView,
    make_console,
    show_corpus,
    show_next_steps,
    show_plan,
    show_resumed,
    show_summary,
)
from tracking.promotion import promote
from tracking.records import find_benchmark, finished_fingerprints, read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import Store, open_store

EXIT_DONE = 0
EXIT_TRIALS_MISSING = 1


def run_command(
    *,
    resume: str | None,
    force: bool,
    output: str,
    dry_run: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
    **options: Any,
) -> int:
    """Run the whole benchmark, and tell with the exit code whether every trial finished."""
    console = make_console()
    config = config_from_options(options)
    if dry_run:
        show_plan(console, config)
        return EXIT_DONE
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()
    with interruptible():
        store = open_store(tracking_uri, experiment_name)
        begun = None if resume is None else _begun_benchmark(store, resume)
        if begun is not None:
            config = begun.config
        show_plan(console, config)
        try:
            return _BenchmarkRun(console, store, config, Path(output)).run(begun, force)
        except Interrupted as interrupted:
            return interrupted.exit_code


def config_from_options(options: dict[str, Any]) -> BenchmarkConfig:
    """Validate what was typed; options that were not given take their defaults."""
    given = {name: value for name, value in options.items() if value is not None}
    if "architectures" in given:
        given["architectures"] = parse_list("architectures", given["architectures"])
    if "seeds" in given:
        given["seeds"] = parse_seeds(given["seeds"])
    return BenchmarkConfig.from_options(**given)


def _begun_benchmark(store: Store, which: str) -> BenchmarkRecord:
    return read_benchmark(store.client, find_benchmark(store.client, store.experiment_id, which))


@dataclass(frozen=True)
class _BenchmarkRun:
    """One run of the command: its settings, and where its results go."""

    console: Console
    store: Store
    config: BenchmarkConfig
    output: Path

    def run(self, begun: BenchmarkRecord | None, force: bool) -> int:
        """Train what is missing of the benchmark `begun`, or all of a new one, and report."""
        config = self.config
        with LocalExecutor(config.device, config.max_minutes_per_trial) as executor:
            executor.start()  # it imports TensorFlow while the corpus is read
            with BytesView(self.console) as view:
                corpus = load_corpus(config.data, default_cache_directory(), view)
            show_corpus(self.console, corpus.facts)
            plan = self._plan(corpus, executor.environment(), None if force else begun)
            tracker = BenchmarkTracker.open(
                self.store,
                config,
                corpus.facts,
                corpus.vocabulary_file,
                command=config.command(),
                resume_run_id=None if begun is None else begun.run_id,
            )
            with tracker:
                try:
                    self._train(plan, executor, corpus, tracker)
                except Interrupted:
                    executor.stop()
                    self._end(tracker, corpus, "killed")
                    self.console.print(f"Stopped. To finish it: python -m benchmark run --resume {tracker.run_id}")
                    raise
                executor.stop()
                return self._end(tracker, corpus, None)

    def _plan(self, corpus: Corpus, environment: Environment, begun: BenchmarkRecord | None) -> Plan:
        finished = {}
        if begun is not None:
            finished = finished_fingerprints(self.store.client, self.store.experiment_id)
        return plan_trials(self.config, corpus.facts.digest, environment, begun, finished)

    def _train(self, plan: Plan, executor: LocalExecutor, corpus: Corpus, tracker: BenchmarkTracker) -> None:
        show_resumed(self.console, plan)
        for trial, run_id in plan.take_over.items():
            tracker.take_over(trial, run_id)
        spool_directory = default_cache_directory() / "spool" / tracker.run_id
        to_train = list(plan.to_train)
        for _ in range(1 + self.config.retry_failed):
            failed: list[TrialConfig] = []
            with TrialsView(self.console, to_train, corpus.facts.train_reviews) as view:
                for event in executor.run(to_train, corpus.directory, spool_directory):
                    tracker.handle(event)
                    view.handle(event)
                    if isinstance(event, TrialFailed):
                        failed.append(event.trial)
            to_train = failed

    def _end(self, tracker: BenchmarkTracker, corpus: Corpus, status: Literal["killed"] | None) -> int:
        """End the benchmark run, then report on it as the store has it: finished, failed or cut short."""
        tracker.flush()
        complete = read_benchmark(self.store.client, tracker.run_id).complete
        tracker.finish(status or ("finished" if complete else "failed"))
        conclusion = conclude(self.store, tracker, corpus, self.output)
        show_summary(self.console, conclusion.analysis)
        promotion = promote(self.store, conclusion.record, corpus) if status is None else None
        if promotion is not None:
            self.console.print("\n".join([*map(str, promotion.moves), promotion.reason]), markup=False, soft_wrap=True)
        model_uri = (promotion and promotion.model_uri) or _median_model_of_the_best(conclusion)
        show_next_steps(self.console, conclusion.report_file, self.store.tracking_uri, model_uri, tracker.run_id)
        return EXIT_DONE if complete else EXIT_TRIALS_MISSING


def _median_model_of_the_best(conclusion: Conclusion) -> str | None:
    best = max(conclusion.analysis.architectures, key=lambda summary: summary.accuracy_median, default=None)
    for trial in conclusion.record.finished:
        if best is not None and (trial.config.architecture, trial.config.seed) == (best.architecture, best.median_seed):
            return trial.model_uri
    return None
