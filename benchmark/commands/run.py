"""The command ``run``: plan, train, store, report."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.config import LOOKS, BenchmarkConfig, TrialConfig, name_and_seeds
from benchmark.corpus.load import check_data, load_corpus
from benchmark.errors import UserError
from benchmark.executors import Executor, make_executor
from benchmark.results import EpochFinished, PlannedTrial, TrialFailed, TrialFinished, TrialStarted
from benchmark.signals import Interrupted, end_with_parent, interruptible
from benchmark.statistics.looks import next_look
from benchmark.terminal import Progress, make_console, say, show_plan, show_summary
from benchmark.training.describe import ArchitectureFacts, describe
from benchmark.training.fingerprint import differing_parts, plan_trial
from benchmark.training.runtime import unused_gpu_hint
from models.registry import is_spec
from tracking.pending import mark_stale_runs_killed, send_all_pending
from tracking.plan import Plan
from tracking.reader import find_run, read_benchmark, read_plan, trial_history
from tracking.session import Session, open_session
from tracking.store import Store, check_uri, open_store, ui_link

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
    check_output(output)
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()  # `mlflow run` ends without its child on SIGTERM
    with interruptible(), ExitStack() as stack:
        # What was planned before
        run_id, before = None, None
        if resume is not None:
            store = open_store(tracking_uri, experiment_name, create=False)
            run_id = find_run(store, resume)
            before = read_plan(store, run_id)
            config = resumed_config(before.config, config, given)
        check_data(config.data, config.columns)

        # The first worker imports TensorFlow while the store is opened and the corpus is read
        executor = stack.enter_context(make_executor(config))
        executor.start()
        store_or_none = open_for_run(tracking_uri, experiment_name, dry_run)
        with console.status("Reading the reviews") if console.is_terminal else ExitStack():
            corpus = load_corpus(config.data, columns=config.columns, on_progress=lambda line: say(console, line))
        config = limited(config, corpus)
        check_until_decided(config, corpus)

        # The plan: every trial with the fingerprint that its worker must find too
        architectures = describe_architectures(config, executor)
        environment = executor.environment()
        if hint := unused_gpu_hint(config.device, environment):
            say(console, hint)
        planned = plan_trials(config, architectures, corpus, environment)
        if before is not None:
            planned = with_earlier_looks(planned, before, architectures, corpus, environment)
            report_changes(console, before, planned)
        history = {}
        if store_or_none is not None:
            history = trial_history(store_or_none, corpus.facts.digest, environment.cpu_model, config.max_reviews)
        show_plan(
            console,
            config,
            [trial.config for trial in planned],
            corpus=corpus.facts,
            durations={name: past.median_seconds for name, past in history.items()},
            spreads={name: past.accuracy_sd for name, past in history.items() if past.accuracy_sd is not None},
        )
        if dry_run or store_or_none is None:
            return EXIT_COMPLETE

        # Training: each finished trial is stored before the next one starts
        store = store_or_none
        for line in [*mark_stale_runs_killed(store), *send_all_pending(store)]:
            say(console, line)
        if store.notice:
            say(console, store.notice)
        session = open_session(
            store,
            config=config,
            planned=planned,
            corpus=corpus.facts,
            vocabulary_file=corpus.vocabulary_file,
            environment=environment,
            command=command_line(config),
            resume=run_id,
            text_of=corpus.text,
        )
        try:
            with session:
                if before is not None and not config.until_decided:
                    note_added_seeds(session, before, config, planned)
                finished = session.finished_trials()
                if finished:
                    say(console, f"{len(finished)} of {len(planned)} trials are finished already.")
                to_train = [trial for trial in planned if trial.config not in finished]
                with Progress(
                    console,
                    [trial.config for trial in to_train],
                    train_reviews=config.max_reviews or corpus.facts.train_reviews,
                    durations={name: past.median_seconds for name, past in history.items()},
                    workers=config.workers,
                ) as progress:
                    while True:
                        train(to_train, config, executor, corpus, session, progress)
                        if not config.until_decided:
                            break
                        planned, to_train, look = after_look(
                            planned, config, architectures, corpus, environment, read_benchmark(store, session.run_id)
                        )
                        if not to_train:
                            break
                        session.extend_plan(to_train, look=look)
                        progress.extend([trial.config for trial in to_train])
                executor.stop()
                return conclude(console, store, session, corpus, output)
        except Interrupted as interrupted:
            say(console, f"Stopped. To finish it: {resume_command(session.run_id, tracking_uri, experiment_name)}")
            return interrupted.exit_code


# The plan


def resumed_config(before: BenchmarkConfig, now: BenchmarkConfig, given: Collection[str]) -> BenchmarkConfig:
    """Return the earlier settings with what may change; all else that differs is refused."""
    changes = {}
    for name, (new, old) in now.differing_from(before).items():
        if name not in given:
            continue
        if name not in MAY_CHANGE:
            option = name.replace("_", "-")
            possible = ", ".join(f"--{field.replace('_', '-')}" for field in MAY_CHANGE)
            raise UserError(
                f"--{option}: this benchmark was started with {as_typed(old)}, not {as_typed(new)}; --resume takes "
                f"{possible}; start a new benchmark for other settings"
            )
        changes[name] = new
    missing = [seed for seed in before.seeds if seed not in changes.get("seeds", before.seeds)]
    if missing:
        raise UserError(
            f"--seeds: the benchmark has seed {missing[0]} too; give all its seeds ({as_typed(before.seeds)}) and more"
        )
    return before.model_copy(update=changes)


def open_for_run(tracking_uri: str | None, experiment_name: str | None, dry_run: bool) -> Store | None:
    """Open the store; a dry run creates none, and needs none."""
    try:
        return open_store(tracking_uri, experiment_name, create=not dry_run)
    except UserError:
        if dry_run:
            return None
        raise


def limited(config: BenchmarkConfig, corpus: Corpus) -> BenchmarkConfig:
    """Drop a limit that limits nothing, so that it makes no difference to a fingerprint."""
    if config.max_reviews is None or config.max_reviews < max(len(corpus.train), len(corpus.test)):
        return config
    return config.model_copy(update={"max_reviews": None})


def check_until_decided(config: BenchmarkConfig, corpus: Corpus) -> None:
    """Refuse to train until decided where there is nothing to decide.

    Raises
    ------
    UserError
        If the corpus has no reference.
    """
    reason = corpus.facts.not_comparable_reason(config.max_reviews)
    if config.until_decided and reason and not config.reference:
        raise UserError(
            f"--until-decided: there is no figure to decide against, since {reason}; give --reference "
            "'name=0.87', or leave --until-decided out"
        )


def describe_architectures(config: BenchmarkConfig, executor: Executor) -> list[ArchitectureFacts]:
    """Describe our own architectures here and those from elsewhere in a worker, which checks their contract too."""
    typed = [name_and_seeds(architecture)[0] for architecture in config.architectures]
    outside = iter(executor.describe([name for name in typed if is_spec(name)]))
    architectures = [next(outside) if is_spec(name) else describe(name) for name in typed]
    names = [architecture.name for architecture in architectures]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"--architectures: {name!r} is given twice; each name may be given once")
    return architectures


def plan_trials(
    config: BenchmarkConfig,
    architectures: Sequence[ArchitectureFacts],
    corpus: Corpus,
    environment: Environment,
) -> list[PlannedTrial]:
    """Plan deterministic baselines first, then all others seed by seed, so that a stop leaves each equally often."""
    trials = [trial_config(config, one, None) for one in architectures if one.deterministic]
    seeds = [() if one.deterministic else seeds_of(config, position) for position, one in enumerate(architectures)]
    rounds = itertools.zip_longest(*seeds)  # the n-th seeds of all
    trials += [
        trial_config(config, one, seed)
        for round_seeds in rounds
        for one, seed in zip(architectures, round_seeds, strict=True)
        if seed is not None
    ]
    facts = {one.name: one for one in architectures}
    return [plan_trial(trial, facts[trial.architecture], corpus.facts.digest, environment) for trial in trials]


def trial_config(config: BenchmarkConfig, architecture: ArchitectureFacts, seed: int | None) -> TrialConfig:
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


def seeds_of(config: BenchmarkConfig, position: int, look: int = LOOKS[0]) -> Sequence[int]:
    """Return the seeds of an architecture: all, or those of a look, which may need more than were given."""
    _, own = name_and_seeds(config.architectures[position])
    seeds = list(own or config.seeds)
    if not config.until_decided:
        return seeds
    while len(seeds) < look:
        seeds.append(max(seeds) + 1)
    return seeds[:look]


def with_earlier_looks(
    planned: list[PlannedTrial],
    before: Plan,
    architectures: Sequence[ArchitectureFacts],
    corpus: Corpus,
    environment: Environment,
) -> list[PlannedTrial]:
    """Add the trials of a resumed benchmark that later looks had added."""
    facts = {one.name: one for one in architectures}
    have = {(trial.config.architecture, trial.config.seed) for trial in planned}  # a title may have changed
    added = [one.config for one in before.planned if (one.config.architecture, one.config.seed) not in have]
    return planned + [plan_trial(one, facts[one.architecture], corpus.facts.digest, environment) for one in added]


def report_changes(console: Console, before: Plan, planned: Sequence[PlannedTrial]) -> None:
    """Say what changed since the benchmark was planned, where trials must be trained again for it."""
    earlier = {(trial.config.architecture, trial.config.seed): trial for trial in before.planned}
    pairs = [(earlier.get((trial.config.architecture, trial.config.seed)), trial) for trial in planned]
    reasons = dict.fromkeys(
        reason
        for old, now in pairs
        if old is not None and old.fingerprint != now.fingerprint
        for reason in differing_parts(old.fingerprint_parts, now.fingerprint_parts)
    )
    if reasons:
        say(console, f"Trials that this changes are trained again: {'; '.join(reasons)}.")


def note_added_seeds(session: Session, before: Plan, config: BenchmarkConfig, planned: Sequence[PlannedTrial]) -> None:
    """Record that seeds were added after a result could be seen: the plain interval no longer holds then."""
    if len(config.seeds) > len(before.config.seeds) and session.finished_trials():
        session.extend_plan(planned, look=len(before.config.seeds))


def command_line(config: BenchmarkConfig) -> str:
    """Return the command that runs this benchmark; options at their defaults are left out."""
    words = ["python", "-m", "benchmark", "run", "--architectures", ",".join(config.architectures)]
    defaults = BenchmarkConfig(architectures=config.architectures)
    for name, (value, _) in config.differing_from(defaults).items():
        option = f"--{name.replace('_', '-')}"
        words += [option] if value is True else [option, as_typed(value)]
    return shlex.join(words)


def resume_command(run_id: str, tracking_uri: str | None, experiment_name: str | None) -> str:
    """Return the command that finishes a benchmark, with the store as the user named it."""
    words = ["python", "-m", "benchmark", "run", "--resume", run_id]
    for option, value in (("--tracking-uri", tracking_uri), ("--experiment-name", experiment_name)):
        if value and not (option == "--tracking-uri" and "@" in value):  # may hold a password
            words += [option, value]
    return shlex.join(words)


def as_typed(value: object) -> str:
    """Write a setting as a user types it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def check_output(output: Path) -> None:
    """Refuse a report folder that cannot be written, before anything is trained.

    Raises
    ------
    UserError
    """
    parent = next(folder for folder in (output, *output.absolute().parents) if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise UserError(f"--output: {output} cannot be written; give a folder that can")


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
    plans = {trial.config: trial for trial in trials}
    to_train = list(trials)
    for attempt in range(1 + config.retry_failed):
        if attempt:
            progress.extend([trial.config for trial in to_train])
        failed = []
        for event in executor.run(to_train, corpus.folder, session.pending_folder):
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
                    failed.append(plans[trial])
        to_train = failed
        if not failed:
            return


def after_look(
    planned: list[PlannedTrial],
    config: BenchmarkConfig,
    architectures: Sequence[ArchitectureFacts],
    corpus: Corpus,
    environment: Environment,
    record: BenchmarkRecord,
) -> tuple[list[PlannedTrial], list[PlannedTrial], int]:
    """Return the whole plan, what is to be trained for the next look, and the number of seeds of this look."""
    from benchmark.report.summarize import summarize

    rows = {row.architecture: row for row in summarize(record).rows}
    have = {trial.config for trial in planned}
    more, looks = [], []
    for position, one in enumerate(architectures):
        seeds = sum(trial.config.architecture == one.name for trial in planned)
        row = rows.get(one.name)
        if one.deterministic or row is None:
            continue
        look = next_look(seeds, row.verdict or "undecided", LOOKS)
        if look is not None:
            looks.append(seeds)
            configs = [trial_config(config, one, seed) for seed in seeds_of(config, position, look)]
            more += [plan_trial(each, one, corpus.facts.digest, environment) for each in configs if each not in have]
    return planned + more, more, max(looks, default=0)


# The end


def conclude(console: Console, store: Store, session: Session, corpus: Corpus, output: Path) -> int:
    """Report on the benchmark as the store has it, move the champions, and end its run."""
    from benchmark.commands.hard_reviews import explain_hard_reviews, median_model_of_the_best
    from benchmark.report import answer_markdown, render, summarize
    from tracking.promotion import SENTIMENT, promote

    if session.send_pending(patience_seconds=600):
        session.finish("FAILED", patience_seconds=0)  # raises: the store is away
    record = read_benchmark(store, session.run_id)
    record = replace(record, status="finished" if record.complete else "failed")
    record = replace(record, hard_reviews=explain_hard_reviews(store, record, corpus))
    session.log_hard_reviews(record.hard_reviews)
    report = summarize(record)
    report = report.model_copy(update={"name": run_name(report)})  # as it is read back when the report is rebuilt
    folder = output / f"benchmark-{session.run_id[:8]}"
    render(report, folder)
    session.log_report(folder)
    promotion = promote(store, record)
    links = {trial.run_id: ui_link(store, trial.run_id) for trial in record.finished}
    session.describe(
        answer_markdown(report, links),
        run_name=report.name,
        tags={
            "benchmark.verdict": report.verdict,
            "benchmark.best_accuracy": "" if report.best_accuracy is None else f"{report.best_accuracy:.4f}",
        },
        metrics=sortable_metrics(report),
    )
    session.finish("FINISHED" if record.complete else "FAILED")
    say(console, promotion.reason)
    show_summary(
        console,
        report,
        report_file=folder / "report.html",
        ui_link=ui_link(store, session.run_id),
        model_uri=next((uri for uri in promotion.moved if SENTIMENT in uri), median_model_of_the_best(record)),
    )
    return EXIT_COMPLETE if record.complete else EXIT_TRIALS_MISSING


def run_name(report: Report) -> str:
    """Name a benchmark run so that a list of runs tells them apart: what, how many seeds, and the best accuracy."""
    names = [row.architecture for row in report.rows]
    what = ", ".join(names) if len(names) < 4 else f"{len(names)} architectures"
    seeds = max((len(row.seeds) for row in report.rows), default=0)
    best = "" if report.best_accuracy is None else f", best {100 * report.best_accuracy:.2f}%"
    return f"{what}, {seeds} {'seed' if seeds == 1 else 'seeds'}{best}"


def sortable_metrics(report: Report) -> dict[str, float]:
    """Return what runs are sorted by: the best accuracy, and mean and standard deviation of each architecture."""
    metrics = {} if report.best_accuracy is None else {"best_accuracy": report.best_accuracy}
    for row in report.rows:
        metrics[f"{row.architecture}.accuracy_mean"] = row.accuracy
        if row.spread_points is not None:
            metrics[f"{row.architecture}.accuracy_sd"] = row.spread_points / 100
    return metrics
