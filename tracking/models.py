"""Registered models, found and loaded."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UserError
from tracking.model_log import MODEL_FILES, PREDICTION_CODE, VOCABULARY_CODE, VOCABULARY_FILE
from tracking.reader import train_reviews_of
from tracking.store import display_uri, first_line

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run

    from tracking.store import Store
    from tracking.text_model import TextModel

REGISTERED = re.compile(r"(?:models:/)?(?P<name>[^/@:]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))?")


def load_text_model(uri: str) -> TextModel:
    """Load a model from the store that was opened last; TensorFlow is imported only for a network.

    A model may be anyone's: its MLmodel file is read first, then its data alone. No code that it carries is executed,
    nothing of it is unpickled.

    Raises
    ------
    UserError
        If it is not there, damaged, or of another program or version.
    """
    from mlflow.artifacts import download_artifacts

    settings = settings_of_model(uri)
    try:
        with _quiet():
            from mlflow.pyfunc import PythonModelContext

            from tracking.text_model import TextModel

            folder = Path(download_artifacts(uri)) / "artifacts"
            files = {
                "model": str(folder / MODEL_FILES[settings["kind"]]),
                "vocabulary": str(folder / VOCABULARY_FILE),
                "vocabulary_code": str(VOCABULARY_CODE),
                "prediction_code": str(PREDICTION_CODE),
            }
            model = TextModel()
            model.load_context(PythonModelContext(files, settings))
    except Exception as error:  # whatever a damaged file leads to
        reason = first_line(error)
        raise UserError(f"{uri} cannot be loaded: {reason}; train it again or give another model") from None
    return model


def settings_of_model(uri: str) -> dict[str, Any]:
    """Return the settings of a model, from its MLmodel file alone.

    Raises
    ------
    UserError
        If it cannot be read, or another program registered the model.
    """
    from mlflow.models import get_model_info

    try:
        flavors = get_model_info(uri).flavors
        settings = flavors.get("python_function", {}).get("config", {})
        is_ours = settings.get("kind") in MODEL_FILES
    except Exception as error:  # whatever a damaged file leads to
        raise UserError(f"the MLmodel file of {uri} cannot be read: {first_line(error)}") from None
    if not is_ours:
        raise UserError(f"{uri} is no model of this project, but of the flavour {', '.join(flavors)}")
    return settings


def check_model_uri(store: Store, uri: str, option: str = "--model") -> str:
    """Return the URI of a model that exists, with its version.

    Parameters
    ----------
    uri : str
        ``models:/NAME@ALIAS``, ``models:/NAME/VERSION``, ``models:/m-ID``, or a short ``NAME`` for its champion; an
        architecture's name alone where only one corpus has a model of it.
    option : str
        Where the user gave it.
    """
    from mlflow.exceptions import MlflowException

    if uri.startswith("models:/m-"):  # a logged model, as the UI shows it
        return uri
    parts = REGISTERED.fullmatch(uri)
    if parts is None:
        raise UserError(f"{option}: {uri!r} is no model; give models:/NAME@ALIAS or models:/NAME/VERSION")
    name, alias, version = parts.groups()
    registered = sorted(model.name for model in store.client.search_registered_models(max_results=1000))
    of_architecture = [model for model in registered if model.endswith(f"-{name}")]
    if name not in registered and len(of_architecture) == 1:
        (name,) = of_architecture
    if name not in registered:
        hint = " yet: it comes with a complete benchmark on IMDB" if name == "imdb-sentiment" else ""
        names = ", ".join(registered) or f"none in {display_uri(store.uri)}: run a benchmark, or give --tracking-uri"
        raise UserError(f"{option}: there is no model {name!r}{hint}; registered are {names}")
    try:
        if version is None:
            version = store.client.get_model_version_by_alias(name, alias or "champion").version
        else:
            store.client.get_model_version(name, version)
    except MlflowException as error:
        raise UserError(f"{option}: {first_line(error)}; python -m benchmark list models shows what is there") from None
    return f"models:/{name}/{version}"


def run_of_model(store: Store, uri: str) -> Run:
    """Return the trial's run that left a model."""
    from mlflow.models import get_model_info

    return store.client.get_run(get_model_info(uri).run_id)


def origin_of(store: Store, uri: str) -> str:
    """Return a model's architecture, training reviews and accuracy; nothing where its run was deleted for good."""
    from mlflow.exceptions import MlflowException

    try:
        run = run_of_model(store, uri)
    except MlflowException:
        return ""
    title = run.data.params["title"]
    accuracy = run.data.metrics["test/accuracy"]
    return f"{title}, trained on {train_reviews_of(run):,} reviews, {accuracy:.2%} of its test reviews right"


def predict(model: TextModel, texts: Sequence[str]) -> pd.DataFrame:
    """Return a row for each text: ``label``, ``probability`` of the corpus's label 1, ``known_words``."""
    import pandas as pd

    return model.predict(None, pd.DataFrame({"text": texts}))


@contextmanager
def _quiet() -> Iterator[None]:
    """Show no native messages of TensorFlow's start, and no warnings."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
