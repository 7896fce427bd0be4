"""A trained model in MLflow, registered as a new version."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

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
    config = result.config
    model_id = _log_model(client, run, result, corpus, trial_folder)
    name = f"{corpus.name}-{config.architecture}"  # only models of the real reviews are called imdb-…
    ensure_registered_model(client, name, f"{escape(config.title)}: one version for each finished trial.")
    tags = {
        "architecture": config.architecture,
        "seed": "none" if config.seed is None else str(config.seed),
        "test_accuracy": f"{result.scores.accuracy:.6f}",
        "corpus_digest": corpus.digest,
        "train_reviews": str(reviews_used(corpus.train_reviews, config.train_reviews or config.max_reviews)),
    }
    number = client.create_model_version(
        name,
        f"models:/{model_id}",
        run_id=run.info.run_id,
        tags=tags,
        model_id=model_id,
    ).version

    # What the UI shows of it
    shown = [{"name": name, "version": str(number)}]
    client.set_logged_model_tags(model_id, {"mlflow.modelVersions": json.dumps(shown)})
    use = USE.replace("NAME/VERSION", f"{name}/{number}")
    return client.update_model_version(name, number, description + use)


def pack_vocabulary(vocabulary_file: Path, folder: Path) -> None:
    """Compress the vocabulary once for all models of the trials in a folder."""
    content = vocabulary_file.read_bytes()
    (folder / VOCABULARY_FILE).write_bytes(gzip.compress(content, mtime=0))


def ensure_registered_model(client: MlflowClient, name: str, description: str) -> None:
    """Create a registered model unless there is one of that name."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, description=description)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def delete_models(client: MlflowClient, run: Run) -> None:
    """Delete what was logged and registered of a trial."""
    run_id = run.info.run_id
    for registered in client.search_model_versions(f"run_id = '{run_id}'"):
        client.delete_model_version(registered.name, registered.version)
    of_run = f"source_run_id = '{run_id}'"
    for model in client.search_logged_models([run.info.experiment_id], filter_string=of_run):
        client.delete_logged_model(model.model_id)


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


def _log_model(
    client: MlflowClient,
    run: Run,
    result: TrialResult,
    corpus: CorpusFacts,
    trial_folder: Path,
) -> str:
    """Log a trial's model as an output of its run, and return its id.

    `mlflow.pyfunc.log_model` would load it to try its example, and import TensorFlow for that.
    """
    from mlflow.entities import LoggedModelOutput
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
    client.log_outputs(run_id, [LoggedModelOutput(model_id, step=config.epochs or 0)])
    with tempfile.TemporaryDirectory() as temporary:
        written = Path(temporary) / "model"
        origin = Model(run_id=run_id, model_id=model_id, model_uuid=model_id)
        write_model(written, result, corpus, trial_folder, origin)
        client.log_model_artifacts(model_id, str(written))
    client.finalize_logged_model(model_id, "READY")
    return model_id
