"""Where the runs are kept: the tracking store and the experiment, checked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_EXPERIMENT = "imdb-benchmark"


@dataclass(frozen=True)
class Store:
    """An open tracking store and the experiment in it that the benchmark uses.

    Attributes
    ----------
    client : mlflow.MlflowClient
    tracking_uri : str
        Absolute.
    experiment_id, experiment_name : str
    """

    client: MlflowClient
    tracking_uri: str
    experiment_id: str
    experiment_name: str


def open_store(tracking_uri: str | None = None, experiment_name: str = DEFAULT_EXPERIMENT) -> Store:
    """Open the store, making a fresh SQLite one and the experiment where they are missing.

    Parameters
    ----------
    tracking_uri : str or None
        None takes ``$MLFLOW_TRACKING_URI``, else ``mlflow.db`` beside ``MLproject``.
    experiment_name : str

    Raises
    ------
    UserError
        If the store is not there, cannot be written, is locked, or cannot take artifacts.
    """
    raise NotImplementedError
