"""The files of a registered model, written without loading it: two flavours on one ``model.keras``.

``mlflow.pyfunc.load_model`` gives the raw-text classifier, ``mlflow.keras.load_model`` the plain Keras model. Nothing
in the folder is a pickle.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.results import CorpusFacts, TrialResult
from benchmark.temporary import temporary_directory
from tracking.store import PROJECT

if TYPE_CHECKING:
    from mlflow.models import Model

CLASSIFIER_CODE = PROJECT / "tracking" / "text_classifier.py"
SHIPPED_CODE = {
    "vocabulary_code": PROJECT / "benchmark" / "corpus" / "vocabulary.py",
    "prediction_code": PROJECT / "models" / "prediction.py",
}
KERAS_FILE = "data/model.keras"  # where mlflow.keras looks for it


def write_model_files(
    directory: Path,
    result: TrialResult,
    corpus: CorpusFacts,
    keras_file: Path,
    vocabulary_file: Path,
    model_id: str | None = None,
    run_id: str | None = None,
) -> None:
    """Write an MLflow model to the new folder `directory`.

    Parameters
    ----------
    keras_file : Path
        As `keras.Model.save` wrote it.
    vocabulary_file : Path
        As `Vocabulary.save` wrote it.
    model_id, run_id : str or None
        Of MLflow's logged model and of the trial's run.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    mlflow_model = Model(run_id=run_id, model_id=model_id, model_uuid=model_id, metadata=model_metadata(result, corpus))
    with temporary_directory() as temporary, _quiet("mlflow.models.signature"):  # the output's schema is set below
        encoding_file = Path(temporary) / "encoding.json"
        encoding_file.write_text(json.dumps(_encoding(result, keras_file, vocabulary_file), indent=2), encoding="utf-8")
        artifacts = {"encoding": encoding_file, "vocabulary": vocabulary_file, **SHIPPED_CODE}
        mlflow.pyfunc.save_model(
            path=str(directory),
            python_model=str(CLASSIFIER_CODE),
            artifacts={name: str(path) for name, path in artifacts.items()},
            conda_env=_conda_environment(result),
            mlflow_model=mlflow_model,
        )
    (directory / KERAS_FILE).parent.mkdir()
    shutil.copyfile(keras_file, directory / KERAS_FILE)
    (directory / KERAS_FILE).with_name("keras_module.txt").write_text("keras", encoding="utf-8")
    _describe_flavours(mlflow_model, result, directory)


def model_metadata(result: TrialResult, corpus: CorpusFacts) -> dict[str, Any]:
    """What travels with the model for people and programs to read."""
    return {
        "architecture": result.config.architecture,
        "seed": result.config.seed,
        "test_accuracy": result.test_accuracy,
        "vocabulary_size": result.config.vocabulary_size,
        "review_length": result.config.review_length,
        "corpus_kind": corpus.kind,
        "corpus_digest": corpus.digest,
        "fingerprint": result.fingerprint,
        "weights_sha256": result.weights_sha256,
    }


def requirements(result: TrialResult) -> list[str]:
    """The packages that loading and predicting need, at the versions that the model was trained with."""
    trained_with = result.environment.versions
    return [
        *(f"{name}=={trained_with[name]}" for name in ("tensorflow", "keras", "numpy")),
        *(f"{name}=={version(name)}" for name in ("mlflow", "pandas")),
    ]


def _encoding(result: TrialResult, keras_file: Path, vocabulary_file: Path) -> dict[str, Any]:
    return {
        "vocabulary_size": result.config.vocabulary_size,
        "review_length": result.config.review_length,
        "sha256": {"keras_model": _sha256(keras_file), "vocabulary": _sha256(vocabulary_file)},
    }


def _conda_environment(result: TrialResult) -> dict[str, Any]:
    # MLflow derives requirements.txt and python_env.yaml from it
    packages: list[Any] = [f"python={result.environment.versions['python']}", "pip", {"pip": requirements(result)}]
    return {"name": "imdb-sentiment", "channels": ["conda-forge"], "dependencies": packages}


def _describe_flavours(mlflow_model: Model, result: TrialResult, directory: Path) -> None:
    from mlflow.types import ColSpec, DataType, Schema

    pyfunc = mlflow_model.flavors["python_function"]
    pyfunc["model_code_path"] = CLASSIFIER_CODE.name
    pyfunc["artifacts"]["keras_model"] = {"path": KERAS_FILE}
    for artifact in pyfunc["artifacts"].values():
        artifact["uri"] = artifact["path"]  # not where the file lay on this machine
    mlflow_model.add_flavor(
        "keras",
        data=str(Path(KERAS_FILE).parent),
        keras_version=result.environment.versions["keras"],
        keras_backend="tensorflow",
        save_exported_model=False,
    )
    mlflow_model.signature.outputs = Schema(
        [ColSpec(DataType.string, name="label"), ColSpec(DataType.float, name="probability")]
    )
    mlflow_model.model_size_bytes = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    mlflow_model.save(str(directory / "MLmodel"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _quiet(logger_name: str) -> Iterator[None]:
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
