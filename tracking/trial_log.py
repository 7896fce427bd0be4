"""A trial as an MLflow run: stored, or copied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.tracking.context.registry import resolve_tags

from benchmark.config import TrialConfig, as_typed
from benchmark.corpus.download import STANFORD_URL
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.results import Predictions, TrialResult
from benchmark.statistics.scores import correct
from benchmark.trial_folder import RESULT_FILE, TENSORBOARD_FOLDER, read_trial_folder
from benchmark.wording import escape
from tracking.model_log import MODEL_FILES, PARENT_TAG, store_model
from tracking.store import NOTE_TAG, Store, ui_page
from tracking.trial_page import card

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric

KIND_TAG = "benchmark.kind"  # benchmark, trial or evaluation
FAILURE_TAG = "benchmark.failure"
MODEL_TAG = "benchmark.model_uri"
ORIGIN_TAG = "benchmark.origin"  # of a trial's run: "trained", or of a copy the run in which it was trained
TRAINED = "trained"

FAILURE_FILE = "failure.txt"
NOTHING: Mapping[str, Any] = {}
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


def log_trial(store: Store, folder: Path, config: TrialConfig, corpus: CorpusFacts) -> None:
    """Store all of a finished trial in a new run, which ends when everything is there.

    Raises
    ------
    UserError
        If the files in the folder do not hold; before there is a run.
    """
    client = store.client
    result, predictions = read_trial_folder(folder, config, corpus)
    ended_ms = end_of_trial_ms(folder)
    started_ms = ended_ms - round(1000 * result.wall_seconds)
    tags = resolve_tags({PARENT_TAG: folder.parent.name, KIND_TAG: "trial", ORIGIN_TAG: TRAINED})
    run = client.create_run(store.experiment_id, started_ms, tags, config.name)
    run_id = run.info.run_id

    # Files
    for path in sorted(folder.iterdir()):
        if path.name not in MODEL_FILES.values():
            client.log_artifact(run_id, str(path))

    # The corpus and the model, to which the metrics of the test split are linked
    datasets = dataset_inputs(corpus, config)
    client.log_inputs(run_id, datasets=datasets)
    test = datasets[1].dataset
    links = {"run_id": run_id, "dataset_name": test.name, "dataset_digest": test.digest}
    description = card(run, result, predictions, corpus)
    version = store_model(client, run, result, corpus, folder, description)
    links["model_id"] = version.source.removeprefix("models:/")
    page = f"#/models/{version.name}/versions/{version.version}"
    description += f"\n- Model: [{version.name}, version {version.version}]({page})"
    if (folder / TENSORBOARD_FOLDER).exists():
        files = f"mlflow artifacts download -r {run_id} -a {TENSORBOARD_FOLDER}"
        description += f"\n- TensorBoard: `tensorboard --logdir $({files})`"
    tags = {MODEL_TAG: f"models:/{version.name}/{version.version}", NOTE_TAG: description}

    # Settings and numbers
    metrics = _metrics(started_ms, ended_ms, result, predictions, links)
    log(client, run_id, _trial_params(result), metrics, tags)
    client.set_terminated(run_id, "FINISHED", ended_ms)


def end_of_trial_ms(folder: Path) -> int:
    """Return when a trial ended, which its last file shows: the same however often it is sent."""
    return round(1000 * (folder / RESULT_FILE).stat().st_mtime)


def log_failure(store: Store, benchmark_run_id: str, trial: TrialConfig, failure: str) -> None:
    """Store a failed trial; the reason is the first line, the traceback follows."""
    client = store.client
    failure = failure.encode("utf-8", "replace").decode()  # a path in it may be anything
    reason = failure.partition("\n")[0]
    tags = {
        PARENT_TAG: benchmark_run_id,
        KIND_TAG: "trial",
        ORIGIN_TAG: TRAINED,
        FAILURE_TAG: reason,
        NOTE_TAG: f"Failed: {escape(reason)}",
    }
    run = client.create_run(store.experiment_id, tags=resolve_tags(tags), run_name=trial.name)
    run_id = run.info.run_id
    client.set_terminated(run_id, "FAILED")  # first, so that it never seems to run
    client.log_text(run_id, failure, FAILURE_FILE)
    log(client, run_id, trial.model_dump())


def copy_trial(store: Store, run_id: str, benchmark_run_id: str) -> None:
    """Give a benchmark a run for a trial that another one has trained; files and model stay where they are."""
    client = store.client
    original = client.get_run(run_id)
    link = ui_page(original.info.experiment_id, run_id)
    tags = original.data.tags | {
        PARENT_TAG: benchmark_run_id,
        ORIGIN_TAG: run_id,
        NOTE_TAG: f"Trained in an earlier benchmark: [its run]({link}).\n\n{original.data.tags.get(NOTE_TAG, '')}",
    }
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
            given.append(Param(name, as_typed(value)))
    run_tags = [RunTag(name, value) for name, value in tags.items()]
    client.log_batch(run_id, metrics, given, run_tags)


def dataset_inputs(corpus: CorpusFacts, trial: TrialConfig | None = None) -> list[DatasetInput]:
    """Return both splits, or the part that a trial uses, as MLflow datasets, described without their arrays."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source_type, source = "code", json.dumps({"tags": corpus.model_dump(mode="json")})
    if corpus.kind == "imdb":
        source_type, source = "http", json.dumps({"url": STANFORD_URL})
    inputs = []
    sizes = {"train": corpus.train_reviews, "test": corpus.test_reviews}
    for split, reviews in sizes.items():
        name = f"{corpus.name}-{split}"
        used, end = reviews, f"-{split}"
        if trial and trial.train_reviews and split == "train":
            used = trial.train_reviews
            end += f"-{used}-{trial.seed}"
        elif trial and trial.max_reviews:
            used = reviews_used(reviews, trial.max_reviews)
            end += f"-{trial.max_reviews}"
        digest = corpus.digest[: MAX_DIGEST - len(end)] + end
        profile = json.dumps({"reviews": used})
        context = InputTag("mlflow.data.context", split)
        dataset = Dataset(name, digest, source_type, source, profile=profile)
        inputs.append(DatasetInput(dataset, [context]))
    return inputs


def _metrics(
    started_ms: int,
    ended_ms: int,
    result: TrialResult,
    predictions: Predictions,
    links: Mapping[str, str],
) -> list[Metric]:
    """Return the curves, the final scores, and seconds and memory of the whole trial.

    The scores, which end the curves of the test split, are linked to the model and the dataset.
    """
    from mlflow.entities import Metric

    # Curves
    metrics = []
    seconds = 0.0
    last_step = len(result.epochs)
    for epoch in result.epochs:
        seconds += epoch.train_seconds + epoch.evaluation_seconds
        now_ms = started_ms + round(1000 * seconds)
        for name, field in EPOCH_METRICS.items():
            if epoch.epoch < last_step or not name.startswith("test/"):
                metrics.append(Metric(name, getattr(epoch, field), now_ms, epoch.epoch))

    # Scores
    scores = result.scores.model_dump()
    if predictions.probability_shuffled is not None:
        scores["accuracy_words_shuffled"] = correct(predictions.label, predictions.probability_shuffled).mean()
    for name, score in scores.items():
        metrics.append(Metric(f"test/{name}", float(score), ended_ms, last_step, **links))

    # Seconds and memory
    for name in TRIAL_METRICS:
        value = getattr(result, name)
        if value is not None:
            metrics.append(Metric(f"trial/{name}", value, ended_ms, last_step))
    return metrics


def _trial_params(result: TrialResult) -> dict[str, Any]:
    """Return what decides or describes a trial and is no number to compare."""
    environment = result.environment
    params = {**result.config.model_dump(), **environment.numeric_variables}
    params |= environment.model_dump(exclude={"versions", "numeric_variables", "git_commit"})
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
