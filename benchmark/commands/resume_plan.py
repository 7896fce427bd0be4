"""``run --resume … --dry-run``: what would stay and what would be trained, from a store that is only read."""

from __future__ import annotations

from rich.console import Console

from benchmark.commands.resume import resumable, resumed_config, show_ignored
from benchmark.config import BenchmarkConfig
from benchmark.corpus import default_cache_directory, load_corpus
from benchmark.executors.settings import ExecutorSettings
from benchmark.plan import plan_trials
from benchmark.terminal import BytesView, show_corpus, show_plan, show_trained_again
from tracking.records import read_benchmark, whole_trials
from tracking.spool import read_spooled, spool_folder, spooled_trials
from tracking.store import connect, experiment_named


def show_resume_plan(
    console: Console,
    executors: ExecutorSettings,
    given: BenchmarkConfig,
    which: str,
    force: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> None:
    """Show the plan that ``--resume`` would follow. The worker is started, since it decides what stays.

    Raises
    ------
    UserError
        As for ``--resume`` itself, but that no lock is tried.
    """
    client = connect(tracking_uri)
    begun = read_benchmark(client, resumable(client, experiment_named(client, experiment_name), which))
    config, ignored = resumed_config(begun.config, given)
    show_ignored(console, ignored)
    with executors.make(config) as executor:
        executor.start()
        with BytesView(console) as view:
            corpus = load_corpus(config.data, default_cache_directory(), view)
        show_corpus(console, corpus.facts)
        environment = executor.environment()
    there = {}
    if not force:
        there = whole_trials(client, begun.experiment_id, begun.trusted_since_ms)
        for directory in spooled_trials(spool_folder(default_cache_directory(), begun.run_id)):
            there[str(directory)] = read_spooled(directory)[1].fingerprint  # a resumed run sends it to the store first
    plan = plan_trials(config, corpus.facts.digest, environment, None if force else begun, there)
    show_plan(console, config, executors, plan)
    show_trained_again(console, plan)
