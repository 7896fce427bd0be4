"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, stdev
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from benchmark.config import TrialConfig, name_and_seeds
from benchmark.errors import UserError
from benchmark.results import (
    BenchmarkRecord,
    Environment,
    HardReview,
    PlannedTrial,
    Predictions,
    TrialRecord,
    TrialStatus,
    median_of,
)
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_predictions, read_result
from tracking.plan import HARD_REVIEWS, HARD_REVIEWS_FILE, PLAN_FILE, Plan
from tracking.store import Store, display_uri, first_line
from tracking.trial_log import (
    ARCHITECTURE_TAG,
    DIGEST_TAG,
    FAILURE_TAG,
    FINGERPRINT_TAG,
    KIND_TAG,
    MODEL_TAG,
    PARENT_TAG,
    SEED_TAG,
    seed_text,
)

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

REPRODUCES_TAG = "benchmark.reproduces"  # a run of the command reproduce
MIN_PREFIX = 4
SAME_SETTINGS = ("epochs", "batch_size", "learning_rate", "vocabulary_size", "max_length", "max_reviews")
SAME_MACHINE = ("cpu_model", "device_name", "threads", "trials_at_once")


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


def finished_trials(store: Store, run_id: str, planned: Iterable[PlannedTrial]) -> set[TrialConfig]:
    """Return the planned trials of a benchmark run that a FINISHED run has the fingerprint of."""
    runs = [run for run in child_runs(store, run_id) if run.info.status == "FINISHED"]
    done = {run.data.tags.get(FINGERPRINT_TAG) for run in runs}
    return {trial.config for trial in planned if trial.fingerprint in done}


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
    chosen = _choose(plan.planned, child_runs(store, run_id))
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
            _read_trial(store, one.config, run, read_before) for one, run in zip(plan.planned, chosen, strict=True)
        ),
        command=plan.command,
        hard_reviews=_hard_reviews(store, run_id),
        looks=plan.looks,
        earlier_collapses=_earlier_collapses(store, run_id, plan),
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
    config = TrialConfig.model_validate({name: run.data.params.get(name) for name in TrialConfig.model_fields})
    return _read_trial(store, config, run, [])


def list_benchmarks(store: Store) -> list[BenchmarkRow]:
    """List the benchmarks, the newest first."""
    experiments = {one.experiment_id: one.name for one in store.client.search_experiments()}
    finished: dict[str, set[tuple[str, str]]] = defaultdict(set)  # a trial of changed code is trained twice
    for run in store.search(f"tags.`{KIND_TAG}` = 'trial' AND attributes.status = 'FINISHED'"):
        tags = run.data.tags
        finished[tags[PARENT_TAG]].add((tags[ARCHITECTURE_TAG], tags[SEED_TAG]))
    rows = []
    for run in _of_kind(store, "benchmark"):
        tags, params = run.data.tags, run.data.params
        names = [name_and_seeds(name)[0] for name in params.get("config.architectures", "").split(",")]
        best = tags.get("benchmark.best_accuracy")
        rows.append(
            BenchmarkRow(
                run_id=run.info.run_id,
                name=run.info.run_name,
                experiment=experiments.get(run.info.experiment_id, run.info.experiment_id),
                started_at=_started_at(run),
                status=_status(run),
                architectures=tuple(names),
                seeds=tuple(sorted({int(seed) for _, seed in finished[run.info.run_id] if seed != "none"})),
                finished=len(finished[run.info.run_id]),
                planned=int(tags.get("benchmark.planned_trials", 0)),
                best_accuracy=float(best) if best else None,
                verdict=tags.get("benchmark.verdict"),
                corpus=tags.get("benchmark.corpus", ""),
            )
        )
    return rows


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


def trial_history(
    store: Store, corpus_digest: str, environment: Environment, trials: Iterable[TrialConfig]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return by architecture what earlier trials with the settings of these took on this kind of machine.

    Returns
    -------
    dict of str to float
        Median seconds.
    dict of str to float
        Standard deviation of the accuracy; of two seeds or more.
    """
    machine = {name: str(getattr(environment, name)) for name in SAME_MACHINE}
    seconds: dict[str, list[float]] = defaultdict(list)
    accuracies: dict[str, dict[str, float]] = defaultdict(dict)
    for run in _finished_alike(store, corpus_digest, trials):
        if machine.items() <= run.data.params.items():
            name = run.data.tags[ARCHITECTURE_TAG]
            seconds[name].append(float(run.data.params["wall_seconds"]))
            accuracies[name][run.data.tags[FINGERPRINT_TAG]] = run.data.metrics["test/accuracy"]
    durations = {name: median(of) for name, of in seconds.items()}
    return durations, {name: stdev(of.values()) for name, of in accuracies.items() if len(of) > 1}


def _of_kind(store: Store, kind: str) -> list[Run]:
    """Return the runs of this kind, without reproductions, the newest first."""
    return [run for run in store.search(f"tags.`{KIND_TAG}` = '{kind}'") if REPRODUCES_TAG not in run.data.tags]


def _finished_alike(store: Store, corpus_digest: str, trials: Iterable[TrialConfig]) -> list[Run]:
    """Return the finished trials on this corpus with the settings of one of these."""
    settings = {trial.architecture: _settings(trial.model_dump()) for trial in trials}
    of_corpus = f"tags.`{DIGEST_TAG}` = '{corpus_digest}' AND tags.`{KIND_TAG}` = 'trial'"
    runs = store.search(f"{of_corpus} AND attributes.status = 'FINISHED'") if settings else []
    return [run for run in runs if _settings(run.data.params) == settings.get(run.data.tags[ARCHITECTURE_TAG])]


def _choose(planned: Sequence[PlannedTrial], runs: Sequence[Run]) -> list[Run | None]:
    """Choose a run for each planned trial: the newest FINISHED one with its fingerprint, else the newest unfinished."""
    finished: dict[str, Run] = {}
    unfinished: dict[tuple[str, str], Run] = {}
    for run in runs:  # the newest first
        tags = run.data.tags
        if run.info.status == "FINISHED":
            finished.setdefault(tags.get(FINGERPRINT_TAG, ""), run)
        else:
            unfinished.setdefault((tags.get(ARCHITECTURE_TAG, ""), tags.get(SEED_TAG, "")), run)
    return [
        finished.get(trial.fingerprint) or unfinished.get((trial.config.architecture, seed_text(trial.config)))
        for trial in planned
    ]


def _read_trial(store: Store, config: TrialConfig, run: Run | None, read_before: list[Predictions]) -> TrialRecord:
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
    return TrialRecord(config, run_id, status, result, predictions, model_uri=tags.get(MODEL_TAG))


def _earlier_collapses(store: Store, run_id: str, plan: Plan) -> dict[str, tuple[int, int]]:
    """Count collapsed seeds among the other benchmarks' trials with the same corpus and settings."""
    from benchmark.statistics.collapse import collapsed_seeds

    networks = [trial.config for trial in plan.planned if trial.config.kind == "network"]
    own = {trial.fingerprint for trial in plan.planned}
    accuracies: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for run in _finished_alike(store, plan.corpus.digest, networks):
        tags, metrics = run.data.tags, run.data.metrics
        if tags[PARENT_TAG] != run_id and tags[FINGERPRINT_TAG] not in own:
            both = metrics["test/accuracy"], metrics["train/accuracy"]
            accuracies[tags[ARCHITECTURE_TAG]][tags[FINGERPRINT_TAG]] = both
    reviews = min(plan.config.max_reviews or plan.corpus.test_reviews, plan.corpus.test_reviews)
    found = {}
    for name, of in accuracies.items():
        test_accuracy, train_accuracy = zip(*of.values(), strict=True)
        found[name] = len(collapsed_seeds(test_accuracy, train_accuracy, reviews)), len(of)
    return found


def _settings(values: Mapping[str, object]) -> list[str]:
    return [str(values.get(name)) for name in SAME_SETTINGS]


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
