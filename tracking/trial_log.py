"""A trial folder as one MLflow run and one registered model.

Every step may be cut short anywhere and repeated: what is stored already is found, or written again with the same
content.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from benchmark.config import Settings, TrialConfig, as_typed
from benchmark.corpus.download import STANFORD_URL
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.results import EpochResult, TrialResult
from benchmark.statistics.scores import correct
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE, read_trial_folder
from benchmark.wording import escape
from tracking.store import NOTE_TAG, PROJECT, later_ms
from tracking.trial_page import USE, TextOf, card, no_text, predictions_table

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric, Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import Model

KIND_TAG = "benchmark.kind"  # benchmark, trial or evaluation
PARENT_TAG = "mlflow.parentRunId"
ATTEMPT_TAG = "benchmark.attempt"
FAILURE_TAG = "benchmark.failure"
MODEL_TAG = "benchmark.model_uri"
ORIGIN_TAG = "benchmark.origin"  # of a trial's run
TRAINED, FROM_STORE = "trained", "store"
TRAINED_AS_TAG = "benchmark.trained_as"  # of a trial from the store: the run in which it was trained, never a copy

FAILURE_FILE = "failure.txt"
VOCABULARY_FILE = "vocabulary.txt"  # beside the trials' folders
TABLE_FILE = "predictions.json"
TABLES = '[{"path": "predictions.json", "type": "table"}]'  # as the UI wants to be told of it
NOTHING: Mapping[str, Any] = {}
MAX_PARAM = 500  # characters
MAX_DIGEST = 36
MODEL_FILES = {"network": NETWORK_FILE, "baseline": BASELINE_FILE}
EPOCH_METRICS = {  # a comparison of runs opens on the first that all of them have
    "test/accuracy": "test_accuracy",
    "test/loss": "test_loss",
    "train/accuracy": "train_accuracy",
    "train/loss": "train_loss",
    "time/train_seconds": "train_seconds",
    "time/evaluation_seconds": "evaluation_seconds",
    "time/reviews_per_second": "reviews_per_second",
}
SIGNATURE = {  # without a name for the column a server takes inputs, dataframe_split and dataframe_records
    "inputs": '[{"type": "string"}]',
    "outputs": """[{"type": "string", "name": "label"}, {"type": "float", "name": "probability"},
                   {"type": "long", "name": "known_words"}]""",
}
TEXT_MODEL_CODE = PROJECT / "tracking" / "text_model.py"
VOCABULARY_CODE = PROJECT / "benchmark" / "corpus" / "vocabulary.py"
PREDICTION_CODE = PROJECT / "models" / "fast_predict.py"


class Manifest(Settings):
    """A trial that trains, waits or failed, and all that storing it needs beside its folder and the vocabulary.

    Attributes
    ----------
    tracking_uri : str
        Without the password.
    attempt : str
        Names this training of the trial and no other.
    started_ms : int
        The metrics' times are counted from it, so that logging them again changes nothing.
    epochs : tuple of EpochResult
        Those that are done, while it trains.
    failure : str or None
        Why the trial failed, in one line, then the traceback; a failed trial has no folder.
    """

    model_config = ConfigDict(extra="ignore")  # a trial of an earlier version may wait

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    attempt: str
    started_ms: int
    trial: TrialConfig
    corpus: CorpusFacts
    epochs: tuple[EpochResult, ...] = ()
    failure: str | None = None


def run_of_trial(client: MlflowClient, manifest: Manifest) -> Run:
    """Return the trial's run; it is created, as RUNNING, where there is none or it was deleted."""
    from mlflow.tracking.context.registry import resolve_tags

    attempt = f"tags.`{ATTEMPT_TAG}` = '{manifest.attempt}'"
    for run in client.search_runs([manifest.experiment_id], attempt, max_results=1):
        return run
    trial = manifest.trial
    tags = {PARENT_TAG: manifest.benchmark_run_id, ATTEMPT_TAG: manifest.attempt, KIND_TAG: "trial"}
    run = client.create_run(
        manifest.experiment_id,
        start_time=manifest.started_ms,
        tags=resolve_tags(tags),
        run_name=trial.name,
    )
    log(client, run.info.run_id, params=trial.model_dump())
    return run


def log_epochs(client: MlflowClient, manifest: Manifest) -> None:
    """Log the curves of a trial that trains, up to the last epoch that is done."""
    run = run_of_trial(client, manifest)
    log(client, run.info.run_id, metrics=_curves(manifest.started_ms, manifest.epochs))


def send_trial(
    client: MlflowClient,
    manifest: Manifest,
    folder: Path,
    text_of: TextOf = no_text,
) -> str:
    """Store all of a finished or failed trial, and return its run's id; the run ends when everything is there."""
    from mlflow.entities import Metric

    run = run_of_trial(client, manifest)
    run_id = run.info.run_id
    if run.info.status == "FINISHED":
        return run_id
    if manifest.failure is not None:
        _store_failure(client, run_id, manifest, manifest.failure)
        return run_id

    # Files
    corpus = manifest.corpus
    result, predictions = read_trial_folder(folder, manifest.trial, corpus)
    for path in sorted(folder.iterdir()):
        if path.name not in MODEL_FILES.values():
            client.log_artifact(run_id, str(path))
    client.log_text(run_id, predictions_table(predictions, corpus.labels, text_of), TABLE_FILE)

    # The corpus and the model, to which the metrics of the test split are linked
    datasets = dataset_inputs(corpus, result.config.max_reviews)
    client.log_inputs(run_id, datasets=datasets)
    test = datasets[1].dataset
    links = {"run_id": run_id, "dataset_name": test.name, "dataset_digest": test.digest}
    description = card(manifest, result, predictions, run_id)
    tags = {"mlflow.loggedArtifacts": TABLES}
    if (folder.parent / VOCABULARY_FILE).exists():  # a reproduction registers none
        version = _store_model(client, run_id, manifest, result, description, folder)
        links["model_id"] = version.source.removeprefix("models:/")
        tags[MODEL_TAG] = f"models:/{version.name}/{version.version}"
        page = f"#/models/{version.name}/versions/{version.version}"
        description += f"\n- Model: [{version.name}, version {version.version}]({page})"
    tags[NOTE_TAG] = description

    # Numbers
    ended_ms = manifest.started_ms + round(1000 * result.wall_seconds)
    metrics = _curves(manifest.started_ms, result.epochs, links)
    in_curves = {metric.key for metric in metrics}
    scores = result.scores.model_dump()
    if predictions.probability_shuffled is not None:
        scores["accuracy_words_shuffled"] = correct(predictions.label, predictions.probability_shuffled).mean()
    for name, score in scores.items():
        if f"test/{name}" not in in_curves:  # a network's curves end with its accuracy and its loss
            metrics.append(Metric(f"test/{name}", float(score), ended_ms, len(result.epochs), **links))
    log(client, run_id, _trial_params(result), metrics, tags)
    client.set_terminated(run_id, "FINISHED", end_time=ended_ms)
    return run_id


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
    trial_folder: Path,
    origin: Model | None = None,
) -> None:
    """Write an MLflow model that needs neither this project nor a pickle; its settings are written beside `folder`.

    Parameters
    ----------
    trial_folder : Path
        Has the model's file, and beside it the vocabulary.
    origin : Model, optional
        The run and the logged model that it belongs to.
    """
    import mlflow.pyfunc
    from mlflow.models import ModelSignature

    # The files beside the code, each with its digest
    config = result.config
    files = {
        "model": trial_folder / MODEL_FILES[config.kind],
        "vocabulary": trial_folder.parent / VOCABULARY_FILE,
        "vocabulary_code": VOCABULARY_CODE,
    }
    packages = ["scikit-learn", "skops", "numpy", "mlflow", "pandas"]
    if config.kind == "network":
        files["prediction_code"] = PREDICTION_CODE
        packages = ["tensorflow", "keras", "numpy", "mlflow", "pandas"]
    digests = {}
    for name, path in files.items():
        digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    settings = {
        "kind": config.kind,
        "labels": corpus.labels,
        "words": result.hyperparameters.get("words"),
        "vocabulary_size": config.vocabulary_size,
        "max_length": config.max_length,
        "sha256": digests,
    }
    files["settings"] = folder.with_name("settings.json")
    files["settings"].write_text(json.dumps(settings, indent=2), encoding="utf-8")

    requirements = []
    for name in packages:
        trained_with = result.environment.versions.get(name) or version(name)
        requirements.append(f"{name}=={trained_with}")
    mlflow.pyfunc.save_model(
        path=str(folder),
        python_model=str(TEXT_MODEL_CODE),
        artifacts={name: str(path) for name, path in files.items()},
        mlflow_model=origin,
        signature=ModelSignature.from_dict(SIGNATURE),
        input_example=["A wonderful film, with actors who are a joy to watch."],
        pip_requirements=requirements,
    )
    for bytecode in folder.rglob("__pycache__"):
        shutil.rmtree(bytecode)


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


def _store_failure(client: MlflowClient, run_id: str, manifest: Manifest, failure: str) -> None:
    reason = failure.partition("\n")[0][:MAX_PARAM]
    client.log_text(run_id, failure, FAILURE_FILE)
    log(client, run_id, tags={FAILURE_TAG: reason, NOTE_TAG: f"Failed: {escape(reason)}"})
    client.set_terminated(run_id, "FAILED", later_ms(manifest.started_ms))


def _trial_params(result: TrialResult) -> dict[str, Any]:
    """Return what decides or describes a trial and is no curve."""
    environment = result.environment
    params = {**result.hyperparameters, **result.config.model_dump(), **environment.numeric_variables}
    params |= environment.model_dump(exclude={"versions", "numeric_variables", "git_commit"})
    params |= result.model_dump(
        exclude={"config", "fingerprint_parts", "hyperparameters", "environment", "epochs", "scores"}
    )
    params["processor"] = environment.processor(result.config.kind)
    for package, installed in environment.versions.items():
        params[f"version.{package}"] = installed
    return params


def _store_model(
    client: MlflowClient,
    run_id: str,
    manifest: Manifest,
    result: TrialResult,
    description: str,
    folder: Path,
) -> ModelVersion:
    """Log a trial's model and register it as a new version; its ``source`` is ``models:/<id of the logged model>``."""
    import mlflow

    mlflow.set_tracking_uri(client.tracking_uri)  # where the registry looks for a logged model, whatever the client
    config = result.config
    name = f"{manifest.corpus.name}-{config.architecture}"  # only models of the real reviews are called imdb-…

    # The version, which an earlier attempt may have made; none of those that a proxy made by repeating the request
    of_run = f"run_id = '{run_id}' AND name = '{name}'"
    if not client.search_model_versions(of_run):
        model_id = _log_model(client, run_id, manifest, result, folder)
        ensure_registered_model(client, name, f"{escape(config.title)}: one version for each finished trial.")
        tags = {
            "architecture": config.architecture,
            "seed": "none" if config.seed is None else str(config.seed),
            "test_accuracy": f"{result.scores.accuracy:.6f}",
            "corpus": manifest.corpus.name,
            "corpus_digest": manifest.corpus.digest,
            "train_reviews": str(reviews_used(manifest.corpus.train_reviews, config.max_reviews)),
            "benchmark_run": manifest.benchmark_run_id,
            "fingerprint": result.fingerprint,
        }
        client.create_model_version(name, f"models:/{model_id}", run_id=run_id, tags=tags, model_id=model_id)
    version, *repeated = client.search_model_versions(of_run)
    for twin in repeated:
        client.delete_model_version(name, twin.version)

    # What the UI shows of it
    model_id = version.source.removeprefix("models:/")
    shown = [{"name": name, "version": str(version.version)}]
    client.set_logged_model_tags(model_id, {"mlflow.modelVersions": json.dumps(shown)})
    use = USE.replace("NAME/VERSION", f"{name}/{version.version}")
    return client.update_model_version(name, version.version, description + use)


def _log_model(
    client: MlflowClient,
    run_id: str,
    manifest: Manifest,
    result: TrialResult,
    folder: Path,
) -> str:
    """Log a trial's model, from where an earlier attempt stopped, and return its id."""
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    config = result.config
    experiment_id = manifest.experiment_id
    of_run = f"source_run_id = '{run_id}'"
    if not client.search_logged_models([experiment_id], filter_string=of_run):
        settings = config.model_dump(exclude_none=True)
        params = {name: str(value) for name, value in settings.items()}
        client.create_logged_model(
            experiment_id,
            name=config.architecture,
            source_run_id=run_id,
            params=params,
            model_type=config.kind,
        )
    model, *repeated = client.search_logged_models([experiment_id], filter_string=of_run)
    for twin in repeated:
        client.delete_logged_model(twin.model_id)
    outputs = client.get_run(run_id).outputs
    if not (outputs and outputs.model_outputs):
        output = LoggedModelOutput(model.model_id, step=config.epochs or 0)
        client.log_outputs(run_id, [output])
    if model.status != "READY":
        with tempfile.TemporaryDirectory() as temporary:
            written = Path(temporary) / "model"
            origin = Model(run_id=run_id, model_id=model.model_id, model_uuid=model.model_id)
            write_model(written, result, manifest.corpus, folder, origin)
            client.log_model_artifacts(model.model_id, str(written))
        client.finalize_logged_model(model.model_id, "READY")
    return model.model_id
