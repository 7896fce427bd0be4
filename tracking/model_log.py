"""A trained model in MLflow, registered as a new version."""

from __future__ import annotations

import gzip
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.results import TrialResult
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE
from benchmark.wording import escape
from tracking.store import PROJECT
from tracking.trial_page import USE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import Model

PARENT_TAG = "mlflow.parentRunId"
VOCABULARY_FILE = "vocabulary.txt.gz"  # beside the trials' folders
MODEL_FILES = {"network": NETWORK_FILE, "baseline": BASELINE_FILE}
SIGNATURE = {  # without a name for the column a server takes inputs, dataframe_split and dataframe_records
    "inputs": '[{"type": "string"}]',
    "outputs": """[{"type": "string", "name": "label"}, {"type": "float", "name": "probability"},
                   {"type": "long", "name": "known_words"}]""",
}
TEXT_MODEL_CODE = PROJECT / "tracking" / "text_model.py"
VOCABULARY_CODE = PROJECT / "benchmark" / "corpus" / "vocabulary.py"
PREDICTION_CODE = PROJECT / "models" / "fast_predict.py"


def store_model(
    client: MlflowClient,
    run: Run,
    result: TrialResult,
    corpus: CorpusFacts,
    trial_folder: Path,
    description: str,
) -> ModelVersion:
    """Log a trial's model and register it as a new version; its ``source`` is ``models:/<id of the logged model>``."""
    from mlflow.models import Model

    config = result.config
    run_id = run.info.run_id
    settings = config.model_dump(exclude_none=True)
    model_id = client.create_logged_model(
        run.info.experiment_id,
        name=config.architecture.replace(".", "_"),  # MLflow refuses a dot here
        source_run_id=run_id,
        params={name: str(value) for name, value in settings.items()},
        model_type=config.kind,
    ).model_id
    name = f"{corpus.name}-{config.architecture}"  # only models of the real reviews are called imdb-…
    tags = {
        "architecture": config.architecture,
        "seed": "none" if config.seed is None else str(config.seed),
        "test_accuracy": f"{result.scores.accuracy:.6f}",
        "corpus_digest": corpus.digest,
        "train_reviews": str(reviews_used(corpus.train_reviews, config.train_reviews or config.max_reviews)),
    }
    number = Model.log(
        artifact_path=None,
        flavor=sys.modules[__name__],  # its `save_model` is called
        registered_model_name=name,
        run_id=run_id,
        tags=tags,
        step=config.epochs or 0,
        model_id=model_id,
        validate_serving_input=False,  # MLflow would load the model to try its example, and import TensorFlow for that
        result=result,
        corpus=corpus,
        trial_folder=trial_folder,
    ).registered_model_version
    if int(number) == 1:
        client.update_registered_model(name, f"{escape(config.title)}: one version for each finished trial.")
    use = USE.replace("NAME/VERSION", f"{name}/{number}")
    return client.update_model_version(name, number, description + use)


def pack_vocabulary(vocabulary_file: Path, folder: Path) -> None:
    """Compress the vocabulary once for all models of the trials in a folder."""
    content = vocabulary_file.read_bytes()
    (folder / VOCABULARY_FILE).write_bytes(gzip.compress(content, mtime=0))


def delete_models(client: MlflowClient, run: Run) -> None:
    """Delete what was logged and registered of a trial."""
    run_id = run.info.run_id
    for registered in client.search_model_versions(f"run_id = '{run_id}'"):
        client.delete_model_version(registered.name, registered.version)
    of_run = f"source_run_id = '{run_id}'"
    for model in client.search_logged_models([run.info.experiment_id], filter_string=of_run):
        client.delete_logged_model(model.model_id)


def save_model(
    path: str,
    mlflow_model: Model | None,
    result: TrialResult,
    corpus: CorpusFacts,
    trial_folder: Path,
    **_: Any,
) -> None:
    """Write an MLflow model that needs neither this project nor a pickle.

    Parameters
    ----------
    mlflow_model : Model, optional
        The run and the logged model that it belongs to.
    trial_folder : Path
        Has the model's file, and beside it the vocabulary.
    """
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.utils.logging_utils import disable_logging

    disable_logging()  # the import has turned MLflow's messages on

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
    settings = {
        "kind": config.kind,
        "labels": list(corpus.labels),
        "words": result.hyperparameters.get("words"),
        "vocabulary_size": config.vocabulary_size,
        "max_length": config.max_length,
        "sha256": {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()},
    }

    requirements = []
    for name in packages:
        trained_with = result.environment.versions.get(name) or version(name)
        requirements.append(f"{name}=={trained_with}")
    mlflow.pyfunc.save_model(
        path,
        python_model=str(TEXT_MODEL_CODE),
        artifacts={name: str(file) for name, file in files.items()},
        model_config=settings,
        mlflow_model=mlflow_model,
        signature=ModelSignature.from_dict(SIGNATURE),
        input_example=["A wonderful film, with actors who are a joy to watch."],
        pip_requirements=requirements,
    )
