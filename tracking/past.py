"""What the store has of a plan already, and how long the rest may take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from statistics import median
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import PlannedTrial
from tracking.models import settings_of_model
from tracking.reader import read_plan, read_trial_run, runs_by_id
from tracking.store import Store
from tracking.trial_log import ORIGIN_TAG, PARENT_TAG, TRAINED

if TYPE_CHECKING:
    from mlflow.entities import Run

VERDICT_TAG = "benchmark.verdict"  # of a benchmark whose results were reported
RECENT_TRIALS = 20  # of an architecture: enough for its typical time
DECIDES_SECONDS = (
    *("cpu_model", "device_name", "threads", "trials_at_once"),
    *("vocabulary_size", "max_length", "max_reviews", "train_reviews", "epochs", "batch_size"),
)
FINISHED = f"attributes.status = 'FINISHED' AND tags.`{ORIGIN_TAG}` = '{TRAINED}'"


def take_stored(store: Store | None, plan: Plan, run_id: str | None = None) -> tuple[Plan, list[str]]:
    """Mark the planned trials that need not be trained again; none where there is no store.

    Trials of our own architectures may come from every benchmark of the store. Those from elsewhere count only where
    this benchmark has trained them, since what they read cannot all be seen. With ``--fresh`` the same is true of ours.

    Parameters
    ----------
    run_id : str or None
        The run of this benchmark, where it has one already.

    Returns
    -------
    plan : Plan
    refused : list of str
        A sentence for each trial that the store has and that is trained again all the same.
    """
    if store is None:
        return plan.with_stored({}), []
    run_ids = {}
    benchmarks = set()
    refused = []
    for planned in plan.planned:
        runs = _trained(store, planned, plan)
        own = [run for run in runs if run.data.tags[PARENT_TAG] == run_id]
        if own:
            runs = own[:1]
        elif plan.config.fresh or planned.config.spec is not None:
            runs = []
        reason = _why_not(store, planned, plan, runs)
        if reason:
            refused.append(f"{planned.config.name} is in the store and is trained again: {reason}")
        elif runs:
            run_ids[planned.fingerprint] = runs[0].info.run_id
            benchmarks.add(runs[0].data.tags[PARENT_TAG])
    return plan.with_stored(run_ids, [*_reported_plans(store, benchmarks)]), refused


def typical_seconds(store: Store, plan: Plan) -> dict[str, float]:
    """Return by architecture the median seconds of its newest trials like the planned ones, on this machine."""
    on_corpus = f"{FINISHED} AND params.corpus_digest = '{plan.corpus.digest}'"
    typical = {}
    for trial in {planned.config.architecture: planned.config for planned in plan.planned}.values():
        facts = {**plan.environment.model_dump(), **trial.model_dump(), "train_reviews": None}
        expected = [str(facts[name]) for name in DECIDES_SECONDS]
        seconds = []
        for run in store.search(f"{on_corpus} AND params.architecture = '{trial.architecture}'", RECENT_TRIALS):
            if [run.data.params.get(name, "None") for name in DECIDES_SECONDS] == expected:
                seconds.append(run.data.metrics["trial/wall_seconds"])
        if seconds:
            typical[trial.architecture] = median(seconds)
    return typical


def _trained(store: Store, planned: PlannedTrial, plan: Plan) -> list[Run]:
    """Return the finished runs of a trial on this kind of processor."""
    processor = plan.environment.processor(planned.config.kind)
    runs = store.search(f"{FINISHED} AND params.fingerprint = '{planned.fingerprint}'")
    return [run for run in runs if run.data.params["processor"] == processor]


def _why_not(store: Store, planned: PlannedTrial, plan: Plan, runs: Sequence[Run]) -> str | None:
    """Return why none of these runs of one trial can be taken; None where the first can, or there is none."""
    if not runs:
        return None
    if len({run.data.params["weights_sha256"] for run in runs}) > 1:
        return f"its runs {runs[0].info.run_id[:8]} and {runs[-1].info.run_id[:8]} have different weights"
    trial = read_trial_run(store, planned.config, runs[0], plan.corpus)
    if trial.failure:
        return trial.failure
    try:
        settings_of_model(str(trial.model_uri))
    except UserError as error:
        return str(error)
    return None


def _reported_plans(store: Store, run_ids: Collection[str]) -> Iterator[Plan]:
    """Read the plans of those benchmarks whose results were reported."""
    for run in runs_by_id(store, run_ids):
        if VERDICT_TAG in run.data.tags:
            with suppress(UserError):  # its plan is gone, but the results of its trials hold
                yield read_plan(store, run.info.run_id)
