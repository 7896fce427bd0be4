"""Runs that MLflow takes for running though the process that worked on them is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from tracking.benchmark_facts import KIND_TAG
from tracking.benchmark_run import PROCESS_TAG
from tracking.processes import host_of, process_is_alive
from tracking.trial_runs import PARENT_TAG, kill_trial_run

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


def dead_runs(client: MlflowClient, experiment_ids: Sequence[str], lost_hosts: Collection[str] = ()) -> list[Run]:
    """List the benchmarks' runs, and runs under them, whose process is known to be gone, the newest first.

    Parameters
    ----------
    client : mlflow.MlflowClient
    experiment_ids : sequence of str
    lost_hosts : collection of str
        Machines that are gone for good, with every process that they had. Of others but this one nothing is known.
    """
    return [run for run in running_runs(client, experiment_ids) if _is_dead(client, run, lost_hosts)]


def bury(client: MlflowClient, run: Run, lost_hosts: Collection[str] = ()) -> None:
    """End a dead run as KILLED, unless it was resumed in the meantime."""
    now = client.get_run(run.info.run_id)
    if now.info.status != "RUNNING" or not _is_dead(client, now, lost_hosts):
        return
    if PARENT_TAG in now.data.tags:
        kill_trial_run(client, run.info.run_id)
    else:
        client.set_terminated(run.info.run_id, "KILLED")


def running_runs(client: MlflowClient, experiment_ids: Sequence[str]) -> Iterator[Run]:
    """Give every run of these experiments that has not ended, as far as MLflow knows."""
    token = None
    while True:
        page = client.search_runs(list(experiment_ids), "attributes.status = 'RUNNING'", page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def process_of(client: MlflowClient, run: Run) -> str | None:
    """Name the process that works on a run: its own, or that of the benchmark that it is a part of."""
    from mlflow.exceptions import MlflowException

    tags = run.data.tags
    if PROCESS_TAG in tags or KIND_TAG not in tags or PARENT_TAG not in tags:
        return tags.get(PROCESS_TAG)
    try:
        return client.get_run(tags[PARENT_TAG]).data.tags.get(PROCESS_TAG)
    except MlflowException:
        return None


def _is_dead(client: MlflowClient, run: Run, lost_hosts: Collection[str]) -> bool:
    process = process_of(client, run)
    if process is None:
        return False
    return process_is_alive(process) is False or host_of(process) in lost_hosts
