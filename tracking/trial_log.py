"""A trial as an MLflow run: created, followed, stored, copied, deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from benchmark.config import Settings, TrialConfig, as_typed
from benchmark.corpus.download import STANFORD_URL
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.results import EpochResult, Predictions, TrialResult
from benchmark.statistics.scores import correct
from benchmark.trial_folder import TENSORBOARD_FOLDER, read_trial_folder
from benchmark.wording import escape
from tracking.model_log import MODEL_FILES, PARENT_TAG, VOCABULARY_FILE, delete_models, store_model
from tracking.store import NOTE_TAG, Store, later_ms, ui_page
from tracking.trial_page import TextOf, card, predictions_table

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric, Run

KIND_TAG = "benchmark.kind"  # benchmark, trial or evaluation
FAILURE_TAG = "benchmark.failure"
MODEL_TAG = "benchmark.model_uri"
ORIGIN_TAG = "benchmark.origin"  # of a trial's run
TRAINED, FROM_STORE = "trained", "store"
TRAINED_AS_TAG = "benchmark.trained_as"  # of a trial from the store: the run in which it was trained, never a copy

FAILURE_FILE = "failure.txt"
TABLE_FILE = "predictions.json"
TABLES_TAG = "mlflow.loggedArtifacts"  # tables that the UI shows
NOTHING: Mapping[str, Any] = {}
MAX_PARAM = 500  # characters
MAX_DIGEST = 36
EPOCH_METRICS = {  # a comparison of runs opens on the first that all of them have
    "test/accuracy": "test_accuracy",
    "test/loss": "test_loss",
    "train/accuracy": "train_accuracy",
    "train/loss": "train_loss",
    "time/train_seconds": "train_seconds",
    "time/evaluation_seconds": "evaluation_seconds",
    "time/reviews_per_second": "reviews_per_second",
}
TRIAL_METRICS = (  # named trial/…, of the whole trial; time/… is of an epoch
    "build_seconds",
    "trace_seconds",
    "train_seconds",
    "evaluation_seconds",
    "wall_seconds",
    "peak_memory_mb",
    "peak_gpu_memory_mb",
    "model_bytes",
)


class Manifest(Settings):
    """A trial that trains, waits or failed, and all that storing it needs beside its folder and the vocabulary.

    Attributes
    ----------
    tracking_uri : str
        Without the password.
    started_ms : int
        The metrics' times are counted from it, so that logging them again changes nothing.
    run_id : str or None
        The trial's run; None where the store did not take it yet.
    is_half_stored : bool
        Its run may have a part of the results.
    epochs : tuple of EpochResult
        Those that are done, while it trains.
    failure : str or None
        Why the trial failed, in one line, then the traceback; a failed trial has no folder.
    """

    model_config = ConfigDict(extra="ignore")  # a trial of an earlier version may wait

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    started_ms: int
    trial: TrialConfig
    corpus: CorpusFacts
    run_id: str | None = None
    is_half_stored: bool = False
    epochs: tuple[EpochResult, ...] = ()
    failure: str | None = None


def create_run(client: MlflowClient, manifest: Manifest) -> Run:
    """Create a trial's run as RUNNING, with the parameters that are fixed before it is trained."""
    from mlflow.tracking.context.registry import resolve_tags

    tags = {PARENT_TAG: manifest.benchmark_run_id, KIND_TAG: "trial", ORIGIN_TAG: TRAINED}
    run = client.create_run(
        manifest.experiment_id,
        start_time=manifest.started_ms,
        tags=resolve_tags(tags),
        run_name=manifest.trial.name,
    )
    log(client, run.info.run_id, params=manifest.trial.model_dump())
    return run


def find_run(client: MlflowClient, manifest: Manifest) -> Run | None:
    """Return a trial's run, unless it has none or it was deleted."""
    if manifest.run_id is None:
        return None
    found = client.search_runs([manifest.experiment_id], f"attributes.run_id = '{manifest.run_id}'")
    return found[0] if found else None


def delete_run(client: MlflowClient, run: Run) -> None:
    """Delete a run that was stored in part, with its model."""
    delete_models(client, run)
    client.delete_run(run.info.run_id)


def log_epochs(client: MlflowClient, manifest: Manifest) -> None:
    """Log the curves of a trial that trains, up to the last epoch that is done."""
    assert manifest.run_id
    log(client, manifest.run_id, metrics=_curves(manifest.started_ms, manifest.epochs))


def store_trial(client: MlflowClient, run: Run, manifest: Manifest, folder: Path, text_of: TextOf) -> None:
    """Store all of a finished trial; its run ends when everything is there.

    Raises
    ------
    UserError
        If the files in the folder do not hold.
    """
    run_id = run.info.run_id
    corpus = manifest.corpus
    result, predictions = read_trial_folder(folder, manifest.trial, corpus)
    log(client, run_id, _trial_params(result))

    # Files
    for path in sorted(folder.iterdir()):
        if path.name not in MODEL_FILES.values():
            client.log_artifact(run_id, str(path))
    client.log_text(run_id, predictions_table(predictions, corpus.labels, text_of), TABLE_FILE)

    # The corpus and the model, to which the metrics of the test split are linked
    datasets = dataset_inputs(corpus, result.config.max_reviews)
    client.log_inputs(run_id, datasets=datasets)
    test = datasets[1].dataset
    links = {"run_id": run_id, "dataset_name": test.name, "dataset_digest": test.digest}
    description = card(run, result, predictions, corpus)
    tags = {TABLES_TAG: json.dumps([{"path": TABLE_FILE, "type": "table"}])}
    if (folder.parent / VOCABULARY_FILE).exists():
        version = store_model(client, run, result, corpus, folder, description)
        links["model_id"] = version.source.removeprefix("models:/")
        tags[MODEL_TAG] = f"models:/{version.name}/{version.version}"
        page = f"#/models/{version.name}/versions/{version.version}"
        description += f"\n- Model: [{version.name}, version {version.version}]({page})"
    if (folder / TENSORBOARD_FOLDER).exists():
        files = f"mlflow artifacts download -r {run_id} -a {TENSORBOARD_FOLDER}"
        description += f"\n- TensorBoard: `tensorboard --logdir $({files})`"
    tags[NOTE_TAG] = description

    # Numbers
    ended_ms = manifest.started_ms + round(1000 * result.wall_seconds)
    metrics = _metrics(manifest.started_ms, ended_ms, result, predictions, links)
    log(client, run_id, metrics=metrics, tags=tags)
    client.set_terminated(run_id, "FINISHED", end_time=ended_ms)


def store_failure(client: MlflowClient, run: Run, failure: str) -> None:
    """End a trial's run as FAILED; the reason is the first line, the traceback follows."""
    run_id = run.info.run_id
    reason = failure.partition("\n")[0][:MAX_PARAM]
    client.log_text(run_id, failure, FAILURE_FILE)
    log(client, run_id, tags={FAILURE_TAG: reason, NOTE_TAG: f"Failed: {escape(reason)}"})
    client.set_terminated(run_id, "FAILED", later_ms(run.info.start_time))


def copy_trial(store: Store, run_id: str, benchmark_run_id: str) -> None:
    """Give a benchmark a run for a trial that another one has trained; files and model stay where they are."""
    client = store.client
    original = client.get_run(run_id)
    link = ui_page(original.info.experiment_id, run_id)
    tags = original.data.tags | {
        PARENT_TAG: benchmark_run_id,
        ORIGIN_TAG: FROM_STORE,
        TRAINED_AS_TAG: run_id,
        NOTE_TAG: f"Trained in an earlier benchmark: [its run]({link}).\n\n{original.data.tags.get(NOTE_TAG, '')}",
    }
    tags.pop(TABLES_TAG, None)
    points = []
    for name in original.data.metrics:
        points += client.get_metric_history(run_id, name)

    copy = client.create_run(store.experiment_id, original.info.start_time, tags, original.info.run_name)
    copy_id = copy.info.run_id
    client.log_inputs(copy_id, original.inputs.dataset_inputs)
    log(client, copy_id, original.data.params, points)
    client.set_terminated(copy_id, "FINISHED", original.info.end_time)


def log(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Any] = NOTHING,
    metrics: Sequence[Metric] = (),
    tags: Mapping[str, str] = NOTHING,
) -> None:
    """Log everything in one call; parameters without a value are left out."""
    from mlflow.entities import Param, RunTag

    given = []
    for name, value in params.items():
        if value not in (None, ""):
            given.append(Param(name, as_typed(value)[:MAX_PARAM]))
    run_tags = [RunTag(name, value) for name, value in tags.items()]
    client.log_batch(run_id, metrics, given, run_tags)


def dataset_inputs(corpus: CorpusFacts, max_reviews: int | None = None) -> list[DatasetInput]:
    """Return both splits as MLflow datasets, described without their arrays."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source_type, source = "code", json.dumps({"tags": corpus.model_dump(mode="json")})
    if corpus.kind == "imdb":
        source_type, source = "http", json.dumps({"url": STANFORD_URL})
    inputs = []
    sizes = {"train": corpus.train_reviews, "test": corpus.test_reviews}
    for split, reviews in sizes.items():
        name = f"{corpus.name}-{split}"
        end = f"-{split}" if max_reviews is None else f"-{split}-{max_reviews}"
        digest = corpus.digest[: MAX_DIGEST - len(end)] + end
        profile = json.dumps({"reviews": reviews_used(reviews, max_reviews)})
        context = InputTag("mlflow.data.context", split)
        dataset = Dataset(name, digest, source_type, source, profile=profile)
        inputs.append(DatasetInput(dataset, [context]))
    return inputs


def _curves(
    started_ms: int,
    epochs: Sequence[EpochResult],
    links: Mapping[str, str] = NOTHING,
) -> list[Metric]:
    """Return the metrics of every epoch; the last points of the test split are linked to the model and the dataset."""
    from mlflow.entities import Metric

    metrics = []
    seconds = 0.0
    for epoch in epochs:
        seconds += epoch.train_seconds + epoch.evaluation_seconds
        now_ms = started_ms + round(1000 * seconds)
        for name, field in EPOCH_METRICS.items():
            is_final = epoch is epochs[-1] and name.startswith("test/")
            own_links = links if is_final else NOTHING
            metrics.append(Metric(name, getattr(epoch, field), now_ms, epoch.epoch, **own_links))
    return metrics


def _metrics(
    started_ms: int,
    ended_ms: int,
    result: TrialResult,
    predictions: Predictions,
    links: Mapping[str, str],
) -> list[Metric]:
    """Return the curves, the final scores, and seconds and memory of the whole trial."""
    from mlflow.entities import Metric

    last_step = len(result.epochs)
    metrics = _curves(started_ms, result.epochs, links)
    in_curves = {metric.key for metric in metrics}
    scores = result.scores.model_dump()
    if predictions.probability_shuffled is not None:
        scores["accuracy_words_shuffled"] = correct(predictions.label, predictions.probability_shuffled).mean()
    for name, score in scores.items():
        if f"test/{name}" not in in_curves:  # a network's curves end with its accuracy and its loss
            metrics.append(Metric(f"test/{name}", float(score), ended_ms, last_step, **links))
    for name in TRIAL_METRICS:
        value = getattr(result, name)
        if value is not None:
            metrics.append(Metric(f"trial/{name}", value, ended_ms, last_step))
    return metrics


def _trial_params(result: TrialResult) -> dict[str, Any]:
    """Return what decides or describes a trial and is no number to compare."""
    environment = result.environment
    params = {**result.config.model_dump(), **environment.numeric_variables}
    params |= environment.model_dump(exclude={"versions", "numeric_variables", "git_commit", "git_dirty"})
    params |= result.model_dump(
        include={"fingerprint", "corpus_digest", "parameter_count", "weights_sha256"},
    )
    params["processor"] = environment.processor(result.config.kind)
    for package, installed in environment.versions.items():
        params[f"version.{package}"] = installed
    for name, value in result.hyperparameters.items():
        if params.get(name, value) == value:
            params[name] = value
        else:  # of the same name, but the architecture's own
            params[f"architecture.{name}"] = value
    return params
