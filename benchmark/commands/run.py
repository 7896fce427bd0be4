"""The command ``run``: plan, train, store, report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.prepare import prepare
from benchmark.commands.publish import publish
from benchmark.config import LOOKS, BenchmarkConfig, as_option, as_typed
from benchmark.corpus.load import check_data
from benchmark.errors import UserError
from benchmark.executors import Executor, make_executor
from benchmark.plan import Plan, seeds_to_look
from benchmark.results import TrialFailed, TrialFinished
from benchmark.signals import Interrupted, end_with_parent, interruptible
from benchmark.terminal import Progress, make_console, print_command, say, show_ladder_so_far, show_plan, show_summary
from benchmark.training.fingerprint import differing_parts
from models.registry import split_settings
from tracking.past import take_stored, typical_seconds
from tracking.pending import mark_stale_runs_killed, send_all_pending
from tracking.promotion import SENTIMENT, promote
from tracking.reader import find_run, read_benchmark, read_plan
from tracking.session import Session, open_session
from tracking.store import Store, open_store, store_errors, with_store

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.corpus.corpus import Corpus
    from benchmark.results import BenchmarkRecord, PlannedTrial

# What --resume may change; where the reviews become others by it, their trials are trained again.
MAY_CHANGE = ("seeds", "data", "columns", "max_minutes_per_trial", "until_decided", "fresh", "workers",
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
    """Run a benchmark, new or resumed; the exit code is 0 where every trial finished, else 1.

    Parameters
    ----------
    given : collection of str
        Names of the settings that the user typed: `resume` keeps the others as they were.

    Raises
    ------
    UserError
        If an option is not possible; before any training.
    """
    console = make_console()
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()  # `mlflow run` ends without its child on SIGTERM
    # What is asked for; a resumed benchmark keeps its settings
    store, resumed = None, None
    if resume is not None:
        store = open_store(tracking_uri, experiment_name)
        resume = find_run(store, resume)
        store, resumed = store.of_run(resume), read_plan(store, resume)
        config = resumed_config(resumed.config, config, given)
    check_settings(config)

    with interruptible(), make_executor(config) as executor:
        with console.status("Checking the architectures"):
            architectures = executor.describe(config.names)
        store = store or open_new_store(tracking_uri, experiment_name, dry_run)
        corpus, plan = prepare(console, config, executor, architectures, resumed)

        # What the store has, once the pending trials are there too, and what is left to train
        if store is not None and not dry_run:
            tidy(console, store)
        plan, refused = take_stored(store, plan, resume)
        if resumed is not None and not plan.to_train:
            plan = plan.model_copy(update={"environment": resumed.environment})  # where it was trained
        seconds = typical_seconds(store, plan) if store else {}
        show_plan(console, plan, seconds)
        say_what_is_trained_again(console, plan, refused, resumed)
        if dry_run or store is None:
            return 0
        output.mkdir(parents=True, exist_ok=True)  # before any training

        # Training, and the report
        opened = open_session(store, plan, corpus.vocabulary_file, resume=resume)
        with opened as session, say_how_to_resume(console, store, session.run_id):
            with executor, Progress(console, plan, seconds) as progress:  # no worker trains in an unlocked folder
                for trials in trials_by_look(plan, store, session):
                    train(console, trials, executor, corpus, store, session, progress)
            return conclude(console, store, session, corpus, output)


def open_new_store(tracking_uri: str | None, experiment_name: str | None, dry_run: bool) -> Store | None:
    """Open the store for a new benchmark; a dry run makes none, and needs none."""
    try:
        return open_store(tracking_uri, experiment_name, create=not dry_run)
    except UserError:
        if dry_run:
            return None
        raise


def resumed_config(resumed: BenchmarkConfig, now: BenchmarkConfig, given: Collection[str]) -> BenchmarkConfig:
    """Return the settings of a resumed benchmark with those that were typed; what may not change is refused."""
    if "seeds" in given:  # they are added
        now = now.model_copy(update={"seeds": tuple(dict.fromkeys((*resumed.seeds, *now.seeds)))})
    for name in given:
        old, new = getattr(resumed, name), getattr(now, name)
        if new != old and name not in MAY_CHANGE:
            raise UserError(
                f"{as_option(name)}: this benchmark was started with {as_typed(old)}, not {as_typed(new)}; --resume "
                f"takes {', '.join(map(as_option, MAY_CHANGE))}; start a new benchmark for other settings"
            )
    return resumed.model_copy(update={name: getattr(now, name) for name in given})


def check_settings(config: BenchmarkConfig) -> None:
    """Refuse reviews that cannot be read, options that contradict each other, and two values of one setting."""
    check_data(config.data, config.columns)
    if config.train_reviews and config.max_reviews:
        raise UserError("--max-reviews cuts the test split too, and --train-reviews does not; leave out one of the two")
    if config.train_reviews and config.until_decided:
        raise UserError("--until-decided adds no seeds with --train-reviews; leave out one of the two")
    for name in config.names:
        _, settings = split_settings(name)
        for setting in settings:
            if getattr(config, setting, None) is not None:
                raise UserError(f"{as_option(setting)}: {name} has its own; leave one of the two out")


def tidy(console: Console, store: Store) -> None:
    """End runs whose process is gone, and send what earlier benchmarks left pending."""
    for line in [*mark_stale_runs_killed(store), *send_all_pending(store)]:
        say(console, line)


def say_what_is_trained_again(console: Console, plan: Plan, refused: list[str], resumed: Plan | None) -> None:
    """Say why trials that the store or the resumed benchmark has are trained again."""
    for line in refused:
        say(console, line)
    parts = {}
    if resumed is not None:
        parts = {trial.config.name: trial.fingerprint_parts for trial in resumed.planned}
    reasons = []
    for trial in plan.planned:
        if trial.config.name in parts:
            reasons += differing_parts(parts[trial.config.name], trial.fingerprint_parts)
    if reasons:
        say(console, f"Trials that this changes are trained again: {'; '.join(dict.fromkeys(reasons))}.")


@contextmanager
def say_how_to_resume(console: Console, store: Store, run_id: str) -> Iterator[None]:
    """Print the command that finishes the benchmark where it is interrupted."""
    try:
        yield
    except Interrupted:
        say(console, "Stopped. To finish it:")
        print_command(console, with_store(["python", "-m", "benchmark", "run", "--resume", run_id[:8]], store))
        raise


def trials_by_look(plan: Plan, store: Store, session: Session) -> Iterator[Sequence[PlannedTrial]]:
    """Yield what to train; with `--until-decided` then, once that is trained, the seeds that a look adds."""
    yield plan.to_train
    while plan.config.until_decided:
        added = seeds_to_add(plan, session.read())
        if not added:
            return
        tried = {trial.fingerprint for trial in plan.to_train}
        plan, _ = take_stored(store, plan.extended(added), session.run_id)
        session.retry(session.log_plan, plan)
        yield [trial for trial in plan.to_train if trial.fingerprint not in tried]


def seeds_to_add(plan: Plan, record: BenchmarkRecord) -> dict[str, list[int]]:
    """Look at the results: return the seeds up to the number of the next look for each side of an undecided answer."""
    from benchmark.report import summarize

    added = {}
    for question in summarize(record).questions:
        names = [answer.architecture for answer in question.answers if answer.kind == "undecided"]
        if names and question.other_architecture:
            names.append(question.other_architecture)
        for name in names:
            seeds = list(plan.by_seed(name))
            later_looks = [look for look in LOOKS if look > len(seeds)]
            if seeds and later_looks:
                added[name] = seeds_to_look(seeds, later_looks[0])
    return added


def train(
    console: Console,
    trials: Sequence[PlannedTrial],
    executor: Executor,
    corpus: Corpus,
    store: Store,
    session: Session,
    progress: Progress,
) -> None:
    """Train and store; print the ladder where the last trial of a seed has ended."""
    from benchmark.report import summarize

    progress.extend(trial.config for trial in trials)
    left = Counter(trial.config.seed for trial in trials)
    for event in executor.run(trials, corpus.folder, session.pending_folder):
        progress.handle(event)  # first: a stored trial's folder is removed
        match event:
            case TrialFinished(trial, folder):
                session.store_trial(folder)
            case TrialFailed(trial, reason, traceback):
                session.fail_trial(trial, reason, traceback)
            case _:
                continue
        left[trial.seed] -= 1
        if not left[trial.seed] and left.total():
            with suppress(UserError, *store_errors()):  # it cannot be read now
                show_ladder_so_far(console, summarize(read_benchmark(store, session.run_id)))


def conclude(
    console: Console,
    store: Store,
    session: Session,
    corpus: Corpus,
    output: Path,
) -> int:
    """Report on the benchmark as the store has it, move the champions, and end its run."""
    folder = output / f"benchmark-{session.run_id[:8]}"
    with console.status("Writing the report"):
        record = session.read()
        report = publish(session, record, folder, corpus.test.raw_texts())
        moved, reason = session.retry(promote, store, record)
        session.finish("FINISHED" if record.complete else "FAILED")
    say(console, reason)
    model_uri = next((uri for uri in moved if SENTIMENT in uri), record.best_model_uri)
    show_summary(console, report, folder / "report.html", store, model_uri)
    return int(not record.complete)
