"""A trial folder as one MLflow run and one registered model.

Every step may be cut short anywhere and repeated: what is stored already is found by the attempt's own tag, or written
again with the same content.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.config import Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import EpochResult, TrialResult
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE, PREDICTIONS_FILE, read_predictions, read_result
from tracking.pictures import confusion_matrix_svg, predictions_table, roc_curve_svg
from tracking.store import NOTE_TAG, PROJECT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, LoggedModel, Metric, Run
    from mlflow.entities.model_registry import ModelVersion

KIND_TAG = "benchmark.kind"  # benchmark or trial
PARENT_TAG = "mlflow.parentRunId"
ATTEMPT_TAG = "benchmark.attempt"
LOCK_TAG = "benchmark.lock"
FAILURE_TAG = "benchmark.failure"
FINGERPRINT_TAG = "benchmark.fingerprint"
MODEL_TAG = "benchmark.model_uri"
DIGEST_TAG = "benchmark.corpus_digest"
ARCHITECTURE_TAG = "benchmark.architecture"
SEED_TAG = "benchmark.seed"

FAILURE_FILE = "failure.txt"
TABLE_FILE = "predictions.json"
MAX_PARAM = 500
EPOCH_METRICS = {
    "train/loss": "train_loss",
    "train/accuracy": "train_accuracy",
    "test/loss": "test_loss",
    "test/accuracy": "test_accuracy",
    "time/train_seconds": "train_seconds",
    "time/evaluation_seconds": "evaluation_seconds",
    "time/reviews_per_second": "reviews_per_second",
}
SINGLE_VALUES = ("parameter_count", "model_bytes", "build_seconds", "trace_seconds", "wall_seconds", "peak_memory_mb",
                 "peak_gpu_memory_mb")  # fmt: skip
TEXT_MODEL_CODE = PROJECT / "tracking" / "text_model.py"
VOCABULARY_CODE = PROJECT / "benchmark" / "corpus" / "vocabulary.py"
PREDICTION_CODE = PROJECT / "models" / "fast_predict.py"


class Manifest(Settings):
    """Where a trial belongs: all that storing its folder needs beside the folder and the vocabulary.

    Attributes
    ----------
    tracking_uri : str
        Without the password.
    attempt : str
        Names this training of the trial and no other.
    started_ms : int
        Since the epoch; the metrics' times are counted from it, so that logging them again changes nothing.
    lock : str
        Host and folder of the benchmark's lock.
    """

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    attempt: str
    started_ms: int
    lock: str
    trial: TrialConfig
    corpus: CorpusFacts


def create_trial_run(client: MlflowClient, manifest: Manifest) -> str:
    """Create the run of a trial that starts, as RUNNING, and return its id."""
    from mlflow.tracking.context.registry import resolve_tags

    trial = manifest.trial
    tags = {
        PARENT_TAG: manifest.benchmark_run_id,
        ATTEMPT_TAG: manifest.attempt,
        LOCK_TAG: manifest.lock,
        KIND_TAG: "trial",
        ARCHITECTURE_TAG: trial.architecture,
        SEED_TAG: "none" if trial.seed is None else str(trial.seed),
        DIGEST_TAG: manifest.corpus.digest,
    }
    run = client.create_run(
        manifest.experiment_id, start_time=manifest.started_ms, tags=resolve_tags(tags), run_name=trial.name
    )
    log(client, run.info.run_id, params=trial.model_dump())
    return run.info.run_id


def find_trial_run(client: MlflowClient, manifest: Manifest) -> Run | None:
    """Return the run that was created for this attempt, unless it was deleted since."""
    found = client.search_runs([manifest.experiment_id], f"tags.`{ATTEMPT_TAG}` = '{manifest.attempt}'", max_results=1)
    return found[0] if found else None


def log_epochs(client: MlflowClient, run_id: str, manifest: Manifest, epochs: Sequence[EpochResult]) -> None:
    """Log the last of the epochs so far."""
    log(client, run_id, metrics=_epoch_metrics(manifest, epochs)[-len(EPOCH_METRICS) :])


def send_trial(client: MlflowClient, manifest: Manifest, folder: Path, vocabulary_file: Path) -> str:
    """Store all of a finished trial and return its run's id; the run becomes FINISHED when everything is there."""
    result = read_result(folder)
    run = find_trial_run(client, manifest)
    run_id = create_trial_run(client, manifest) if run is None else run.info.run_id
    if run is not None and run.info.status == "FINISHED":
        return run_id
    _log_files(client, run_id, manifest, result, folder)
    client.log_inputs(run_id, datasets=dataset_inputs(manifest.corpus, result.config))
    model_file = _model_file(folder, result.config)
    version = store_model(client, run_id, manifest, result, model_file, vocabulary_file) if model_file else None
    model_id = version.source.removeprefix("models:/") if version else None
    tags = {
        FINGERPRINT_TAG: result.fingerprint,
        "benchmark.weights_sha256": result.weights_sha256,
        "mlflow.loggedArtifacts": json.dumps([{"path": TABLE_FILE, "type": "table"}]),
        NOTE_TAG: _note(manifest, result, run_id, version),
    }
    if version:
        tags[MODEL_TAG] = f"models:/{version.name}/{version.version}"
    if run is not None and FAILURE_TAG in run.data.tags:  # it was taken for dead before its results could be sent
        client.delete_tag(run_id, FAILURE_TAG)
    metrics = _epoch_metrics(manifest, result.epochs) + _final_metrics(manifest, result, run_id, model_id)
    log(client, run_id, params=trial_params(result), metrics=metrics, tags=tags)
    client.set_terminated(run_id, "FINISHED", end_time=manifest.started_ms + round(1000 * result.wall_seconds))
    return run_id


def fail_trial_run(client: MlflowClient, manifest: Manifest, reason: str, traceback: str) -> None:
    """End a trial's run as FAILED, with the reason as a tag and the traceback as an artifact."""
    run = find_trial_run(client, manifest)
    run_id = create_trial_run(client, manifest) if run is None else run.info.run_id
    client.log_text(run_id, f"{reason}\n\n{traceback}".strip() + "\n", FAILURE_FILE)
    log(client, run_id, tags={FAILURE_TAG: reason[:MAX_PARAM], NOTE_TAG: f"Failed: {reason[:MAX_PARAM]}"})
    client.set_terminated(run_id, "FAILED")


def kill_run(client: MlflowClient, run_id: str) -> None:
    """End a run as KILLED."""
    log(client, run_id, tags={FAILURE_TAG: "interrupted"})
    client.set_terminated(run_id, "KILLED")


def log(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Any] | None = None,
    metrics: Sequence[Metric] = (),
    tags: Mapping[str, str] | None = None,
) -> None:
    """Log everything in one call; parameters without a value are left out."""
    from mlflow.entities import Param, RunTag

    given = {name: str(value)[:MAX_PARAM] for name, value in (params or {}).items() if value not in (None, "")}
    client.log_batch(
        run_id,
        params=[Param(name, value) for name, value in given.items()],
        metrics=list(metrics),
        tags=[RunTag(name, value) for name, value in (tags or {}).items()],
    )


def trial_params(result: TrialResult) -> dict[str, Any]:
    """Return what decides or describes a trial and is no curve."""
    environment = result.environment
    return {
        **result.hyperparameters,
        **result.config.model_dump(),
        "device_kind": environment.device_kind,
        "device_name": environment.device_name,
        "cpu_model": environment.cpu_model,
        "cpu_instructions": environment.cpu_instructions,
        "threads": environment.threads,
        "trials_at_once": environment.trials_at_once,
        **environment.numeric_variables,
        **{f"version.{package}": version for package, version in environment.versions.items()},
        **{name: getattr(result, name) for name in SINGLE_VALUES},
    }


def dataset_inputs(corpus: CorpusFacts, trial: TrialConfig | None = None) -> list[DatasetInput]:
    """Return both splits as MLflow datasets, described without their arrays; `source` holds the corpus's facts."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    limit = trial.max_reviews if trial else None
    inputs = []
    for split, reviews in (("train", corpus.train_reviews), ("test", corpus.test_reviews)):
        end = f"-{split}" if limit is None else f"-{split}-{limit}"
        dataset = Dataset(
            name=f"{corpus.name}-{split}",
            digest=corpus.digest[: 36 - len(end)] + end,  # MLflow takes 36 characters
            source_type="corpus",
            source=corpus.model_dump_json(),
            profile=json.dumps({"reviews": reviews if limit is None else min(limit, reviews)}),
        )
        inputs.append(DatasetInput(dataset, tags=[InputTag("mlflow.data.context", split)]))
    return inputs


def registered_name(corpus_name: str, architecture: str) -> str:
    """Return the name in the model registry: only models of the real reviews are called ``imdb-…``."""
    return f"{corpus_name}-{architecture}"


def store_model(
    client: MlflowClient, run_id: str, manifest: Manifest, result: TrialResult, model_file: Path, vocabulary_file: Path
) -> ModelVersion:
    """Log a trial's model and register it as a new version; its ``source`` is ``models:/<id of the logged model>``."""
    import mlflow
    from mlflow.entities import LoggedModelOutput

    mlflow.set_tracking_uri(client.tracking_uri)  # where the registry looks for a logged model, whatever the client
    name = registered_name(manifest.corpus.name, result.config.architecture)
    found = [version for version in client.search_model_versions(f"run_id = '{run_id}'") if version.name == name]
    if found:
        return found[0]
    logged = _logged_model(client, run_id, manifest, result)
    outputs = client.get_run(run_id).outputs
    if logged.model_id not in {output.model_id for output in (outputs.model_outputs if outputs else ())}:
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=result.config.epochs or 0)])
    if logged.status != "READY":
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "model"
            write_model(folder, result, manifest.corpus, model_file, vocabulary_file, run_id, logged.model_id)
            client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
    ensure_registered_model(client, name, f"{result.config.title}: one version for each finished trial.")
    return client.create_model_version(
        name,
        f"models:/{logged.model_id}",
        run_id=run_id,
        tags=version_tags(manifest, result),
        description=model_card(manifest, result, run_id, name),
        model_id=logged.model_id,
    )


def ensure_registered_model(client: MlflowClient, name: str, description: str) -> None:
    """Create a registered model unless there is one of that name."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, description=description)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def write_model(
    folder: Path,
    result: TrialResult,
    corpus: CorpusFacts,
    model_file: Path,
    vocabulary_file: Path,
    run_id: str | None = None,
    model_id: str | None = None,
) -> None:
    """Write an MLflow model that needs neither this project nor a pickle, without loading it."""
    import mlflow.pyfunc
    from mlflow.models import Model, ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    artifacts = {"model": model_file, "vocabulary": vocabulary_file, "vocabulary_code": VOCABULARY_CODE}
    if result.config.kind == "network":
        artifacts["prediction_code"] = PREDICTION_CODE
    settings = {
        "architecture": result.config.architecture,
        "kind": result.config.kind,
        "labels": corpus.labels,
        "words": result.hyperparameters.get("words"),
        "vocabulary_size": result.config.vocabulary_size,
        "max_length": result.config.max_length,
        "sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in artifacts.items()},
    }
    outputs = Schema([ColSpec(DataType.string, name="label"), ColSpec(DataType.float, name="probability")])
    with tempfile.TemporaryDirectory() as temporary:
        settings_file = Path(temporary) / "settings.json"
        settings_file.write_text(json.dumps(settings, indent=2), encoding="utf-8")
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(TEXT_MODEL_CODE),
            artifacts={name: str(path) for name, path in {"settings": settings_file, **artifacts}.items()},
            mlflow_model=Model(run_id=run_id, model_id=model_id, model_uuid=model_id),
            # without type hints and column names a server takes inputs, dataframe_split and dataframe_records
            signature=ModelSignature(Schema([ColSpec(DataType.string)]), outputs),
            input_example=["A wonderful film, with actors who are a joy to watch."],
            pip_requirements=requirements(result),
            metadata={"architecture": result.config.architecture, "fingerprint": result.fingerprint},
        )
    for bytecode in folder.rglob("__pycache__"):
        shutil.rmtree(bytecode)


def requirements(result: TrialResult) -> list[str]:
    """Return the packages that loading and predicting need, at the versions that the model was trained with."""
    names = ["tensorflow", "keras"] if result.config.kind == "network" else ["scikit-learn", "skops"]
    found = result.environment.versions
    return [f"{name}=={found.get(name) or version(name)}" for name in [*names, "numpy", "mlflow", "pandas"]]


def version_tags(manifest: Manifest, result: TrialResult) -> dict[str, str]:
    """Return what a registered version can be searched by."""
    return {
        "architecture": result.config.architecture,
        "seed": "none" if result.config.seed is None else str(result.config.seed),
        "test_accuracy": f"{result.scores.accuracy:.6f}",
        "corpus": manifest.corpus.name,
        "corpus_digest": manifest.corpus.digest,
        "benchmark_run": manifest.benchmark_run_id,
        "fingerprint": result.fingerprint,
    }


def model_card(manifest: Manifest, result: TrialResult, run_id: str, name: str) -> str:
    """Return what a user of the model has to know, as Markdown."""
    corpus, config, scores = manifest.corpus, result.config, result.scores
    seen = f"the {config.vocabulary_size:,} most frequent words and the last {config.max_length} words of a text"
    if config.kind == "baseline":
        words = result.hyperparameters.get("words")
        seen = "all words of the training split" if words is None else f"the {words:,} most frequent words"
    reviews = corpus.test_reviews if config.max_reviews is None else min(config.max_reviews, corpus.test_reviews)
    return "\n".join(
        [
            f"**{config.title}**: classifies a text as {corpus.labels[0]} or {corpus.labels[1]}.",
            "",
            f"- Accuracy {scores.accuracy:.2%} on {reviews:,} test reviews, F1 {scores.f1:.4f}, "
            f"area under the ROC curve {scores.roc_auc:.4f}",
            f"- Trained on: {corpus.source} (digest `{corpus.digest[:12]}`)",
            f"- It uses {seen}; other words have no effect",
            f"- `probability` is that of {corpus.labels[1]}; single predictions may be wrong, surely or not",
            f"- From [{config.name}](#/experiments/{manifest.experiment_id}/runs/{run_id}) of the benchmark "
            f"[{manifest.benchmark_run_id[:8]}](#/experiments/{manifest.experiment_id}/runs/{manifest.benchmark_run_id})",
            "",
            "```python",
            "import mlflow",
            f'model = mlflow.pyfunc.load_model("models:/{name}@champion")  # or /{name}/VERSION',
            'model.predict(["A wonderful film."])  # label, probability',
            "```",
        ]
    )


def write_examples(folder: Path, labels: tuple[str, str], text_of: Callable[[str], str | None] | None = None) -> None:
    """Write the table of predictions into a trial folder, with the reviews' texts where they can be had."""
    table = predictions_table(read_predictions(folder / PREDICTIONS_FILE), labels, text_of)
    (folder / TABLE_FILE).write_text(table, encoding="utf-8")


def _log_files(client: MlflowClient, run_id: str, manifest: Manifest, result: TrialResult, folder: Path) -> None:
    if not (folder / TABLE_FILE).exists():
        write_examples(folder, manifest.corpus.labels)
    predictions = read_predictions(folder / PREDICTIONS_FILE)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sending-") as temporary:
        files = Path(temporary) / "files"
        no_artifact = shutil.ignore_patterns(NETWORK_FILE, BASELINE_FILE, "*.part")
        shutil.copytree(folder, files, ignore=no_artifact, copy_function=os.link)
        name = result.config.name
        svg = confusion_matrix_svg(
            predictions, manifest.corpus.labels, f"{name}, {len(predictions.label):,} test reviews"
        )
        (files / "confusion_matrix.svg").write_text(svg, encoding="utf-8")
        (files / "roc_curve.svg").write_text(roc_curve_svg(predictions, result.scores.roc_auc, name), encoding="utf-8")
        client.log_artifacts(run_id, str(files))


def _logged_model(client: MlflowClient, run_id: str, manifest: Manifest, result: TrialResult) -> LoggedModel:
    for logged in client.search_logged_models(
        [manifest.experiment_id], filter_string=f"tags.`{ATTEMPT_TAG}` = '{manifest.attempt}'"
    ):
        if logged.source_run_id == run_id:
            return logged
    return client.create_logged_model(
        manifest.experiment_id,
        name=result.config.architecture,
        source_run_id=run_id,
        tags={ATTEMPT_TAG: manifest.attempt, ARCHITECTURE_TAG: result.config.architecture},
        params={name: str(value) for name, value in result.config.model_dump(exclude_none=True).items()},
        model_type=result.config.kind,
    )


def _epoch_metrics(manifest: Manifest, epochs: Sequence[EpochResult]) -> list[Metric]:
    from mlflow.entities import Metric

    metrics, seconds = [], 0.0
    for epoch in epochs:
        seconds += epoch.train_seconds + epoch.evaluation_seconds
        at = manifest.started_ms + round(1000 * seconds)
        metrics += [Metric(name, getattr(epoch, field), at, epoch.epoch) for name, field in EPOCH_METRICS.items()]
    return metrics


def _final_metrics(manifest: Manifest, result: TrialResult, run_id: str, model_id: str | None) -> list[Metric]:
    from mlflow.entities import Metric

    test = dataset_inputs(manifest.corpus, result.config)[1].dataset
    values = {f"test/{name}": value for name, value in result.scores.model_dump().items()}
    at = manifest.started_ms + round(1000 * result.wall_seconds)
    if result.epochs:  # the same points as the last epoch's, now linked to the model
        last = {metric.key: metric for metric in _epoch_metrics(manifest, result.epochs)[-len(EPOCH_METRICS) :]}
        values |= {name: last[name].value for name in ("test/loss", "test/accuracy")}
        at = last["test/loss"].timestamp
    else:
        values |= {"time/train_seconds": result.train_seconds, "time/evaluation_seconds": result.evaluation_seconds}
    linked = {"model_id": model_id, "dataset_name": test.name, "dataset_digest": test.digest, "run_id": run_id}
    return [Metric(name, value, at, result.config.epochs or 0, **linked) for name, value in values.items()]


def _model_file(folder: Path, trial: TrialConfig) -> Path | None:
    path = folder / (NETWORK_FILE if trial.kind == "network" else BASELINE_FILE)
    return path if path.exists() else None  # an imported trial has none


def _note(manifest: Manifest, result: TrialResult, run_id: str, version: ModelVersion | None) -> str:
    scores, experiment = result.scores, manifest.experiment_id
    lines = [
        f"**{result.config.title}**, {result.config.name}: {scores.accuracy:.2%} of the test reviews right "
        f"(F1 {scores.f1:.4f}, area under the ROC curve {scores.roc_auc:.4f}), trained in "
        f"{result.train_seconds:.0f} seconds on {result.environment.device_name}.",
        f"Part of the benchmark [{manifest.benchmark_run_id[:8]}]"
        f"(#/experiments/{experiment}/runs/{manifest.benchmark_run_id}).",
    ]
    if version:
        lines.append(
            f"Model: [{version.name}, version {version.version}](#/models/{version.name}/versions/{version.version})."
        )
    lines += [f"Corpus: {manifest.corpus.source}.", f"Train it again: `python -m benchmark reproduce {run_id}`"]
    return "\n\n".join(lines)


def now_ms() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
