"""Registered models: loaded, used and explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.pyfunc import PyFuncModel

    from tracking.store import Store


def load_text_model(store: Store, uri: str) -> PyFuncModel:
    """Load a raw-text model; TensorFlow is imported only for a network.

    Parameters
    ----------
    uri : str
        ``models:/NAME@ALIAS``, ``models:/NAME/VERSION``, ``models:/m-ID``, or a short ``NAME`` for its champion or,
        without one, its newest version.

    Raises
    ------
    UserError
        If there is no such model, naming those that exist, or if it is damaged.
    """
    raise NotImplementedError


def check_model_uri(store: Store, uri: str) -> str:
    """Return the full URI of a model that exists.

    Raises
    ------
    UserError
    """
    raise NotImplementedError


def predict(model: PyFuncModel, texts: Sequence[str]) -> pd.DataFrame:
    """Return a row for each text, with the columns ``label`` and ``probability`` (of the corpus's label 1)."""
    raise NotImplementedError


def explain(model: PyFuncModel, text: str) -> list[tuple[str, float]]:
    """Return every word of the text in order, with its effect on the log-odds of label 1.

    Exact weights for a linear baseline; for others what changes when the word is left out. 0 for a word that the model
    does not see.
    """
    raise NotImplementedError
