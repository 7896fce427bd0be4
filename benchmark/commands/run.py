"""``run``: train every trial of a benchmark, each safe in MLflow before the next starts, then report."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console

from benchmark.commands.absent_gpu import refuse_absent_gpu
from benchmark.commands.resume import (
    bury_the_dead,
    resume_command,
    resumed_config,
    show_ignored,
    taken_up,
    unfinished_before,
)
from benchmark.commands.resume_plan import show_resume_plan
from benchmark.commands.run_settings import check_output, config_from_options, limit_within
from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus import Corpus, check_data, default_cache_directory, load_corpus
from benchmark.errors import UserError
from benchmark.events import TrialFailed
from benchmark.executors.executor import Executor
from benchmark.executors.settings import ExecutorSettings
from benchmark.interruption import Interrupted, interruptible
from benchmark.orphans import end_with_parent
from benchmark.plan import Plan, plan_trials
from benchmark.results import BenchmarkRecord, Environment
from benchmark.runtime import unused_gpu_hint
from benchmark.terminal import (
    BytesView,
    TrialsView,
    make_console,
    show_corpus,
    show_hint,
    show_next_steps,
    show_plan,
    show_resumed,
    show_summary,
)
from tracking.outages import is_outage
from tracking.records import read_benchmark, whole_trials
from tracking.runs import BenchmarkTracker
from tracking.spool import held, spool_folder
from tracking.store import Store, experiment_named, in_experiment, open_store

if TYPE_CHECKING:
    from benchmark.commands.conclude import Conclusion

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
    of_executor = {name: options.pop(name) for name in ExecutorSettings.model_fields if options.get(name) is not None}
    executors = ExecutorSettings.from_options(**of_executor)
    config = config_from_options({name: options[name] for name in options if name in BenchmarkConfig.model_fields})
    if force and resume is None:
        raise UserError("--force: it goes with --resume; a new benchmark trains every trial as it is")
    check_data(config.data)
    if executors.ray_address is None:  # a cluster knows its own GPUs
        refuse_absent_gpu(config.device)
    output_folder = Path(output)
    if resume is None:
        show_plan(console, config, executors)
    elif dry_run:
        show_resume_plan(console, executors, config, resume, force, tracking_uri, experiment_name)
    if dry_run:
        return EXIT_DONE
    check_output(output_folder)
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()

    def of(config: BenchmarkConfig, store: Store) -> _BenchmarkRun:
        return _BenchmarkRun(console, executors, output_folder, config, store, tracking_uri, experiment_name)

    with interruptible():
        try:
            if resume is None:
                with executors.make(config) as executor:
                    executor.start()  # it imports TensorFlow while the store is opened and the corpus is read
                    store = open_store(tracking_uri, experiment_name)
                    return _start(of(config, store), executor)
            console.print("Looking in the store for what is finished", markup=False)
            store = open_store(tracking_uri, experiment_name)
            with taken_up(console, store, experiment_named(store.client, experiment_name), resume) as begun:
                console.print(f"Going on with the benchmark {begun.run_id}, begun {begun.started_at}", markup=False)
                config, ignored = resumed_config(begun.config, config)
                show_ignored(console, ignored)
                if executors.ray_address is None:
                    refuse_absent_gpu(config.device)
                show_plan(console, config, executors)
                store = in_experiment(store, begun.experiment_id)
                with executors.make(config) as executor:
                    executor.start()
                    return of(config, store).run(executor, begun, force)
        except Interrupted as interrupted:
            return interrupted.exit_code
        except UserError:
            raise
        except Exception as error:
            if is_outage(error):
                raise UserError(f"{str(error).splitlines()[0]}; what is finished stays; go on with --resume") from error
            raise


def _start(benchmark_run: _BenchmarkRun, executor: Executor) -> int:
    bury_the_dead(benchmark_run.console, benchmark_run.store)
    unfinished = unfinished_before(benchmark_run.store, benchmark_run.config)
    if unfinished is not None:
        benchmark_run.console.print(
            "The same benchmark was begun before and is not finished. To go on with that one: "
            + benchmark_run.resume_command(unfinished),
            markup=False,
            soft_wrap=True,
        )
    return benchmark_run.run(executor, None, force=False)


@dataclass(frozen=True)
class _BenchmarkRun:
    """One run of the command: its settings, where its results go, and how the store was named."""

    console: Console
    executors: ExecutorSettings
    output: Path
    config: BenchmarkConfig
    store: Store
    tracking_uri: str | None
    experiment_name: str | None

    def run(self, executor: Executor, begun: BenchmarkRecord | None, force: bool) -> int:
        """Train what is missing of the benchmark `begun`, or all of a new one, and report."""
        with BytesView(self.console) as view:
            corpus = load_corpus(self.config.data, default_cache_directory(), view)
        show_corpus(self.console, corpus.facts)
        # one that was begun keeps its limit, whatever its corpus: its trials are known by it
        config = self.config if begun else limit_within(self.config, corpus.facts)
        return replace(self, config=config)._run_on(corpus, executor, begun, force)

    def _run_on(self, corpus: Corpus, executor: Executor, begun: BenchmarkRecord | None, force: bool) -> int:
        config = self.config
        environment = executor.environment()
        show_hint(self.console, unused_gpu_hint(config.device, environment))
        plan = self._plan(corpus, environment, None if force else begun)
        with (
            BenchmarkTracker.open(
                self.store,
                config,
                corpus.facts,
                corpus.vocabulary_file,
                command=config.command(*self.executors.option_words()),
                resume_run_id=None if begun is None else begun.run_id,
            ) as tracker,
            nullcontext() if begun else held(spool_folder(default_cache_directory(), tracker.run_id)),
        ):
            try:
                if force:
                    tracker.distrust_what_is_there()  # first: what is cut short now is to be trained later, not taken
                self._train(plan, executor, corpus, tracker)
                executor.stop()
                return self._end(tracker, corpus)
            except Interrupted:
                executor.stop()
                self._end_early(tracker, corpus)
                raise

    def resume_command(self, run_id: str) -> str:
        """What to type to go on with a benchmark."""
        words = self.executors.option_words()
        return resume_command(run_id, self.tracking_uri, self.experiment_name, words)

    def _plan(self, corpus: Corpus, environment: Environment, begun: BenchmarkRecord | None) -> Plan:
        finished = {}
        if begun is not None:
            finished = whole_trials(self.store.client, self.store.experiment_id, begun.trusted_since_ms)
        return plan_trials(self.config, corpus.facts.digest, environment, begun, finished)

    def _train(self, plan: Plan, executor: Executor, corpus: Corpus, tracker: BenchmarkTracker) -> None:
        show_resumed(self.console, plan)
        tracker.supersede(plan.to_train)
        for trial, run_id in plan.take_over.items():
            tracker.take_over(trial, run_id)
        spool_directory = spool_folder(default_cache_directory(), tracker.run_id)
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

    def _end(self, tracker: BenchmarkTracker, corpus: Corpus) -> int:
        """Report on the benchmark as the store has it, then end its run: one that is cut short here is not FINISHED."""
        # here, so that a plan is shown without the libraries of statistics and charts
        from benchmark.commands.conclude import conclude
        from tracking.promotion import promote

        tracker.flush()
        record = read_benchmark(self.store.client, tracker.run_id)
        end: Literal["finished", "failed"] = "finished" if record.complete else "failed"
        conclusion = conclude(replace(record, status=end), tracker, corpus, self.output)
        promotion = promote(self.store, conclusion.record, corpus)
        tracker.finish(end)
        show_summary(self.console, conclusion.analysis)
        if promotion is not None:
            self.console.print("\n".join([*map(str, promotion.moves), promotion.reason]), markup=False, soft_wrap=True)
        self._show_next_steps(conclusion, (promotion and promotion.model_uri) or _median_model_of_the_best(conclusion))
        return EXIT_DONE if record.complete else EXIT_TRIALS_MISSING

    def _end_early(self, tracker: BenchmarkTracker, corpus: Corpus) -> None:
        """End the benchmark run as killed, report on what is there, and say how to go on."""
        from benchmark.commands.conclude import conclude

        try:
            if not tracker.has_ended:
                tracker.finish("killed")
                record = read_benchmark(self.store.client, tracker.run_id)
                conclusion = conclude(record, tracker, corpus, self.output)
                show_summary(self.console, conclusion.analysis)
                self._show_next_steps(conclusion, _median_model_of_the_best(conclusion))
        except UserError as error:
            self.console.print(str(error), markup=False, soft_wrap=True)
        again = self.resume_command(tracker.run_id)
        self.console.print(f"Stopped. To finish it: {again}", markup=False, soft_wrap=True)

    def _show_next_steps(self, conclusion: Conclusion, model_uri: str | None) -> None:
        run_id = conclusion.record.run_id
        show_next_steps(self.console, conclusion.report_file, self.store.tracking_uri, model_uri, run_id)


def _median_model_of_the_best(conclusion: Conclusion) -> str | None:
    best = max(conclusion.analysis.architectures, key=lambda summary: summary.accuracy_median, default=None)
    for trial in conclusion.record.finished:
        if best is not None and (trial.config.architecture, trial.config.seed) == (best.architecture, best.median_seed):
            return trial.model_uri
    return None
