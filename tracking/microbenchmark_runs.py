"""Runs of the microbenchmarks: timings as metrics, machine and versions as params, so that the UI compares them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.microbenchmarks import Timing, read_timings
from tracking.benchmark_facts import KIND_TAG
from tracking.store import Store
from tracking.trial_runs import set_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

EXPERIMENT = "imdb-microbenchmarks"  # of their own: in one list with accuracies they would only be in the way
MICROBENCHMARKS_KIND = "microbenchmarks"
TIMINGS_ARTIFACT = "microbenchmarks.json"


@dataclass(frozen=True)
class StoredMicrobenchmarks:
    """A run of the microbenchmarks as the store has it."""

    run_id: str
    facts: Mapping[str, str]
    timings: Mapping[str, Timing]


def log_microbenchmarks(store: Store, json_file: Path, facts: Mapping[str, str], succeeded: bool) -> str:
    """Log what was measured, in a run that ends as FINISHED or, where a microbenchmark failed, as FAILED.

    Parameters
    ----------
    json_file : Path
        As ``pytest --benchmark-json`` writes it; kept as it is.
    facts : mapping
        Machine, versions and git commit.

    Returns
    -------
    str
        The run's id.
    """
    from mlflow.entities import Metric, Param
    from mlflow.tracking.context.registry import resolve_tags

    client = store.client
    run_id = store.started_run_id
    if run_id is None:
        run = client.create_run(store.experiment_id, tags=resolve_tags(), run_name=MICROBENCHMARKS_KIND)
        run_id = run.info.run_id
    set_tags(client, run_id, {KIND_TAG: MICROBENCHMARKS_KIND, "mlflow.source.git.commit": facts["git_commit"]})
    now_ms = time.time_ns() // 1_000_000
    metrics = [
        Metric(name, value, now_ms, 0)
        for timing in read_timings(json_file).values()
        for name, value in _metrics(timing).items()
    ]
    client.log_batch(run_id, metrics=metrics, params=[Param(name, value) for name, value in facts.items()])
    with TemporaryDirectory() as folder:
        named = Path(folder) / TIMINGS_ARTIFACT
        named.write_bytes(json_file.read_bytes())
        client.log_artifact(run_id, str(named))
    client.set_terminated(run_id, "FINISHED" if succeeded else "FAILED")
    return run_id


def read_microbenchmarks(store: Store, which: str) -> StoredMicrobenchmarks:
    """Read the run `which`, or the newest finished one for ``latest``.

    Raises
    ------
    UserError
        If there is none.
    """
    client = store.client
    run = _newest(store) if which == "latest" else _run(client, which)
    with TemporaryDirectory() as folder:
        path = Path(client.download_artifacts(run.info.run_id, TIMINGS_ARTIFACT, folder))
        return StoredMicrobenchmarks(run.info.run_id, run.data.params, read_timings(path))


def _metrics(timing: Timing) -> dict[str, float]:
    # The part before the slash is a section of the UI's charts.
    return {
        f"median_seconds/{timing.name}": timing.median_seconds,
        f"min_seconds/{timing.name}": timing.min_seconds,
        f"iqr_seconds/{timing.name}": timing.iqr_seconds,
        f"rounds/{timing.name}": timing.rounds,
    }


def _newest(store: Store) -> Run:
    everywhere = [experiment.experiment_id for experiment in store.client.search_experiments()]
    for experiment_ids in ([store.experiment_id], everywhere):
        found = store.client.search_runs(
            experiment_ids,
            f"tags.`{KIND_TAG}` = '{MICROBENCHMARKS_KIND}' AND attributes.status = 'FINISHED'",
            order_by=["start_time DESC"],
            max_results=1,
        )
        if found:
            return found[0]
    raise UserError(
        f"--compare: there is no finished run of the microbenchmarks in {store.tracking_uri}; "
        "run them once without --compare"
    )


def _run(client: MlflowClient, run_id: str) -> Run:
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException:
        raise UserError(
            f"--compare: there is no run {run_id!r} in {client.tracking_uri}; give a run's id, or latest"
        ) from None
    if run.data.tags.get(KIND_TAG) != MICROBENCHMARKS_KIND:
        raise UserError(
            f"--compare: the run {run_id} is not one of the microbenchmarks; give such a run's id, or latest"
        )
    return run
