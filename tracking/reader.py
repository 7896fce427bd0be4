"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT

from benchmark.config import TrialConfig
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import (
    BenchmarkRecord,
    PlannedTrial,
    TrialRecord,
    TrialStatus,
)
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_trial_folder
from tracking.store import Store, display_uri, first_line
from tracking.trial_log import FAILURE_TAG, KIND_TAG, MODEL_TAG, ORIGIN_TAG, PARENT_TAG, TRAINED

if TYPE_CHECKING:
    from mlflow.entities import Run

PLANNED_TAG = "benchmark.planned_trials"
PLAN_FILE = "benchmark.json"


def find_run(store: Store, text: str, kinds: Sequence[str] = ("benchmark",)) -> str:
    """Return the id of the run that a user means.

    Parameters
    ----------
    text : str
        An id, its first characters, or of a benchmark ``latest`` or ``previous`` (the one before).
    kinds : sequence of {"benchmark", "trial"}
        What it may be.

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    if text == "latest":
        runs = benchmark_runs(store)[:1]
    elif text == "previous":
        runs = benchmark_runs(store)[1:2]
    else:
        runs = []
        if re.fullmatch("[0-9a-zA-Z]+", text):
            found = store.search(f"attributes.run_id LIKE '{text.lower()}%'")
            runs = [run for run in found if run.data.tags.get(KIND_TAG) in kinds]
    if len(runs) == 1:
        return runs[0].info.run_id
    kind = " or ".join(kinds)
    where = display_uri(store.uri)
    if runs:
        raise UserError(f"more than one {kind} in {where} begins with {text!r}; give more of its id")
    raise UserError(
        f"there is no {kind} {text!r} in {where}; run one, or give an id that python -m benchmark list shows, its "
        "first characters, latest or previous, or another store with --tracking-uri"
    )


def benchmark_runs(store: Store) -> list[Run]:
    """Return the runs of benchmarks, the newest first."""
    return store.search(f"tags.`{KIND_TAG}` = 'benchmark'")


def child_runs(store: Store, run_id: str) -> list[Run]:
    """Return the trial runs of a benchmark run, the newest first."""
    return store.search(f"tags.`{PARENT_TAG}` = '{run_id}'")


def runs_by_id(store: Store, run_ids: Collection[str]) -> list[Run]:
    """Return those of some runs that were not deleted."""
    if not run_ids:
        return []
    quoted = ", ".join(f"'{run_id}'" for run_id in run_ids)
    return store.search(f"attributes.run_id IN ({quoted})")


def read_plan(store: Store, run_id: str) -> Plan:
    """Read what a benchmark run planned: ``--resume`` starts from it.

    Raises
    ------
    UserError
        If it is not there, or cannot be read.
    """
    with _files(store, store.client.get_run(run_id), PLAN_FILE) as folder:
        content = (folder / PLAN_FILE).read_bytes()
    try:
        return Plan.model_validate_json(content)
    except ValueError as error:
        raise UserError(
            f"{PLAN_FILE} of the benchmark {run_id} cannot be read: {first_line(error)}; it was written by another "
            "version of this program"
        ) from None


def read_benchmark(store: Store, run_id: str) -> BenchmarkRecord:
    """Read a benchmark with every planned trial, from the store alone.

    Raises
    ------
    UserError
        If its plan cannot be read.
    """
    run = store.client.get_run(run_id)
    plan = read_plan(store, run_id)
    trained_elsewhere = [planned.stored_as for planned in plan.planned if planned.stored_as]
    trial_runs = child_runs(store, run_id) + runs_by_id(store, trained_elsewhere)
    trials = []
    for planned in plan.planned:
        trial_run = _run_of(planned, plan, trial_runs)
        if trial_run is None:
            trials.append(TrialRecord(planned.config, run_id="", status="planned"))
            continue
        trial = read_trial_run(store, planned.config, trial_run, plan.corpus)
        trained_in = trial_run.data.tags[PARENT_TAG]
        if trained_in != run_id:
            trial = replace(trial, trained_in=trained_in)
        trials.append(trial)

    return BenchmarkRecord(
        run_id=run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name,
        started_at=_started_at(run),
        config=plan.config,
        corpus=plan.corpus,
        environment=plan.environment.model_copy(update={"git_commit": run.data.tags.get(MLFLOW_GIT_COMMIT)}),
        trials=tuple(trials),
        command=plan.config.command_line(),
        looks=plan.looks,
    )


def train_reviews_of(run: Run) -> int:
    """Return how many reviews a trial, or each of a benchmark's ladder, was trained on."""
    (train,) = [given for given in run.inputs.dataset_inputs if given.dataset.name.endswith("-train")]
    profile = json.loads(train.dataset.profile)
    params = run.data.params
    limit = params.get("config.max_reviews") or params.get("config.train_reviews", "0").rpartition(",")[2]
    return reviews_used(profile["reviews"], int(limit))


def copy_reviews_page(store: Store, run_id: str, folder: Path) -> bool:
    """Copy the stored page that lists every review with its text; return whether one was logged."""
    page = "report/reviews.html"
    with suppress(UserError), _files(store, store.client.get_run(run_id), page) as copies:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(copies / "reviews.html", folder)
        return True
    return False


def _run_of(planned: PlannedTrial, plan: Plan, runs: Sequence[Run]) -> Run | None:
    """Return the newest finished run of a planned trial, else its newest failed one.

    One that ended on another kind of processor does not count, as before a resume elsewhere. A cluster may have several
    kinds, so there all count.
    """
    config = planned.config
    expected = plan.environment.processor(config.kind)
    failed = None
    for run in runs:
        if run.data.tags.get(ORIGIN_TAG, TRAINED) != TRAINED:  # a copy; the run that it copies is in the list
            continue
        is_of_another = run.data.params.get("processor") not in (None, expected)
        if is_of_another and plan.config.ray_address is None:
            continue
        if run.info.status == "FINISHED":
            if run.data.params.get("fingerprint") == planned.fingerprint:
                return run
        elif run.info.status == "FAILED" and failed is None and run.info.run_name == config.name:
            failed = run
    return failed


def read_trial_run(store: Store, config: TrialConfig, run: Run, corpus: CorpusFacts) -> TrialRecord:
    """Read the run of a planned trial."""
    run_id, tags = run.info.run_id, run.data.tags
    status = _status(run)
    if status != "finished":
        return TrialRecord(config, run_id, status, failure=tags.get(FAILURE_TAG))
    try:
        with _files(store, run, RESULT_FILE, PREDICTIONS_FILE) as folder:
            result, predictions = read_trial_folder(folder, config, corpus)
    except UserError as error:
        return TrialRecord(config, run_id, "failed", failure=f"its stored results do not hold: {error}")
    return TrialRecord(config, run_id, status, result, predictions, model_uri=tags.get(MODEL_TAG))


@contextmanager
def _files(store: Store, run: Run, *names: str) -> Iterator[Path]:
    """Give a folder with copies of files of a run.

    Raises
    ------
    UserError
        If one is not there or cannot be read; where the store is away, its own error.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as copies:
        for name in names:
            try:
                download_artifacts(f"{run.info.artifact_uri}/{name}", dst_path=copies, tracking_uri=store.uri)
            except (OSError, ImportError, MlflowException) as error:
                with suppress(ImportError):  # of a library for the artifacts, such as boto3
                    store.client.list_artifacts(run.info.run_id)  # where the store is away, its own error
                raise UserError(f"{name} of the run {run.info.run_id} cannot be read: {first_line(error)}") from None
        yield Path(copies)


def _status(run: Run) -> TrialStatus:
    return cast(TrialStatus, run.info.status.lower())


def _started_at(run: Run) -> str:
    started = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
    return started.isoformat(timespec="seconds")
