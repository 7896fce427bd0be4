"""The command ``run``: plan, train, store, report."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.hard_reviews import explain_hard_reviews
from benchmark.commands.report import show_report
from benchmark.config import LOOKS, BenchmarkConfig, TrialConfig, name_and_seeds
from benchmark.corpus.load import check_data, load_corpus
from benchmark.errors import UserError
from benchmark.executors import Executor, make_executor
from benchmark.results import EpochFinished, PlannedTrial, TrialFailed, TrialFinished, TrialStarted
from benchmark.signals import Interrupted, end_with_parent, interruptible
from benchmark.terminal import Progress, make_console, say, show_plan, show_summary
from benchmark.training.fingerprint import differing_parts, plan_trial
from benchmark.training.machine import unused_gpu_hint
from models.registry import Architecture
from tracking.pending import mark_stale_runs_killed, send_all_pending
from tracking.plan import Plan
from tracking.promotion import SENTIMENT, promote
from tracking.reader import find_run, finished_trials, read_benchmark, read_plan, trial_history
from tracking.session import Session, open_session, run_name
from tracking.store import Store, check_uri, open_store, ui_page, with_store

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.corpus.corpus import Corpus
    from benchmark.report.report_types import Report
    from benchmark.results import BenchmarkRecord, Environment

EXIT_COMPLETE = 0
EXIT_TRIALS_MISSING = 1

# What --resume may change: none of it decides the result of a trial that is already planned.
MAY_CHANGE = ("seeds", "data", "columns", "max_minutes_per_trial", "retry_failed", "until_decided", "workers",
              "ray_address", "gpus_per_trial")  # fmt: skip


def run_command(
    config: BenchmarkConfig,
    *,
    given: Collection[str],
    resume: str | None,
    output: Path,
    dry_run: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Run a benchmark, new or resumed; the exit code is 0 where every trial finished.

    Parameters
    ----------
    given : collection of str
        Names of the options that the user typed: `resume` keeps the others as they were.

    Raises
    ------
    UserError
        If an option is not possible; before any training.
    """
    console = make_console()
    check_uri(tracking_uri)
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()  # `mlflow run` ends without its child on SIGTERM
    with interruptible(), ExitStack() as stack:
        before = None
        if resume is not None:
            store = open_store(tracking_uri, experiment_name, create=False)
            resume = find_run(store, resume)
            before = read_plan(store, resume)
            config = resumed_config(before.config, config, given)
        check_data(config.data, config.columns)

        # The first worker checks architectures from elsewhere before anything is written, and imports TensorFlow while
        # the store is opened and the corpus is read
        executor = stack.enter_context(make_executor(config))
        executor.start()
        with console.status("Checking the architectures"):
            architectures = describe_architectures(config, executor)
        try:
            store_or_none = open_store(tracking_uri, experiment_name, create=not dry_run)
        except UserError:
            if not dry_run:
                raise
            store_or_none = None  # a dry run makes no store, and needs none
        with console.status("Reading the reviews"):
            corpus = load_corpus(config.data, columns=config.columns, on_progress=partial(say, console))
        if config.max_reviews and config.max_reviews >= max(corpus.facts.train_reviews, corpus.facts.test_reviews):
            config = config.model_copy(update={"max_reviews": None})  # a limit above all would change fingerprints
        reason = corpus.facts.not_comparable_reason(config.max_reviews)
        if config.until_decided and reason and (corpus.facts.kind == "synthetic" or not config.reference):
            remedy = "" if corpus.facts.kind == "synthetic" else "give --reference 'name=0.87', or "
            raise UserError(f"--until-decided: there is nothing to decide, since {reason}; {remedy}leave it out")

        # The plan: every trial with the fingerprint that its worker must find too
        environment = executor.environment()
        if hint := unused_gpu_hint(config.device, environment):
            say(console, hint)
        seeds = first_seeds(config, architectures, before)
        planned = plan_trials(config, architectures, seeds, corpus.facts.digest, environment)
        if before is not None:
            report_changes(console, before, planned)
        trials = [trial.config for trial in planned]
        finished = finished_trials(store_or_none, resume, planned) if resume and store_or_none else set()
        history = trial_history(store_or_none, corpus.facts.digest, environment, trials) if store_or_none else ({}, {})
        durations, spreads = history
        is_done = (
            before is not None
            and resume is not None
            and len(finished) == len(planned)
            and config.until_decided == before.config.until_decided
            and store.client.get_run(resume).info.status == "FINISHED"
        )
        if is_done:
            say(console, f"{len(finished)} of {len(planned)} trials are finished: nothing is left to train.")
        else:
            shown = config.model_copy(update={"workers": executor.workers})
            show_plan(console, shown, trials, finished, corpus=corpus.facts, durations=durations, spreads=spreads)
        if dry_run or store_or_none is None:
            return EXIT_COMPLETE
        store = store_or_none
        if is_done and resume is not None:
            show_report(console, store, resume, output, tracking_uri)
            return EXIT_COMPLETE

        # Training: each finished trial is stored before the next one starts
        for line in [*mark_stale_runs_killed(store), *send_all_pending(store)]:
            say(console, line)
        if store.notice:
            say(console, store.notice)
        plan = Plan(
            config=config,
            planned=tuple(planned),
            corpus=corpus.facts,
            environment=environment,
            command=command_line(config),
        )
        session = open_session(store, plan, corpus.vocabulary_file, resume=resume, text_of=corpus.text)
        try:
            with session:
                finished = finished_trials(store, session.run_id, planned)
                if before is not None and finished and len(config.seeds) > len(before.config.seeds):
                    session.extend_plan([], look=len(before.config.seeds))  # seeds were added after a look at results
                to_train = [trial for trial in planned if trial.config not in finished]
                with Progress(
                    console, train_reviews=corpus.facts.train_reviews, durations=durations, workers=executor.workers
                ) as progress:
                    train(to_train, config, executor, corpus, session, progress)
                    while config.until_decided:
                        look = max(map(len, seeds.values()))
                        seeds = next_seeds(seeds, architectures, read_benchmark(store, session.run_id))
                        all_trials = plan_trials(config, architectures, seeds, corpus.facts.digest, environment)
                        added = [trial for trial in all_trials if trial not in planned]
                        if not added:
                            break
                        session.extend_plan(added, look=look)
                        train(added, config, executor, corpus, session, progress)
                        planned += added
                executor.stop()
                return conclude(console, store, session, corpus, output, tracking_uri)
        except Interrupted as interrupted:
            resume_words = ["python", "-m", "benchmark", "run", "--resume", session.run_id[:8]]
            say(console, "Stopped. To finish it:")
            say(console, with_store(resume_words, tracking_uri, experiment_name))
            return interrupted.exit_code


# The plan


def resumed_config(before: BenchmarkConfig, now: BenchmarkConfig, given: Collection[str]) -> BenchmarkConfig:
    """Return the earlier settings with what may change; all else that differs is refused. Seeds are added."""
    changes = {name: (new, old) for name, (new, old) in now.differing_from(before).items() if name in given}
    for name, (new, old) in changes.items():
        if name not in MAY_CHANGE:
            raise UserError(
                f"{as_option(name)}: this benchmark was started with {as_typed(old)}, not {as_typed(new)}; --resume "
                f"takes {', '.join(map(as_option, MAY_CHANGE))}; start a new benchmark for other settings"
            )
    update = {name: new for name, (new, _) in changes.items()}
    if "seeds" in update:
        update["seeds"] = tuple(dict.fromkeys((*before.seeds, *now.seeds)))
    return before.model_copy(update=update)


def describe_architectures(config: BenchmarkConfig, executor: Executor) -> list[Architecture]:
    """Describe the architectures; two of one name, which only their files show, are refused."""
    architectures = executor.describe([name_and_seeds(architecture)[0] for architecture in config.architectures])
    names = [architecture.name for architecture in architectures]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"--architectures: {name!r} is given twice; each name may be given once")
    return architectures


def first_seeds(
    config: BenchmarkConfig, architectures: Sequence[Architecture], before: Plan | None
) -> dict[str, list[int]]:
    """Return the seeds of each architecture, none for a deterministic one; a resumed benchmark keeps all it had."""
    planned_before = before.planned if before else ()
    seeds = {}
    for typed, one in zip(config.architectures, architectures, strict=True):
        earlier = [trial.config.seed for trial in planned_before if trial.config.architecture == one.name]
        asked_for = name_and_seeds(typed)[1] or config.seeds
        all_seeds = [seed for seed in dict.fromkeys((*earlier, *asked_for)) if seed is not None]
        if config.until_decided:
            all_seeds = extended(all_seeds, LOOKS[0])
        seeds[one.name] = [] if one.deterministic else all_seeds
    return seeds


def next_seeds(
    seeds: dict[str, list[int]], architectures: Sequence[Architecture], record: BenchmarkRecord
) -> dict[str, list[int]]:
    """Look at the results: where the verdict is undecided, add seeds up to the number of the next look."""
    from benchmark.report import summarize

    verdicts = {title: row.verdict for row in summarize(record).rows for title in (row.title, *row.twins)}
    more = dict(seeds)
    for one in architectures:
        look = next((look for look in LOOKS if look > len(seeds[one.name])), None)
        if look is not None and not one.deterministic and verdicts.get(one.title) == "undecided":
            more[one.name] = extended(seeds[one.name], look)
    return more


def extended(seeds: Sequence[int], count: int) -> list[int]:
    """Add the numbers after the largest seed until there are so many."""
    return [*seeds, *range(max(seeds) + 1, max(seeds) + 1 + count - len(seeds))]


def plan_trials(
    config: BenchmarkConfig,
    architectures: Sequence[Architecture],
    seeds: Mapping[str, Sequence[int]],
    corpus_digest: str,
    environment: Environment,
) -> list[PlannedTrial]:
    """Plan the first seed of every architecture, then every second one, so that a stop leaves each equally often."""
    trials = [(turn, seed, one) for one in architectures for turn, seed in enumerate(seeds[one.name] or [None])]
    return [
        plan_trial(trial_config(config, one, seed), one, corpus_digest, environment)
        for _, seed, one in sorted(trials, key=lambda trial: trial[0])
    ]


def trial_config(config: BenchmarkConfig, architecture: Architecture, seed: int | None) -> TrialConfig:
    """Combine the benchmark's settings with the architecture's own."""
    network = architecture.kind == "network"
    return TrialConfig(
        architecture=architecture.name,
        title=architecture.title,
        kind=architecture.kind,
        spec=architecture.spec,
        seed=seed,
        epochs=(config.epochs or architecture.epochs) if network else None,
        batch_size=(config.batch_size or architecture.batch_size) if network else None,
        learning_rate=architecture.learning_rate if network else None,
        vocabulary_size=config.vocabulary_size,
        max_length=config.max_length,
        max_reviews=config.max_reviews,
        device=config.device,
    )


def report_changes(console: Console, before: Plan, planned: Sequence[PlannedTrial]) -> None:
    """Say what changed since the benchmark was planned, where trials must be trained again for it."""
    earlier = {trial.config.name: trial.fingerprint_parts for trial in before.planned}
    reasons = dict.fromkeys(
        reason
        for trial in planned
        for reason in differing_parts(earlier.get(trial.config.name, trial.fingerprint_parts), trial.fingerprint_parts)
    )
    if reasons:
        say(console, f"Trials that this changes are trained again: {'; '.join(reasons)}.")


def command_line(config: BenchmarkConfig) -> str:
    """Return the command that runs this benchmark; options at their defaults are left out."""
    words = ["python", "-m", "benchmark", "run", "--architectures", ",".join(config.architectures)]
    defaults = BenchmarkConfig(architectures=config.architectures)
    for name, (value, _) in config.differing_from(defaults).items():
        words += [as_option(name)] if value is True else [as_option(name), as_typed(value)]
    return shlex.join(words)


def as_option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def as_typed(value: object) -> str:
    """Write a setting as a user types it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


# Training


def train(
    trials: Sequence[PlannedTrial],
    config: BenchmarkConfig,
    executor: Executor,
    corpus: Corpus,
    session: Session,
    progress: Progress,
) -> None:
    """Train the trials and store each one that finishes; failed ones are trained again as often as asked for."""
    to_train = {trial.config: trial for trial in trials}
    for _ in range(1 + config.retry_failed):
        if not to_train:
            return
        failed = {}
        progress.extend(to_train)
        for event in executor.run(list(to_train.values()), corpus.folder, session.pending_folder):
            progress.handle(event)  # first: a stored trial's folder is removed
            match event:
                case TrialStarted(trial):
                    session.start_trial(trial)
                case EpochFinished(trial, epoch):
                    session.log_epoch(trial, epoch)
                case TrialFinished(trial, folder):
                    session.store_trial(trial, folder)
                case TrialFailed(trial, reason, traceback):
                    session.fail_trial(trial, reason, traceback)
                    failed[trial] = to_train[trial]
        to_train = failed


# The end


def conclude(
    console: Console, store: Store, session: Session, corpus: Corpus, output: Path, tracking_uri: str | None
) -> int:
    """Report on the benchmark as the store has it, move the champions, and end its run."""
    record = read_when_stored(store, session)
    record = replace(record, hard_reviews=explain_hard_reviews(store, record, corpus))
    session.log_hard_reviews(record.hard_reviews)
    folder = output / f"benchmark-{session.run_id[:8]}"
    report = publish(session, record, folder)
    promotion = promote(store, record)
    session.finish("FINISHED" if record.complete else "FAILED")
    say(console, promotion.reason)
    model_uri = next((uri for uri in promotion.moved if SENTIMENT in uri), record.best_model_uri)
    show_summary(console, report, folder / "report.html", store, tracking_uri, model_uri)
    return EXIT_COMPLETE if record.complete else EXIT_TRIALS_MISSING


def publish(session: Session, record: BenchmarkRecord, folder: Path) -> Report:
    """Write the report, log it, and describe the benchmark's run by its answer."""
    from benchmark.report import answer_markdown, render, summarize

    report = summarize(replace(record, status="finished" if record.complete else "failed"))
    name = run_name((trial.config for trial in record.trials), report.best_accuracy)
    report = report.model_copy(update={"name": name})  # as it is read back when the report is rebuilt
    render(report, folder)
    session.log_report(folder)
    links = {trial.run_id: ui_page(record.experiment_id, trial.run_id) for trial in record.finished}
    links[record.run_id] = f"{ui_page(record.experiment_id, record.run_id)}/artifacts/report/report.html"
    session.describe(
        answer_markdown(report, links),
        run_name=report.name,
        tags={
            "benchmark.verdict": report.verdict,
            "benchmark.best_accuracy": "" if report.best_accuracy is None else f"{report.best_accuracy:.4f}",
        },
        metrics=sortable_metrics(report),
    )
    return report


def read_when_stored(store: Store, session: Session) -> BenchmarkRecord:
    """Send what is still pending, then read the benchmark as the store has it."""
    if session.send_pending(patience_seconds=600):
        session.finish("FAILED", patience_seconds=0)  # raises: the store is away
    return read_benchmark(store, session.run_id)


def sortable_metrics(report: Report) -> dict[str, float]:
    """Return what runs are sorted by: the best accuracy, and mean and standard deviation of each architecture."""
    metrics = {} if report.best_accuracy is None else {"best_accuracy": report.best_accuracy}
    for row in report.rows:
        metrics[f"{row.architecture}.accuracy_mean"] = round(row.accuracy, 6)
        if row.spread_points is not None:
            metrics[f"{row.architecture}.accuracy_sd"] = round(row.spread_points / 100, 6)
    return metrics
