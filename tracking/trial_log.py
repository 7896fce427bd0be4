"""A trial folder as one MLflow run and one registered model.

Every step may be cut short anywhere and repeated: what is stored already is found, or written again with the same
content.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.config import Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import EpochResult, TrialResult
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE, PREDICTIONS_FILE, read_predictions, read_result
from tracking.pictures import confusion_matrix_svg, predictions_table, roc_curve_svg
from tracking.store import NOTE_TAG, PROJECT, ui_page

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric
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
PROCESSOR_TAG = "benchmark.processor"

FAILURE_FILE = "failure.txt"
TABLE_FILE = "predictions.json"
MAX_PARAM = 500
TextOf = Callable[[str], str | None]  # a review's id to its text, where the corpus has it
EPOCH_METRICS = {
    "train/loss": "train_loss",
    "train/accuracy": "train_accuracy",
    "test/loss": "test_loss",
    "test/accuracy": "test_accuracy",
    "time/train_seconds": "train_seconds",
    "time/evaluation_seconds": "evaluation_seconds",
    "time/reviews_per_second": "reviews_per_second",
}
SINGLE_VALUES = {"parameter_count", "model_bytes", "build_seconds", "trace_seconds", "train_seconds",
                 "evaluation_seconds", "wall_seconds", "peak_memory_mb", "peak_gpu_memory_mb"}  # fmt: skip
USE = """

```python
import mlflow
model = mlflow.pyfunc.load_model("models:/NAME/VERSION")
model.predict(["A wonderful film."])  # label, probability
```"""
TEXT_MODEL_CODE = PROJECT / "tracking" / "text_model.py"
VOCABULARY_CODE = PROJECT / "benchmark" / "corpus" / "vocabulary.py"
PREDICTION_CODE = PROJECT / "models" / "fast_predict.py"


class Manifest(Settings):
    """Where a trial belongs: all that storing it needs beside its folder and the vocabulary.

    Attributes
    ----------
    tracking_uri : str
        Without the password.
    attempt : str
        Names this training of the trial and no other.
    started_ms : int
        The metrics' times are counted from it, so that logging them again changes nothing.
    failure : str or None
        Why the trial failed, in one line, then the traceback; a failed trial has no folder.
    """

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    attempt: str
    started_ms: int
    lock: str
    trial: TrialConfig
    corpus: CorpusFacts
    failure: str | None = None


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
        SEED_TAG: seed_text(trial),
        DIGEST_TAG: manifest.corpus.digest,
    }
    run = client.create_run(
        manifest.experiment_id, start_time=manifest.started_ms, tags=resolve_tags(tags), run_name=trial.name
    )
    log(client, run.info.run_id, params=trial.model_dump())
    return run.info.run_id


def send_trial(
    client: MlflowClient, manifest: Manifest, folder: Path, vocabulary_file: Path, text_of: TextOf | None = None
) -> None:
    """Store all of a finished or failed trial; its run ends when everything is there."""
    from mlflow.entities import Metric

    attempt = f"tags.`{ATTEMPT_TAG}` = '{manifest.attempt}'"  # a run that was deleted meanwhile is not found
    run = next(iter(client.search_runs([manifest.experiment_id], attempt, max_results=1)), None)
    if run is not None and run.info.status == "FINISHED":
        return
    run_id = create_trial_run(client, manifest) if run is None else run.info.run_id
    if manifest.failure is not None:
        reason = manifest.failure.partition("\n")[0][:MAX_PARAM]
        client.log_text(run_id, manifest.failure, FAILURE_FILE)
        log(client, run_id, tags={FAILURE_TAG: reason, NOTE_TAG: f"Failed: {reason}"})
        client.set_terminated(run_id, "FAILED")
        return
    result = read_result(folder)
    _log_files(client, run_id, manifest, result, folder, text_of)
    datasets = dataset_inputs(manifest.corpus, result.config)
    client.log_inputs(run_id, datasets=datasets)
    card = _card(manifest, result, run_id)
    test = datasets[1].dataset
    linked = {"run_id": run_id, "dataset_name": test.name, "dataset_digest": test.digest}
    tags = {
        FINGERPRINT_TAG: result.fingerprint,
        PROCESSOR_TAG: result.environment.processor(result.config.kind),
        "benchmark.weights_sha256": result.weights_sha256,
        "mlflow.loggedArtifacts": json.dumps([{"path": TABLE_FILE, "type": "table"}]),
        NOTE_TAG: card,
    }
    model_file = folder / (NETWORK_FILE if result.config.kind == "network" else BASELINE_FILE)
    if model_file.exists():  # an imported trial has none
        version = _store_model(client, run_id, manifest, result, card, model_file, vocabulary_file)
        linked["model_id"] = version.source.removeprefix("models:/")
        tags[MODEL_TAG] = f"models:/{version.name}/{version.version}"
        page = f"#/models/{version.name}/versions/{version.version}"
        tags[NOTE_TAG] += f"\n- Model: [{version.name}, version {version.version}]({page})"
    end = manifest.started_ms + round(1000 * result.wall_seconds)
    metrics = epoch_metrics(manifest, result.epochs, linked)
    if not metrics:  # a baseline
        scores = {"test/accuracy": result.scores.accuracy, "test/loss": result.scores.loss}
        metrics = [Metric(name, value, end, 0, **linked) for name, value in scores.items()]
    log(client, run_id, params=_trial_params(result), metrics=metrics, tags=tags)
    client.set_terminated(run_id, "FINISHED", end_time=end)


def epoch_metrics(
    manifest: Manifest, epochs: Sequence[EpochResult], linked: Mapping[str, str] | None = None
) -> list[Metric]:
    """Return the curves; the last points of the test split are linked to the model and the dataset."""
    from mlflow.entities import Metric

    metrics, seconds = [], 0.0
    for epoch in epochs:
        seconds += epoch.train_seconds + epoch.evaluation_seconds
        at = manifest.started_ms + round(1000 * seconds)
        for name, field in EPOCH_METRICS.items():
            links = linked if linked and epoch is epochs[-1] and name.startswith("test/") else {}
            metrics.append(Metric(name, getattr(epoch, field), at, epoch.epoch, **links))
    return metrics


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

    files = {"model": model_file, "vocabulary": vocabulary_file, "vocabulary_code": VOCABULARY_CODE}
    packages = ["scikit-learn", "skops", "numpy", "mlflow", "pandas"]
    if result.config.kind == "network":
        files["prediction_code"] = PREDICTION_CODE
        packages = ["tensorflow", "keras", "numpy", "mlflow", "pandas"]
    settings = {
        "kind": result.config.kind,
        "labels": corpus.labels,
        "words": result.hyperparameters.get("words"),
        "vocabulary_size": result.config.vocabulary_size,
        "max_length": result.config.max_length,
        "sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
    }
    outputs = Schema([ColSpec(DataType.string, name="label"), ColSpec(DataType.float, name="probability")])
    trained_with = result.environment.versions
    with tempfile.TemporaryDirectory() as temporary:
        files["settings"] = Path(temporary) / "settings.json"
        files["settings"].write_text(json.dumps(settings, indent=2), encoding="utf-8")
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(TEXT_MODEL_CODE),
            artifacts={name: str(path) for name, path in files.items()},
            mlflow_model=Model(run_id=run_id, model_id=model_id, model_uuid=model_id),
            # without type hints and column names a server takes inputs, dataframe_split and dataframe_records
            signature=ModelSignature(Schema([ColSpec(DataType.string)]), outputs),
            input_example=["A wonderful film, with actors who are a joy to watch."],
            pip_requirements=[f"{name}=={trained_with.get(name) or version(name)}" for name in packages],
        )
    for bytecode in folder.rglob("__pycache__"):
        shutil.rmtree(bytecode)


def seed_text(trial: TrialConfig) -> str:
    """Return a seed as tags have it."""
    return "none" if trial.seed is None else str(trial.seed)


def _trial_params(result: TrialResult) -> dict[str, Any]:
    """Return what decides or describes a trial and is no curve."""
    environment = result.environment
    return {
        **result.hyperparameters,
        **result.config.model_dump(),
        **environment.model_dump(exclude={"versions", "numeric_variables", "git_commit", "git_dirty"}),
        **environment.numeric_variables,
        **{f"version.{package}": version for package, version in environment.versions.items()},
        **result.model_dump(include=SINGLE_VALUES),
        **{f"test/{name}": value for name, value in result.scores.model_dump(exclude={"accuracy", "loss"}).items()},
    }


def _log_files(
    client: MlflowClient, run_id: str, manifest: Manifest, result: TrialResult, folder: Path, text_of: TextOf | None
) -> None:
    predictions, labels, name = read_predictions(folder / PREDICTIONS_FILE), manifest.corpus.labels, result.config.name
    drawn = {
        "confusion_matrix.svg": confusion_matrix_svg(predictions, labels, name),
        "roc_curve.svg": roc_curve_svg(predictions, result.scores.roc_auc, name),
        TABLE_FILE: predictions_table(predictions, labels, text_of),
    }
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sending-") as temporary:
        files = Path(temporary) / "files"
        no_artifact = shutil.ignore_patterns(NETWORK_FILE, BASELINE_FILE, "*.part")
        shutil.copytree(folder, files, ignore=no_artifact, copy_function=os.link)
        for file_name, content in drawn.items():
            (files / file_name).write_text(content, encoding="utf-8")
        client.log_artifacts(run_id, str(files))


def _store_model(
    client: MlflowClient,
    run_id: str,
    manifest: Manifest,
    result: TrialResult,
    card: str,
    model_file: Path,
    vocabulary_file: Path,
) -> ModelVersion:
    """Log a trial's model and register it as a new version; its ``source`` is ``models:/<id of the logged model>``."""
    import mlflow

    mlflow.set_tracking_uri(client.tracking_uri)  # where the registry looks for a logged model, whatever the client
    config = result.config
    name = f"{manifest.corpus.name}-{config.architecture}"  # only models of the real reviews are called imdb-…
    version = next((one for one in client.search_model_versions(f"run_id = '{run_id}'") if one.name == name), None)
    if version is None:
        model_id = _log_model(client, run_id, manifest, result, model_file, vocabulary_file)
        ensure_registered_model(client, name, f"{config.title}: one version for each finished trial.")
        tags = {
            "architecture": config.architecture,
            "seed": seed_text(config),
            "test_accuracy": f"{result.scores.accuracy:.6f}",
            "corpus": manifest.corpus.name,
            "corpus_digest": manifest.corpus.digest,
            "benchmark_run": manifest.benchmark_run_id,
            "fingerprint": result.fingerprint,
        }
        version = client.create_model_version(name, f"models:/{model_id}", run_id=run_id, tags=tags, model_id=model_id)
    shown_in_ui = json.dumps([{"name": name, "version": str(version.version)}])
    client.set_logged_model_tags(version.source.removeprefix("models:/"), {"mlflow.modelVersions": shown_in_ui})
    use = USE.replace("NAME/VERSION", f"{name}/{version.version}")
    return client.update_model_version(name, version.version, card + use)


def _log_model(
    client: MlflowClient,
    run_id: str,
    manifest: Manifest,
    result: TrialResult,
    model_file: Path,
    vocabulary_file: Path,
) -> str:
    """Log a trial's model, from where an earlier attempt stopped, and return its id."""
    from mlflow.entities import LoggedModelOutput

    config = result.config
    mine = client.search_logged_models([manifest.experiment_id], filter_string=f"source_run_id = '{run_id}'")
    logged = next(iter(mine), None) or client.create_logged_model(
        manifest.experiment_id,
        name=config.architecture,
        source_run_id=run_id,
        tags={ARCHITECTURE_TAG: config.architecture},
        params={name: str(value) for name, value in config.model_dump(exclude_none=True).items()},
        model_type=config.kind,
    )
    outputs = client.get_run(run_id).outputs
    if not (outputs and outputs.model_outputs):
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=config.epochs or 0)])
    if logged.status != "READY":
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "model"
            write_model(folder, result, manifest.corpus, model_file, vocabulary_file, run_id, logged.model_id)
            client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
    return str(logged.model_id)


def _card(manifest: Manifest, result: TrialResult, run_id: str) -> str:
    """Return what a reader of the run, or a user of the model, has to know, as Markdown."""
    corpus, config, scores = manifest.corpus, result.config, result.scores
    seen = f"the {config.vocabulary_size:,} most frequent words and the last {config.max_length} words of a text"
    if config.kind == "baseline":
        words = result.hyperparameters.get("words")
        seen = "all words of the training split" if words is None else f"the {words:,} most frequent words"
    reviews = min(config.max_reviews or corpus.test_reviews, corpus.test_reviews)
    page = partial(ui_page, manifest.experiment_id)
    return f"""**{config.title}**: {scores.accuracy:.2%} of {reviews:,} test reviews right.

- F1 {scores.f1:.4f}, area under the ROC curve {scores.roc_auc:.4f}
- Trained in {result.train_seconds:.0f} seconds on {result.environment.device_name}
- Corpus: {corpus.source} (digest `{corpus.digest[:12]}`)
- It uses {seen}; other words have no effect
- `probability` is that of {corpus.labels[1]}, the other label is {corpus.labels[0]}
- The run [{config.name}]({page(run_id)}) of the benchmark \
[{manifest.benchmark_run_id[:8]}]({page(manifest.benchmark_run_id)})
- Train it again: `python -m benchmark reproduce {run_id}`"""
