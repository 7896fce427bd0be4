"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from pydantic import ConfigDict, TypeAdapter

from benchmark.config import Choice, TrialConfig
from benchmark.errors import UserError
from benchmark.plan import Past, PastTrial, Plan
from benchmark.results import (
    SAME_MACHINE,
    BenchmarkRecord,
    HardReview,
    PlannedTrial,
    Predictions,
    TrialRecord,
    TrialStatus,
    median_of,
)
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_predictions, read_result
from tracking.store import Store, display_uri, first_line
from tracking.trial_log import (
    ARCHITECTURE_TAG,
    DIGEST_TAG,
    FAILURE_TAG,
    FINGERPRINT_TAG,
    KIND_TAG,
    MODEL_TAG,
    PARENT_TAG,
    PROCESSOR_TAG,
    SEED_TAG,
    seed_text,
)

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

REPRODUCES_TAG = "benchmark.reproduces"  # a run of the command reproduce
MIN_PREFIX = 4
PLAN_FILE = "benchmark.json"
HARD_REVIEWS_FILE = "hard_reviews.json"
# the file's content, with the key "reviews"
HARD_REVIEWS = TypeAdapter(dict[str, tuple[HardReview, ...]], config=ConfigDict(ser_json_inf_nan="constants"))


@dataclass(frozen=True)
class BenchmarkRow:
    """A line of ``python -m benchmark list``; the seeds are those of finished trials."""

    run_id: str
    name: str
    experiment: str
    started_at: str
    status: TrialStatus
    architectures: tuple[str, ...]
    seeds: tuple[int, ...]
    finished: int
    planned: int
    best_accuracy: float | None
    verdict: str | None
    corpus: str


@dataclass(frozen=True)
class ModelRow:
    """A line of ``python -m benchmark list models``; `uri`, `accuracy`: of the champion, else of the median trial."""

    name: str
    uri: str
    versions: int
    aliases: dict[str, str]
    accuracy: float | None
    architecture: str | None


def find_run(store: Store, text: str, kind: Literal["benchmark", "trial"] = "benchmark") -> str:
    """Return the id of the run that a user means.

    Parameters
    ----------
    text : str
        An id, its first characters (at least four), ``latest``, or ``previous`` (the benchmark before the latest).

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    where = display_uri(store.uri)
    if text in ("latest", "previous"):
        runs = _of_kind(store, kind)[text == "previous" :]
        if runs:
            return runs[0].info.run_id
        experiment = "" if store.experiment_name is None else f" in the experiment {store.experiment_name!r}"
        raise UserError(
            f"there is no {'earlier ' if text == 'previous' else ''}{kind}{experiment} in {where}; run one, or give "
            "another store with --tracking-uri"
        )
    if len(text) < MIN_PREFIX or not text.isalnum():
        raise UserError(
            f"{text!r} is no run's id; give an id, its first characters (at least {MIN_PREFIX}), latest or previous; "
            "python -m benchmark list shows them"
        )
    found = store.search(f"attributes.run_id LIKE '{text.lower()}%'")
    fitting = [run for run in found if run.data.tags.get(KIND_TAG) == kind]
    if len(fitting) == 1:
        return fitting[0].info.run_id
    if fitting:
        raise UserError(f"more than one {kind} in {where} begins with {text!r}; give more of its id")
    if not found:
        raise UserError(f"there is no run {text!r} in {where}; python -m benchmark list shows the benchmarks")
    parent = found[0].data.tags.get(PARENT_TAG)
    hint = f"; it is a trial of the benchmark {parent}" if kind == "benchmark" and parent else ""
    raise UserError(f"the run {text} is no {kind}{hint}")


def child_runs(store: Store, run_id: str) -> list[Run]:
    """Return the trial runs of a benchmark run, the newest first."""
    return store.search(f"tags.`{PARENT_TAG}` = '{run_id}'")


def read_plan(store: Store, run_id: str) -> Plan:
    """Read what a benchmark run planned: ``--resume`` starts from it."""
    with _downloaded(store, run_id, PLAN_FILE) as folder:
        try:
            return Plan.model_validate_json((folder / PLAN_FILE).read_bytes())
        except ValueError as error:
            raise UserError(
                f"{PLAN_FILE} of the benchmark {run_id} cannot be read: {first_line(error)}; it was written by another "
                "version of this program"
            ) from None


def read_benchmark(store: Store, run_id: str, read_before: list[Predictions] | None = None) -> BenchmarkRecord:
    """Read a benchmark with every planned trial, from the store alone.

    Parameters
    ----------
    read_before : list of Predictions or None
        Their arrays are used again where they are equal: they are most of the memory.

    Raises
    ------
    UserError
        If it is not there, is no benchmark run, or its files cannot be read.
    """
    from mlflow.exceptions import MlflowException

    try:
        run = store.client.get_run(run_id)
    except MlflowException as error:
        raise UserError(f"the benchmark {run_id} cannot be read: {first_line(error)}") from None
    if run.data.tags.get(KIND_TAG) != "benchmark":
        raise UserError(f"the run {run_id} is no benchmark")
    plan = read_plan(store, run_id)
    chosen = _choose(store, plan, run_id)
    read_before = [] if read_before is None else read_before
    return BenchmarkRecord(
        run_id=run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name,
        status=_status(run),
        started_at=_started_at(run),
        config=plan.config,
        corpus=plan.corpus,
        environment=plan.environment,
        trials=tuple(
            _read_trial(store, trial.config, trial_run, read_before, run_id)
            for trial, trial_run in zip(plan.planned, chosen, strict=True)
        ),
        command=plan.command,
        hard_reviews=_hard_reviews(store, run_id),
        looks=plan.looks,
    )


def read_all_benchmarks(store: Store) -> list[BenchmarkRecord]:
    """Read every benchmark of the store that has a finished trial, the newest first."""
    read_before: list[Predictions] = []
    records = [read_benchmark(store, run.info.run_id, read_before) for run in _of_kind(store, "benchmark")]
    return [record for record in records if record.finished]


def read_trial(store: Store, run_id: str) -> TrialRecord:
    """Read one trial run."""
    run = store.client.get_run(run_id)
    if run.data.tags.get(KIND_TAG) != "trial":
        raise UserError(f"the run {run_id} is no trial")
    return _read_trial(store, _config_of(run), run, [], run.data.tags[PARENT_TAG])


def list_benchmarks(store: Store) -> list[BenchmarkRow]:
    """List the benchmarks, the newest first."""
    experiments = {one.experiment_id: one.name for one in store.client.search_experiments()}
    finished: dict[str, set[tuple[str, str]]] = defaultdict(set)  # a trial of changed code is trained twice
    run_ids = set()
    for run in store.search(f"tags.`{KIND_TAG}` = 'trial' AND attributes.status = 'FINISHED'"):
        tags = run.data.tags
        finished[tags[PARENT_TAG]].add((tags[ARCHITECTURE_TAG], tags[SEED_TAG]))
        run_ids.add(run.info.run_id)
    rows = []
    for run in _of_kind(store, "benchmark"):
        tags, params = run.data.tags, run.data.params
        names = [Choice.model_validate(text).name for text in params.get("config.architectures", "").split(",")]
        best = tags.get("benchmark.best_accuracy")
        own_trials = finished[run.info.run_id]
        planned_trials = int(tags.get("benchmark.planned_trials", 0))
        if len(own_trials) < planned_trials:
            own_trials |= _from_store(store, run.info.run_id, run_ids)
        rows.append(
            BenchmarkRow(
                run_id=run.info.run_id,
                name=run.info.run_name,
                experiment=experiments.get(run.info.experiment_id, run.info.experiment_id),
                started_at=_started_at(run),
                status=_status(run),
                architectures=tuple(names),
                seeds=tuple(sorted({int(seed) for _, seed in own_trials if seed != "none"})),
                finished=len(own_trials),
                planned=planned_trials,
                best_accuracy=float(best) if best else None,
                verdict=tags.get("benchmark.verdict"),
                corpus=tags.get("benchmark.corpus", ""),
            )
        )
    return rows


def _from_store(store: Store, run_id: str, run_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return architecture and seed of the trials of a benchmark that another one trained."""
    try:
        plan = read_plan(store, run_id)
    except UserError:  # of another version of this program
        return set()
    trials = set()
    for trial in plan.planned:
        if trial.stored_as in run_ids:
            trials.add((trial.config.architecture, seed_text(trial.config)))
    return trials


def list_models(store: Store) -> list[ModelRow]:
    """List the registered models that have a version."""
    versions: dict[str, dict[int, ModelVersion]] = defaultdict(dict)
    for version in store.client.search_model_versions(max_results=10_000):
        versions[version.name][int(version.version)] = version
    rows = []
    for model in store.client.search_registered_models(max_results=1000):
        own = versions[model.name]
        if not own:
            continue
        champion = own.get(int(model.aliases.get("champion", 0)))
        shown = champion or median_version(own.values())
        accuracy = shown.tags.get("test_accuracy")
        rows.append(
            ModelRow(
                name=model.name,
                uri=f"models:/{model.name}/{shown.version}",
                versions=len(own),
                aliases={alias: str(number) for alias, number in model.aliases.items()},
                accuracy=float(accuracy) if accuracy else None,
                architecture=shown.tags.get("architecture"),
            )
        )
    return rows


def median_version(versions: Iterable[ModelVersion]) -> ModelVersion:
    """Return the newest benchmark's median trial by test accuracy among the versions of a registered model."""
    oldest_first = sorted(versions, key=lambda one: int(one.version))
    newest = oldest_first[-1].tags.get("benchmark_run")
    own = {one.tags.get("seed"): one for one in oldest_first if one.tags.get("benchmark_run") == newest}
    return median_of(own.values(), lambda one: float(one.tags.get("test_accuracy", 0)))


def read_past(store: Store, corpus_digest: str) -> Past:
    """Read what the store has finished on this corpus; a trial without a model, as after an import, is left out."""
    of_corpus = f"tags.`{DIGEST_TAG}` = '{corpus_digest}' AND tags.`{KIND_TAG}` = 'trial'"
    trials = []
    for run in store.search(f"{of_corpus} AND attributes.status = 'FINISHED'"):
        tags, params = run.data.tags, run.data.params
        if MODEL_TAG not in tags or PROCESSOR_TAG not in tags:
            continue
        trial = PastTrial(
            run_id=run.info.run_id,
            benchmark_run_id=tags[PARENT_TAG],
            fingerprint=tags[FINGERPRINT_TAG],
            processor=tags[PROCESSOR_TAG],
            machine=tuple(params.get(name, "") for name in SAME_MACHINE),
            config=_config_of(run),
            seconds=float(params["wall_seconds"]),
            accuracy=run.data.metrics["test/accuracy"],
        )
        trials.append(trial)
    return Past(tuple(trials))


def _of_kind(store: Store, kind: str) -> list[Run]:
    """Return the runs of this kind, without reproductions, the newest first."""
    return [run for run in store.search(f"tags.`{KIND_TAG}` = '{kind}'") if REPRODUCES_TAG not in run.data.tags]


def _choose(store: Store, plan: Plan, run_id: str) -> list[Run | None]:
    """Choose a run for each planned trial: the newest FINISHED one with its fingerprint, else the newest unfinished."""
    finished: dict[str, Run] = {}
    unfinished: dict[tuple[str, str], Run] = {}
    for run in child_runs(store, run_id):  # the newest first
        tags = run.data.tags
        if run.info.status == "FINISHED":
            finished.setdefault(tags.get(FINGERPRINT_TAG, ""), run)
        else:
            unfinished.setdefault((tags.get(ARCHITECTURE_TAG, ""), tags.get(SEED_TAG, "")), run)
    chosen = []
    for trial in plan.planned:
        trial_run = finished.get(trial.fingerprint) or _run_in_store(store, trial)
        chosen.append(trial_run or unfinished.get((trial.config.architecture, seed_text(trial.config))))
    return chosen


def _run_in_store(store: Store, trial: PlannedTrial) -> Run | None:
    """Return the run of a trial that another benchmark trained; None where it was deleted."""
    from mlflow.exceptions import MlflowException

    if trial.stored_as is None:
        return None
    try:
        run = store.client.get_run(trial.stored_as)
    except MlflowException:
        return None
    return run if run.info.lifecycle_stage == "active" else None


def _config_of(run: Run) -> TrialConfig:
    return TrialConfig.model_validate({name: run.data.params.get(name) for name in TrialConfig.model_fields})


def _read_trial(
    store: Store, config: TrialConfig, run: Run | None, read_before: list[Predictions], benchmark_run_id: str
) -> TrialRecord:
    if run is None:
        return TrialRecord(config, run_id="", status="planned")
    status, tags, run_id = _status(run), run.data.tags, run.info.run_id
    if status != "finished":
        interrupted = "interrupted" if status == "killed" else None
        return TrialRecord(config, run_id, status, failure=tags.get(FAILURE_TAG, interrupted))
    try:
        with _downloaded(store, run_id, RESULT_FILE, PREDICTIONS_FILE) as folder:
            result, predictions = read_result(folder), read_predictions(folder / PREDICTIONS_FILE)
    except UserError as error:
        return TrialRecord(config, run_id, "failed", failure=f"its results cannot be read: {error}")
    shared = [field.name for field in fields(Predictions) if field.name != "probability"]
    for other in read_before:
        if all(np.array_equal(getattr(other, name), getattr(predictions, name)) for name in shared):
            predictions = replace(other, probability=predictions.probability)
            break
    else:
        read_before.append(predictions)
    record = TrialRecord(config, run_id, status, result, predictions, model_uri=tags.get(MODEL_TAG))
    if tags[PARENT_TAG] == benchmark_run_id:
        return record
    return replace(record, trained_in=tags[PARENT_TAG], trained_at=_started_at(run))


def _hard_reviews(store: Store, run_id: str) -> tuple[HardReview, ...]:
    try:
        with _downloaded(store, run_id, HARD_REVIEWS_FILE) as folder:
            return HARD_REVIEWS.validate_json((folder / HARD_REVIEWS_FILE).read_bytes())["reviews"]
    except UserError:
        return ()  # none was logged


@contextmanager
def _downloaded(store: Store, run_id: str, *names: str) -> Iterator[Path]:
    """Give a temporary folder with these files of a run.

    Raises
    ------
    UserError
        If one is not there, or the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            try:
                store.client.download_artifacts(run_id, name, folder)
            except (OSError, MlflowException) as error:
                raise UserError(f"{name} of the run {run_id} cannot be read: {first_line(error)}") from None
        yield Path(folder)


def _status(run: Run) -> TrialStatus:
    return cast(TrialStatus, run.info.status.lower())


def _started_at(run: Run) -> str:
    return datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds")
