"""Which stored run a user means: by its id or the first digits of it, as the newest, or as the one before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from tracking.benchmark_facts import BENCHMARK_KIND, KIND_TAG
from tracking.outages import is_outage

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

IS_BENCHMARK = f"tags.`{KIND_TAG}` = '{BENCHMARK_KIND}'"
FIRST_DIGITS = re.compile(r"[0-9a-f]{4,31}")  # reports and tables show eight of them


def find_run(client: MlflowClient, run_id: str, possible: str) -> Run:
    """Get a run by its id, or by at least four first digits that no other run has.

    Parameters
    ----------
    possible : str
        What may be given instead, for the refusal.

    Raises
    ------
    UserError
        If there is no such run, or more than one.
    """
    from mlflow.exceptions import MlflowException

    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if is_outage(error):
            raise
    if FIRST_DIGITS.fullmatch(run_id):
        found = client.search_runs(_everywhere(client), f"attributes.run_id LIKE '{run_id}%'", max_results=2)
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(f"more than one run in {client.tracking_uri} begins with {run_id!r}; give more of its id")
    raise UserError(f"there is no run {run_id!r} in {client.tracking_uri}; give {possible}")


def benchmark_run(client: MlflowClient, run_id: str) -> Run:
    """Get a benchmark run.

    Raises
    ------
    UserError
        If there is no such run, or it is another kind of run.
    """
    run = find_run(client, run_id, "a benchmark run's id, or latest")
    if run.data.tags.get(KIND_TAG) != BENCHMARK_KIND:
        parent = run.data.tags.get("mlflow.parentRunId")
        hint = f"; it is a trial of the benchmark {parent}" if parent else ""
        raise UserError(f"the run {run_id} is not a benchmark run{hint}")
    return run


def find_benchmark(client: MlflowClient, experiment_id: str | None, which: str = "latest") -> str:
    """Id of a benchmark run: of that which `which` names, or of the newest for ``latest``.

    Parameters
    ----------
    experiment_id : str or None
        Where to look for the newest; None looks everywhere.

    Raises
    ------
    UserError
        If there is none.
    """
    if which != "latest":
        return benchmark_run(client, which).info.run_id
    experiment_ids = _everywhere(client) if experiment_id is None else [experiment_id]
    newest = client.search_runs(experiment_ids, IS_BENCHMARK, order_by=["start_time DESC"], max_results=1)
    if newest:
        return newest[0].info.run_id
    where = "" if experiment_id is None else f" in the experiment {client.get_experiment(experiment_id).name!r}"
    raise UserError(
        f"there is no benchmark{where} in {client.tracking_uri}; run one, or point elsewhere with --tracking-uri"
        + (" or --experiment-name" if where else "")
    )


def previous_benchmark(client: MlflowClient, run_id: str) -> str:
    """Id of the benchmark run that was started before this one in the same experiment.

    Raises
    ------
    UserError
        If this one is no benchmark run, or the first.
    """
    run = benchmark_run(client, run_id)
    before = client.search_runs(
        [run.info.experiment_id],
        f"{IS_BENCHMARK} AND attributes.start_time < {run.info.start_time}",
        order_by=["start_time DESC"],
        max_results=1,
    )
    if not before:
        raise UserError(f"there is no benchmark before {run_id} in its experiment; give the id of another one")
    return before[0].info.run_id


def _everywhere(client: MlflowClient) -> list[str]:
    return [experiment.experiment_id for experiment in client.search_experiments()]
