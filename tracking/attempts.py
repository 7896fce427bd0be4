"""The attempts at a benchmark's trials: which runs count, and which a new attempt has put out of force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from benchmark.config import TrialConfig
from tracking.benchmark_run import child_runs
from tracking.outages import is_outage
from tracking.trial_runs import set_tags, trial_config

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

SUPERSEDED_TAG = "benchmark.superseded"


def attempts(client: MlflowClient, experiment_id: str, benchmark_run_id: str, taken_over: Sequence[str]) -> list[Run]:
    """Give the trial runs that count for a benchmark: its own, the oldest first, then those that it took over.

    Parameters
    ----------
    taken_over : sequence of str
        Run ids; one that is not there any more is left out. A run that is superseded in its own benchmark still counts
        here.
    """
    own = [
        run
        for run in child_runs(client, experiment_id, benchmark_run_id)
        if SUPERSEDED_TAG not in run.data.tags and trial_config(run) is not None
    ]
    return [*own, *_runs_still_there(client, taken_over)]


def supersede_own(
    client: MlflowClient, experiment_id: str, benchmark_run_id: str, trials: Collection[TrialConfig]
) -> None:
    """Put a benchmark's own finished runs of these trials out of force; failed ones stay, to be seen."""
    for run in child_runs(client, experiment_id, benchmark_run_id):
        if run.info.status == "FINISHED" and SUPERSEDED_TAG not in run.data.tags and trial_config(run) in trials:
            set_tags(client, run.info.run_id, {SUPERSEDED_TAG: "true"})


def without(client: MlflowClient, taken_over: Sequence[str], trials: Collection[TrialConfig]) -> tuple[str, ...]:
    """Ids of the runs taken over that are still there and are not of these trials."""
    return tuple(run.info.run_id for run in _runs_still_there(client, taken_over) if trial_config(run) not in trials)


def _runs_still_there(client: MlflowClient, run_ids: Sequence[str]) -> list[Run]:
    from mlflow.exceptions import MlflowException

    runs = []
    for run_id in run_ids:
        try:
            run = client.get_run(run_id)
        except MlflowException as error:
            if is_outage(error):
                raise
            continue  # its benchmark was deleted for good
        if trial_config(run) is not None:
            runs.append(run)
    return runs
