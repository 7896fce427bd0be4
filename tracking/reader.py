"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, stdev
from typing import TYPE_CHECKING, Literal

import numpy as np

from benchmark.config import TrialConfig, name_and_seeds
from benchmark.errors import UserError
from benchmark.results import (
    BenchmarkRecord,
    HardReview,
    PlannedTrial,
    Predictions,
    TrialRecord,
    TrialStatus,
)
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_predictions, read_result
from tracking.pending import is_outage
from tracking.plan import HARD_REVIEWS_FILE, PLAN_FILE, Plan
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
)

if TYPE_CHECKING:
    from mlflow.entities import Run

STATUS: dict[str, TrialStatus] = {
    "RUNNING": "running",
    "SCHEDULED": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}
REPRODUCES_TAG = "benchmark.reproduces"  # a run of the command reproduce
MIN_PREFIX = 4
PARALLEL_DOWNLOADS = 2  # each takes 10 MB
PAGE = 1000
SAME_SETTINGS = ("epochs", "batch_size", "learning_rate", "vocabulary_size", "max_length", "max_reviews")


@dataclass(frozen=True)
class BenchmarkRow:
    """A line of ``python -m benchmark list``."""

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
    """A line of ``python -m benchmark list models``.

    Attributes
    ----------
    uri : str
        Of the champion, else of the newest version.
    aliases : dict of str to str
        Alias to version.
    accuracy : float or None
        On the test split, of the version that `uri` names.
    """

    name: str
    uri: str
    versions: int
    aliases: dict[str, str]
    accuracy: float | None
    architecture: str | None


@dataclass(frozen=True)
class TrialHistory:
    """Earlier trials of one architecture on this kind of processor; `accuracy_sd` needs two seeds."""

    median_seconds: float
    accuracy_sd: float | None


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
    newest_first = ["attributes.start_time DESC"]
    of_kind = f"tags.`{KIND_TAG}` = '{kind}'"
    if text in ("latest", "previous"):
        runs = (run for run in _search(store, of_kind, newest_first) if REPRODUCES_TAG not in run.data.tags)
        for position, run in enumerate(runs):
            if position == (text == "previous"):
                return run.info.run_id
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
    found = list(_search(store, f"attributes.run_id LIKE '{text.lower()}%'", newest_first))
    runs_of_kind = [run for run in found if run.data.tags.get(KIND_TAG) == kind]
    if len(runs_of_kind) == 1:
        return runs_of_kind[0].info.run_id
    if len(runs_of_kind) > 1:
        raise UserError(f"more than one {kind} in {where} begins with {text!r}; give more of its id")
    if found:
        parent = found[0].data.tags.get(PARENT_TAG)
        hint = f"; it is a trial of the benchmark {parent}" if kind == "benchmark" and parent else ""
        raise UserError(f"the run {text} is no {kind}{hint}")
    raise UserError(f"there is no run {text!r} in {where}; python -m benchmark list shows the benchmarks")


def read_plan(store: Store, run_id: str) -> Plan:
    """Read what a benchmark run planned: ``--resume`` starts from it.

    Raises
    ------
    UserError
    """
    return _read_plan(store, store.client.get_run(run_id))


def read_benchmark(store: Store, run_id: str) -> BenchmarkRecord:
    """Read a benchmark with every planned trial, from the store alone.

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
    return _read_benchmark(store, run, _TrialReader(store))


def read_all_benchmarks(store: Store) -> list[BenchmarkRecord]:
    """Read every benchmark of the store that has a finished trial, the newest first."""
    reader = _TrialReader(store)
    runs = _search(store, f"tags.`{KIND_TAG}` = 'benchmark'", ["attributes.start_time DESC"])
    records = [_read_benchmark(store, run, reader) for run in runs if REPRODUCES_TAG not in run.data.tags]
    return [record for record in records if record.finished]


def read_trial(store: Store, run_id: str) -> TrialRecord:
    """Read one trial run.

    Raises
    ------
    UserError
    """
    run = store.client.get_run(run_id)
    if run.data.tags.get(KIND_TAG) != "trial":
        raise UserError(f"the run {run_id} is no trial")
    config = TrialConfig.model_validate({name: run.data.params.get(name) for name in TrialConfig.model_fields})
    return _TrialReader(store).read(config, run)


def list_benchmarks(store: Store) -> list[BenchmarkRow]:
    """List the benchmarks, the newest first."""
    rows = []
    experiments = {one.experiment_id: one.name for one in store.client.search_experiments()}
    finished: dict[str, set[tuple[str, str]]] = defaultdict(set)  # a trial of changed code is trained twice
    for run in _search(store, f"tags.`{KIND_TAG}` = 'trial' AND attributes.status = 'FINISHED'"):
        tags = run.data.tags
        finished[tags[PARENT_TAG]].add((tags.get(ARCHITECTURE_TAG, ""), tags.get(SEED_TAG, "")))
    for run in _search(store, f"tags.`{KIND_TAG}` = 'benchmark'", ["attributes.start_time DESC"]):
        tags, params = run.data.tags, run.data.params
        if REPRODUCES_TAG in tags:
            continue
        best = tags.get("benchmark.best_accuracy")
        rows.append(
            BenchmarkRow(
                run_id=run.info.run_id,
                name=run.info.run_name,
                experiment=experiments.get(run.info.experiment_id, run.info.experiment_id),
                started_at=_started_at(run),
                status=STATUS[run.info.status],
                architectures=tuple(
                    name_and_seeds(name)[0] for name in params.get("config.architectures", "").split(",")
                ),
                seeds=tuple(int(seed) for seed in params.get("config.seeds", "").split(",") if seed),
                finished=len(finished[run.info.run_id]),
                planned=int(tags.get("benchmark.planned_trials", 0)),
                best_accuracy=float(best) if best else None,
                verdict=tags.get("benchmark.verdict"),
                corpus=tags.get("benchmark.corpus", ""),
            )
        )
    return rows


def list_models(store: Store) -> list[ModelRow]:
    """List the registered models."""
    versions = defaultdict(list)
    for version in store.client.search_model_versions(max_results=10_000):
        versions[version.name].append(version)
    rows = []
    for model in store.client.search_registered_models(max_results=PAGE):
        own = sorted(versions[model.name], key=lambda version: int(version.version))
        if not own:
            continue
        aliases = {alias: str(version) for alias, version in model.aliases.items()}
        champion = [version for version in own if str(version.version) == aliases.get("champion")]
        shown = (champion or own)[-1]
        accuracy = shown.tags.get("test_accuracy")
        rows.append(
            ModelRow(
                name=model.name,
                uri=f"models:/{model.name}" + ("@champion" if champion else f"/{shown.version}"),
                versions=len(own),
                aliases=aliases,
                accuracy=float(accuracy) if accuracy else None,
                architecture=shown.tags.get("architecture"),
            )
        )
    return rows


def trial_history(
    store: Store, corpus_digest: str, cpu_model: str, max_reviews: int | None = None
) -> dict[str, TrialHistory]:
    """Return what earlier trials on this corpus and kind of processor took and how they spread, by architecture."""
    seconds: dict[str, list[float]] = defaultdict(list)
    accuracies: dict[str, dict[str, float]] = defaultdict(dict)
    for run in _search(store, f"tags.`{DIGEST_TAG}` = '{corpus_digest}' AND attributes.status = 'FINISHED'"):
        params, tags = run.data.params, run.data.tags
        limit = params.get("max_reviews")
        if tags.get(KIND_TAG) != "trial" or params.get("cpu_model") != cpu_model:
            continue
        if limit != (None if max_reviews is None else str(max_reviews)):
            continue
        seconds[tags[ARCHITECTURE_TAG]].append(float(params["wall_seconds"]))
        accuracies[tags[ARCHITECTURE_TAG]][tags[FINGERPRINT_TAG]] = run.data.metrics["test/accuracy"]
    return {
        name: TrialHistory(
            median(seconds[name]), stdev(accuracies[name].values()) if len(accuracies[name]) > 1 else None
        )
        for name in seconds
    }


def child_runs(store: Store, run_id: str) -> list[Run]:
    """Return the trial runs of a benchmark run, the newest first."""
    return list(_search(store, f"tags.`{PARENT_TAG}` = '{run_id}'", ["attributes.start_time DESC"]))


class _TrialReader:
    """Reads trial runs; what all predictions have in common is kept in memory once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shared: list[Predictions] = []  # one for each corpus
        self._lock = threading.Lock()

    def read(self, config: TrialConfig, run: Run | None) -> TrialRecord:
        if run is None:
            return TrialRecord(config, run_id="", status="planned")
        status, tags, run_id = STATUS[run.info.status], run.data.tags, run.info.run_id
        if status != "finished":
            return TrialRecord(config, run_id, status, failure=tags.get(FAILURE_TAG))
        try:
            with tempfile.TemporaryDirectory() as temporary:
                for name in (RESULT_FILE, PREDICTIONS_FILE):
                    _download(self._store, run, name, Path(temporary))
                result = read_result(Path(temporary))
                predictions = self._share(read_predictions(Path(temporary) / PREDICTIONS_FILE))
        except UserError as error:
            return TrialRecord(config, run_id, "failed", failure=f"its results cannot be read: {error}")
        return TrialRecord(config, run_id, status, result, predictions, model_uri=tags.get(MODEL_TAG))

    def _share(self, predictions: Predictions) -> Predictions:
        columns = [field.name for field in fields(Predictions) if field.name != "probability"]
        with self._lock:
            for other in self._shared:
                if all(np.array_equal(getattr(other, name), getattr(predictions, name)) for name in columns):
                    return Predictions(
                        probability=predictions.probability, **{name: getattr(other, name) for name in columns}
                    )
            self._shared.append(predictions)
            return predictions


def _read_benchmark(store: Store, run: Run, reader: _TrialReader) -> BenchmarkRecord:
    run_id = run.info.run_id
    if run.data.tags.get(KIND_TAG) != "benchmark":
        raise UserError(f"the run {run_id} is no benchmark")
    plan = _read_plan(store, run)
    chosen = _choose(plan.planned, child_runs(store, run_id))
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        trials = tuple(pool.map(reader.read, (planned.config for planned in plan.planned), chosen))
    return BenchmarkRecord(
        run_id=run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name,
        status=STATUS[run.info.status],
        started_at=_started_at(run),
        config=plan.config,
        corpus=plan.corpus,
        environment=plan.environment,
        trials=trials,
        command=plan.command,
        hard_reviews=_hard_reviews(store, run),
        looks=plan.looks,
        earlier_collapses=_earlier_collapses(store, run_id, plan),
    )


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
        finished.get(trial.fingerprint)
        or unfinished.get((trial.config.architecture, "none" if trial.config.seed is None else str(trial.config.seed)))
        for trial in planned
    ]


def _earlier_collapses(store: Store, run_id: str, plan: Plan) -> dict[str, tuple[int, int]]:
    """Count collapsed seeds among the other benchmarks' trials with the same corpus and settings."""
    from benchmark.statistics.collapse import collapsed_seeds

    settings = {
        trial.config.architecture: _settings(trial.config.model_dump())
        for trial in plan.planned
        if trial.config.kind == "network"
    }
    accuracies: dict[str, dict[str, float]] = {name: {} for name in settings}
    if settings:
        own = {trial.fingerprint for trial in plan.planned}
        for run in _search(store, f"tags.`{DIGEST_TAG}` = '{plan.corpus.digest}' AND attributes.status = 'FINISHED'"):
            tags = run.data.tags
            name, fingerprint = tags.get(ARCHITECTURE_TAG, ""), tags.get(FINGERPRINT_TAG)
            if fingerprint in own or tags.get(PARENT_TAG) == run_id or _settings(run.data.params) != settings.get(name):
                continue
            if fingerprint and "train/accuracy" in run.data.metrics:
                accuracies[name][fingerprint] = run.data.metrics["train/accuracy"]
    return {name: (len(collapsed_seeds(list(of.values()))), len(of)) for name, of in accuracies.items() if of}


def _settings(values: dict[str, object]) -> list[str]:
    return [str(values.get(name)) for name in SAME_SETTINGS]


def _read_plan(store: Store, run: Run) -> Plan:
    with tempfile.TemporaryDirectory() as temporary:
        path = _download(store, run, PLAN_FILE, Path(temporary))
        try:
            return Plan.model_validate_json(path.read_bytes())
        except ValueError as error:
            raise UserError(
                f"{PLAN_FILE} of the benchmark {run.info.run_id} cannot be read: {first_line(error)}; it was written "
                "by another version of this program"
            ) from None


def _hard_reviews(store: Store, run: Run) -> tuple[HardReview, ...]:
    try:
        with tempfile.TemporaryDirectory() as temporary:
            content = json.loads(_download(store, run, HARD_REVIEWS_FILE, Path(temporary)).read_bytes())
    except UserError:
        return ()  # none was logged
    return tuple(
        HardReview(row["review_id"], row["text"], tuple((word, effect) for word, effect in row["word_effects"]))
        for row in content["reviews"]
    )


def _download(store: Store, run: Run, name: str, folder: Path) -> Path:
    """Download one file of a run.

    Raises
    ------
    UserError
        If it is not there; an outage is raised as it is.
    """
    import mlflow.artifacts
    from mlflow.exceptions import MlflowException

    try:
        uri = f"{run.info.artifact_uri}/{name}"
        return Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(folder), tracking_uri=store.uri))
    except (OSError, MlflowException) as error:
        away = (
            "the store does not answer" if is_outage(error) else f"{name} of the run {run.info.run_id} cannot be read"
        )
        raise UserError(f"{away}: {first_line(error)}") from None


def _search(store: Store, filter_string: str, order_by: list[str] | None = None) -> Iterator[Run]:
    token = None
    while True:
        page = store.client.search_runs(
            store.experiment_ids, filter_string, order_by=order_by, max_results=PAGE, page_token=token
        )
        yield from page
        token = page.token
        if not token:
            return


def _started_at(run: Run) -> str:
    return datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds")
