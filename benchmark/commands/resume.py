"""What ``run`` does about benchmarks that were begun before: offer them, or take one up again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmark.config import BenchmarkConfig, option_text
from benchmark.corpus import default_cache_directory
from benchmark.results import BenchmarkRecord
from tracking.benchmark_run import refuse_to_resume_what_runs
from tracking.dead_runs import bury, dead_runs
from tracking.records import read_benchmark
from tracking.run_lookup import find_benchmark
from tracking.spool import held, send_spooled, spool_folder, spooled_trials
from tracking.store import Store
from tracking.unfinished import unfinished_like

if TYPE_CHECKING:
    from mlflow import MlflowClient

MAY_BE_GIVEN_ANEW = ("data", "max_minutes_per_trial", "retry_failed")  # they decide no trial's result


def resume_command(
    run_id: str, tracking_uri: str | None, experiment_name: str | None, executor_words: Sequence[str] = ()
) -> str:
    """The command that finishes a benchmark, where this one ran and with the store as it was told of it."""
    words = ["python", "-m", "benchmark", "run", "--resume", run_id]
    for option, value in (("--tracking-uri", tracking_uri), ("--experiment-name", experiment_name)):
        if value is not None:
            words += [option, value]
    return shlex.join([*words, *executor_words])


def bury_the_dead(console: Console, store: Store) -> None:
    """End as KILLED what MLflow takes for running though its process on this machine was killed."""
    for run in dead_runs(store.client, [store.experiment_id]):
        bury(store.client, run)
        console.print(f"{run.info.run_name} ({run.info.run_id}) was killed, and is now marked so", markup=False)


def unfinished_before(store: Store, config: BenchmarkConfig) -> str | None:
    """Id of a benchmark with the same settings that did not come to its end."""
    return unfinished_like(store.client, store.experiment_id, config)


def resumable(client: MlflowClient, experiment_id: str | None, which: str) -> str:
    """Id of the benchmark run to resume; nothing is written.

    Raises
    ------
    UserError
        If there is no such benchmark, or somebody is at work on it.
    """
    run_id = find_benchmark(client, experiment_id, which)
    refuse_to_resume_what_runs(client, run_id)
    return run_id


@contextmanager
def taken_up(console: Console, store: Store, experiment_id: str | None, which: str) -> Iterator[BenchmarkRecord]:
    """Hold a benchmark that nobody else is at work on, with all that is finished of it sent to the store.

    Raises
    ------
    UserError
        If there is no such benchmark, or somebody is at work on it.
    """
    run_id = resumable(store.client, experiment_id, which)
    folder = spool_folder(default_cache_directory(), run_id)
    with held(folder):
        for directory in spooled_trials(folder):
            send_spooled(directory)
            console.print(f"{directory.name} had finished, and is now stored", markup=False)
        yield read_benchmark(store.client, run_id)


def resumed_config(begun: BenchmarkConfig, given: BenchmarkConfig) -> tuple[BenchmarkConfig, list[str]]:
    """Settings of a benchmark that is resumed: its own, but for those that may be given anew.

    Returns
    -------
    tuple of BenchmarkConfig and list of str
        The second are sentences on options that were given and are not used. An option at its default counts as not
        given, since `mlflow run` gives every one.
    """
    changed: dict[str, Any] = {}
    ignored = []
    for name, (before, now) in _differing(begun, given).items():
        if now == BenchmarkConfig.model_fields[name].get_default(call_default_factory=True):
            continue
        if name in MAY_BE_GIVEN_ANEW:
            changed[name] = now
        else:
            option = f"--{name.replace('_', '-')} {option_text(now)}"
            ignored.append(f"{option} is not used: it was begun with {option_text(before)}")
    return begun.model_copy(update=changed), ignored


def show_ignored(console: Console, sentences: Sequence[str]) -> None:
    """Print which options have no effect on a benchmark that was begun before."""
    for sentence in sentences:
        console.print(sentence, style="yellow", markup=False, soft_wrap=True)


def _differing(begun: BenchmarkConfig, given: BenchmarkConfig) -> Mapping[str, tuple[Any, Any]]:
    before, now = dict(begun), dict(given)
    return {name: (before[name], now[name]) for name in before if before[name] != now[name]}
