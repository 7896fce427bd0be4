"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from numpy.typing import NDArray

from benchmark.config import Choice, Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.errors import UserError
from benchmark.plan import Past, PastTrial, Plan
from benchmark.results import (
    SAME_MACHINE,
    BenchmarkRecord,
    HardReview,
    Predictions,
    TrialRecord,
    TrialStatus,
)
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_trial_folder
from tracking.store import Store, display_uri, first_line
from tracking.trial_log import FAILURE_TAG, KIND_TAG, MODEL_TAG, PARENT_TAG, seed_text

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

Place = tuple[str, str]  # of a trial in a benchmark: architecture and seed
Arrays = dict[tuple[str, bytes], NDArray]  # of predictions, by name and digest

REPRODUCES_TAG = "benchmark.reproduces"  # a run of the command reproduce
PLANNED_TAG = "benchmark.planned_trials"
MIN_PREFIX = 4
PLAN_FILE = "benchmark.json"
HARD_REVIEWS_FILE = "hard_reviews.json"
UNREADABLE = "left out, since its stored results do not hold"  # of a trial that finished


class HardReviews(Settings):
    """The content of ``hard_reviews.json``."""

    reviews: tuple[HardReview, ...]


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
    train_reviews: int


@dataclass(frozen=True)
class ModelRow:
    """A line of ``python -m benchmark list models``; what follows the aliases is of the champion."""

    name: str
    versions: int
    aliases: dict[str, str]
    uri: str | None = None
    accuracy: float | None = None
    architecture: str | None = None


def find_run(store: Store, text: str, kind: Literal["benchmark", "trial"] = "benchmark") -> str:
    """Return the id of the run that a user means.

    Parameters
    ----------
    text : str
        An id, its first characters (at least four), or of a benchmark ``latest`` or ``previous`` (the one before).

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    where = display_uri(store.uri)
    if text in ("latest", "previous"):
        runs = _benchmark_runs(store)
        if text == "previous":
            runs = runs[1:]
        if runs:
            return runs[0].info.run_id
        earlier = "earlier " if text == "previous" else ""
        experiment = f" in the experiment {store.experiment_name!r}" if store.experiment_name else ""
        raise UserError(
            f"there is no {earlier}benchmark{experiment} in {where}; run one, or give another store with --tracking-uri"
        )
    if len(text) < MIN_PREFIX or not text.isalnum():
        raise UserError(
            f"{text!r} is no run's id; give an id, its first characters (at least {MIN_PREFIX}), latest or previous; "
            "python -m benchmark list shows them"
        )

    runs = store.search(f"attributes.run_id LIKE '{text.lower()}%'")
    fitting = [run for run in runs if run.data.tags.get(KIND_TAG) == kind]
    if len(fitting) == 1:
        return fitting[0].info.run_id
    if fitting:
        raise UserError(f"more than one {kind} in {where} begins with {text!r}; give more of its id")
    if not runs:
        raise UserError(f"there is no run {text!r} in {where}; python -m benchmark list shows the benchmarks")
    parent = runs[0].data.tags.get(PARENT_TAG)
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
    if run.data.tags.get(KIND_TAG) != "benchmark":
        raise UserError(f"the run {run_id} is no benchmark")
    plan = read_plan(store, run_id)

    # For each planned trial the newest FINISHED run with its fingerprint, else the newest unfinished one
    finished: dict[str, Run] = {}
    unfinished: dict[Place, Run] = {}
    for trial_run in [*child_runs(store, run_id), *_runs_in_store(store, plan)]:
        if _of_another_processor(plan, trial_run):
            continue
        fingerprint = _fact(trial_run, "fingerprint")
        if trial_run.info.status == "FINISHED" and fingerprint is not None:
            finished.setdefault(fingerprint, trial_run)
        else:
            unfinished.setdefault(_place(trial_run), trial_run)
    arrays: Arrays = {}
    trials = []
    for planned in plan.planned:
        config = planned.config
        chosen = finished.get(planned.fingerprint) or unfinished.get((config.architecture, seed_text(config)))
        if chosen is None:
            trials.append(TrialRecord(config, run_id="", status="planned"))
            continue
        trial = _read_trial(store, config, chosen, plan.corpus, arrays)
        if trial.result and trial.result.fingerprint != planned.fingerprint:
            trial = TrialRecord(config, trial.run_id, "failed", failure=f"{UNREADABLE}: it is not the planned trial")
        trained_in = chosen.data.tags[PARENT_TAG]
        if trained_in != run_id:
            trial = replace(trial, trained_in=trained_in, trained_at=_started_at(chosen))
        trials.append(trial)

    return BenchmarkRecord(
        run_id=run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name,
        status=_status(run),
        started_at=_started_at(run),
        config=plan.config,
        corpus=plan.corpus,
        environment=plan.environment,
        trials=tuple(trials),
        command=plan.command,
        hard_reviews=_hard_reviews(store, run_id),
        looks=plan.looks,
    )


def read_all_benchmarks(store: Store) -> list[BenchmarkRecord]:
    """Read every benchmark of the store that has a finished trial, the newest first."""
    records = []
    for run in _benchmark_runs(store):
        record = read_benchmark(store, run.info.run_id)
        if record.finished:
            records.append(record)
    return records


def read_trial(store: Store, run_id: str) -> TrialRecord:
    """Read one trial run."""
    run = store.client.get_run(run_id)
    if run.data.tags.get(KIND_TAG) != "trial":
        raise UserError(f"the run {run_id} is no trial")
    return _read_trial(store, _config_of(run), run, read_plan(store, run.data.tags[PARENT_TAG]).corpus, {})


def list_benchmarks(store: Store) -> list[BenchmarkRow]:
    """List the benchmarks, the newest first."""
    experiments = {experiment.experiment_id: experiment.name for experiment in store.client.search_experiments()}
    benchmark_runs = []
    trials: dict[str, set[Place]] = defaultdict(set)  # a trial of changed code is trained twice
    finished = set()
    for run in store.search(f"tags.`{KIND_TAG}` LIKE '%'"):
        tags = run.data.tags
        if tags[KIND_TAG] == "benchmark" and REPRODUCES_TAG not in tags:
            benchmark_runs.append(run)
        elif tags[KIND_TAG] == "trial" and run.info.status == "FINISHED":
            trials[tags[PARENT_TAG]].add(_place(run))
            finished.add(run.info.run_id)
    rows = []
    for run in benchmark_runs:
        tags = run.data.tags
        params = run.data.params
        choices = params.get("config.architectures", "").split(",")
        own_trials = trials[run.info.run_id]
        planned = int(tags.get(PLANNED_TAG, 0))
        if len(own_trials) < planned:
            own_trials |= _from_store(store, run.info.run_id, finished)
        seeds = {int(seed) for _, seed in own_trials if seed != "none"}
        row = BenchmarkRow(
            run_id=run.info.run_id,
            name=run.info.run_name,
            experiment=experiments.get(run.info.experiment_id, run.info.experiment_id),
            started_at=_started_at(run),
            status=_status(run),
            architectures=tuple(Choice.model_validate(text).name for text in choices),
            seeds=tuple(sorted(seeds)),
            finished=len(own_trials),
            planned=planned,
            best_accuracy=run.data.metrics.get("best_accuracy"),
            verdict=tags.get("benchmark.verdict"),
            corpus=tags.get("benchmark.corpus", ""),
            train_reviews=train_reviews_of(run),
        )
        rows.append(row)
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
        aliases = {alias: str(number) for alias, number in model.aliases.items()}
        row = ModelRow(name=model.name, versions=len(own), aliases=aliases)
        champion = own.get(int(aliases.get("champion", 0)))
        if champion is not None:
            uri = f"models:/{model.name}/{champion.version}"
            row = replace(row, uri=uri, accuracy=_accuracy(champion), architecture=champion.tags.get("architecture"))
        rows.append(row)
    return rows


def _accuracy(version: ModelVersion) -> float | None:
    try:
        return float(version.tags["test_accuracy"])
    except (KeyError, ValueError):  # of another program
        return None


def read_past(store: Store, corpus_digest: str) -> Past:
    """Read what the store has finished on this corpus; reproductions, and imports without models, are left out."""
    reproductions = {run.info.run_id for run in store.search(f"tags.`{REPRODUCES_TAG}` LIKE '%'")}
    trials = []
    for run in store.search(f"tags.`{KIND_TAG}` = 'trial' AND attributes.status = 'FINISHED'"):
        tags, params = run.data.tags, run.data.params
        fingerprint, processor = _fact(run, "fingerprint"), _fact(run, "processor")
        if MODEL_TAG not in tags or tags[PARENT_TAG] in reproductions or not (fingerprint and processor):
            continue
        if _fact(run, "corpus_digest") != corpus_digest:
            continue
        trial = PastTrial(
            run_id=run.info.run_id,
            benchmark_run_id=tags[PARENT_TAG],
            fingerprint=fingerprint,
            processor=processor,
            machine=tuple(params.get(name, "") for name in SAME_MACHINE),
            config=_config_of(run),
            seconds=float(params["wall_seconds"]),
            accuracy=run.data.metrics["test/accuracy"],
        )
        trials.append(trial)
    return Past(tuple(trials))


def _benchmark_runs(store: Store) -> list[Run]:
    """Return the runs of benchmarks, without reproductions, the newest first."""
    runs = store.search(f"tags.`{KIND_TAG}` = 'benchmark'")
    return [run for run in runs if REPRODUCES_TAG not in run.data.tags]


def _from_store(store: Store, run_id: str, finished: Collection[str]) -> set[Place]:
    """Return architecture and seed of the trials of a benchmark that another one trained."""
    trials = set()
    with suppress(UserError):  # of another version of this program
        for trial in read_plan(store, run_id).planned:
            if trial.stored_as in finished:
                trials.add((trial.config.architecture, seed_text(trial.config)))
    return trials


def _of_another_processor(plan: Plan, run: Run) -> bool:
    """Whether a trial ended on another kind of processor than the plan's, as before a resume elsewhere.

    A cluster may have several kinds, so there all trials count.
    """
    processor = _fact(run, "processor")
    if processor is None or plan.environment is None or plan.config.ray_address is not None:
        return False
    return processor != plan.environment.processor(_config_of(run).kind)


def _runs_in_store(store: Store, plan: Plan) -> list[Run]:
    """Return the runs of trials that the store had when they were planned; none of those that were deleted since."""
    run_ids = [f"'{trial.stored_as}'" for trial in plan.planned if trial.stored_as]
    if not run_ids:
        return []
    return store.search(f"attributes.run_id IN ({', '.join(run_ids)})")


def _fact(run: Run, name: str) -> str | None:
    """Return a parameter of a trial's run; before version 0.4 it was a tag."""
    return run.data.tags.get(f"benchmark.{name}", run.data.params.get(name))


def _place(run: Run) -> Place:
    """Return architecture and seed of a trial's run, as `seed_text` has it."""
    return run.data.params.get("architecture", ""), run.data.params.get("seed", "none")


def train_reviews_of(run: Run) -> int:
    """Return how many reviews a trial, or each of a benchmark's, was trained on."""
    profile = json.loads(run.inputs.dataset_inputs[0].dataset.profile)
    return reviews_used(profile["reviews"], int(run.data.params.get("config.max_reviews", 0)))


def _config_of(run: Run) -> TrialConfig:
    params = run.data.params
    return TrialConfig.model_validate({name: params.get(name) for name in TrialConfig.model_fields})


def _read_trial(store: Store, config: TrialConfig, run: Run, corpus: CorpusFacts, arrays: Arrays) -> TrialRecord:
    status, tags, run_id = _status(run), run.data.tags, run.info.run_id
    if status != "finished":
        interrupted = "interrupted" if status == "killed" else None
        return TrialRecord(config, run_id, status, failure=tags.get(FAILURE_TAG, interrupted))
    try:
        with _downloaded(store, run_id, RESULT_FILE, PREDICTIONS_FILE) as folder:
            result, predictions = read_trial_folder(folder, config, corpus)
    except UserError as error:
        return TrialRecord(config, run_id, "failed", failure=f"{UNREADABLE}: {error}")
    shared = {}  # equal arrays of several trials are kept once: they are most of the memory
    for name, array in vars(predictions).items():
        if array is None:
            continue
        digest = hashlib.sha256(array.tobytes()).digest()
        shared[name] = arrays.setdefault((name, digest), array)
    predictions = Predictions(**shared)
    return TrialRecord(config, run_id, status, result, predictions, model_uri=tags.get(MODEL_TAG))


def _hard_reviews(store: Store, run_id: str) -> tuple[HardReview, ...]:
    try:
        with _downloaded(store, run_id, HARD_REVIEWS_FILE) as folder:
            return HardReviews.model_validate_json((folder / HARD_REVIEWS_FILE).read_bytes()).reviews
    except UserError:
        return ()  # none was logged


def read_reviews_page(store: Store, run_id: str) -> str:
    """Return the stored page that lists every review; nothing where none was logged."""
    try:
        with _downloaded(store, run_id, "report/reviews.html") as folder:
            (page,) = folder.rglob("reviews.html")  # a server keeps the folder, a local store does not
            return page.read_text(encoding="utf-8")
    except UserError:
        return ""


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
