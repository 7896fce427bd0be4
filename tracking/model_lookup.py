"""Registered models by their URI, and what exists instead where there is none."""

from __future__ import annotations

import importlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from benchmark.config import closest_match
from benchmark.errors import UserError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.pyfunc import PyFuncModel

REGISTERED = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")
LOGGED = re.compile(r"models:/m-[0-9a-f]+")


def load_model(client: MlflowClient, uri: str) -> PyFuncModel:
    """Load a raw-text model; this imports TensorFlow.

    Parameters
    ----------
    client : mlflow.MlflowClient
        As `tracking.store.connect` gives it.
    uri : str
        ``models:/NAME@ALIAS``, ``models:/NAME/VERSION`` or ``models:/m-ID``.

    Raises
    ------
    UserError
        If there is no such model, alias or version, naming those that exist; or if its files are gone.
    """
    check_model(client, uri)
    import mlflow.pyfunc
    from mlflow.exceptions import MlflowException

    _import_keras_silently()
    try:
        return mlflow.pyfunc.load_model(uri)
    except (MlflowException, OSError) as error:
        raise UserError(f"the model {uri} cannot be loaded: {str(error).splitlines()[0]}") from None


def check_model(client: MlflowClient, uri: str) -> None:
    """Refuse a URI of no model.

    Raises
    ------
    UserError
        See `load_model`.
    """
    parts = check_form(uri)
    if parts is None:
        return
    name, alias, version = parts["name"], parts["alias"], parts["version"]
    names = [model.name for model in client.search_registered_models(max_results=1000)]
    if name not in names:
        raise UserError(f"--model: {_no_such_name(client, name, names)}")
    aliases: dict[str, Any] = client.get_registered_model(name).aliases
    if alias is not None and alias not in aliases:
        existing = f"it has {', '.join(sorted(aliases))}" if aliases else "it has none"
        raise UserError(
            f"--model: {name!r} has no alias {alias!r}{closest_match(alias, list(aliases))}; {existing}, "
            f"and {_versions(client, name)}"
        )
    if version is not None and version not in _version_numbers(client, name):
        raise UserError(f"--model: {name!r} has no version {version}; it has {_versions(client, name)}")


def check_form(uri: str) -> re.Match[str] | None:
    """Give the parts of a registered model's URI, or None for a model's id; needs no store.

    Raises
    ------
    UserError
        If it is no URI of a model.
    """
    parts = REGISTERED.fullmatch(uri)
    if parts is None and LOGGED.fullmatch(uri) is None:
        raise UserError(f"--model: {uri!r} is no model; give models:/NAME@ALIAS or models:/NAME/VERSION")
    return parts


def _no_such_name(client: MlflowClient, name: str, names: list[str]) -> str:
    if not names:
        return f"no model is registered in {client.tracking_uri}; run a benchmark first, or point elsewhere"
    return f"there is no model {name!r}{closest_match(name, names)}; registered are {', '.join(names)}"


def _versions(client: MlflowClient, name: str) -> str:
    numbers = sorted(_version_numbers(client, name), key=int)
    if len(numbers) <= 1:
        return f"version {numbers[0]}" if numbers else "no version"
    return f"versions {numbers[0]} to {numbers[-1]}"


def _version_numbers(client: MlflowClient, name: str) -> set[str]:
    return {str(version.version) for version in client.search_model_versions(f"name = '{name}'", max_results=10_000)}


def _import_keras_silently() -> None:
    """Import Keras without TensorFlow's native messages, which no setting turns off before it has started."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # those that follow
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        importlib.import_module("keras")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
