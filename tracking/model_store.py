"""Trained models in MLflow: logged with their trial's run, and registered under their architecture's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from benchmark.results import CorpusFacts, CorpusKind, TrialResult
from benchmark.temporary import temporary_directory
from tracking.model_files import KERAS_FILE, write_model_files
from tracking.outages import is_outage

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion

SENTIMENT = "imdb-sentiment"  # the registered model whose champion is the best architecture's
TRIAL_TAG = "benchmark.trial_run"


@dataclass(frozen=True)
class TrainedModel:
    """A trained model's files, and what is known of them.

    Attributes
    ----------
    result : TrialResult
    corpus : CorpusFacts
    keras_file, vocabulary_file : Path
    benchmark_run_id : str
    """

    result: TrialResult
    corpus: CorpusFacts
    keras_file: Path
    vocabulary_file: Path
    benchmark_run_id: str


def registered_name(kind: CorpusKind, architecture: str) -> str:
    """Only models of the real reviews are called ``imdb-…``."""
    return f"{kind}-{architecture}"


def store_model(client: MlflowClient, experiment_id: str, run_id: str, model: TrainedModel) -> ModelVersion:
    """Log a model for the trial's run and register it as a new version; safe to repeat.

    Returns
    -------
    mlflow.entities.model_registry.ModelVersion
        Its ``source`` is ``models:/<id of the logged model>``.
    """
    logged = _logged_model(client, experiment_id, run_id, model.result)
    if logged.status != "READY":
        with temporary_directory() as temporary:
            directory = Path(temporary) / "model"
            write_model_files(
                directory,
                model.result,
                model.corpus,
                model.keras_file,
                model.vocabulary_file,
                logged.model_id,
                run_id,
            )
            client.log_model_artifacts(logged.model_id, str(directory))
        client.finalize_logged_model(logged.model_id, "READY")
    return _registered_version(client, run_id, model, f"models:/{logged.model_id}")


def model_is_stored(client: MlflowClient, model_id: str) -> bool:
    """Whether a logged model's files are really there."""
    from mlflow.exceptions import MlflowException

    try:
        stored = [
            artifact
            for folder in (None, str(PurePosixPath(KERAS_FILE).parent))
            for artifact in client.list_logged_model_artifacts(model_id, folder)
        ]
    except MlflowException as error:
        if is_outage(error):
            raise
        return False
    return {"MLmodel", KERAS_FILE} <= {artifact.path for artifact in stored if artifact.file_size}


def version_tags(model: TrainedModel) -> dict[str, str]:
    """What a registered version says of itself, as tags that can be searched for."""
    config = model.result.config
    return {
        "architecture": config.architecture,
        "seed": str(config.seed),
        "test_accuracy": f"{model.result.test_accuracy:.6f}",
        "corpus": model.corpus.kind,
        "corpus_digest": model.corpus.digest,
        "limit": "none" if config.limit is None else str(config.limit),
        "benchmark_run": model.benchmark_run_id,
        "fingerprint": model.result.fingerprint,
    }


def version_description(model: TrainedModel, run_id: str) -> str:
    """The same for people."""
    config, corpus = model.result.config, model.corpus
    reviews = corpus.test_reviews if config.limit is None else min(config.limit, corpus.test_reviews)
    return (
        f"{config.name}: {100 * model.result.test_accuracy:.2f}% of {reviews:,} test reviews right. "
        f"Corpus: {corpus.source} (digest {corpus.digest[:12]}). "
        f"Benchmark run {model.benchmark_run_id}, trial run {run_id}."
    )


def _logged_model(client: MlflowClient, experiment_id: str, run_id: str, result: TrialResult) -> LoggedModel:
    from mlflow.entities import LoggedModelOutput

    earlier = client.search_logged_models([experiment_id], filter_string=f"tags.`{TRIAL_TAG}` = '{run_id}'")
    logged = (
        earlier[0]
        if earlier
        else client.create_logged_model(
            experiment_id,
            name=result.config.architecture,
            source_run_id=run_id,
            tags={TRIAL_TAG: run_id},
            params={name: str(value) for name, value in result.config.model_dump().items()},
            model_type="keras",
        )
    )
    outputs = client.get_run(run_id).outputs
    if logged.model_id not in {output.model_id for output in (outputs.model_outputs if outputs else ())}:
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=result.config.epochs)])
    return logged


def _registered_version(client: MlflowClient, run_id: str, model: TrainedModel, source: str) -> ModelVersion:
    name = registered_name(model.corpus.kind, model.result.config.architecture)
    ensure_registered_model(client, name, f"{model.result.config.architecture}: a version for each finished trial.")
    for version in client.search_model_versions(f"run_id = '{run_id}'"):
        if version.name == name:
            return version
    return client.create_model_version(
        name,
        source,
        run_id=run_id,
        tags=version_tags(model),
        description=version_description(model, run_id),
        model_id=source.removeprefix("models:/"),
    )


def ensure_registered_model(client: MlflowClient, name: str, description: str) -> None:
    """Make a registered model unless there is one of that name."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, description=description)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
