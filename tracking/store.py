"""The tracking store and the experiment, opened or created."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Store:
    """An open tracking store.

    Attributes
    ----------
    client : mlflow.MlflowClient
    uri : str
        Absolute; may hold a password, so print `display_uri(uri)`.
    experiment_id, experiment_name : str or None
        None where the store was opened for reading and the user named no experiment: all of them are searched.
    started_run_id : str or None
        The run that ``mlflow run`` started for this process and that becomes the benchmark run.
    notice : str or None
        One line for the user: where the runs go instead of where ``mlflow run`` started its run.
    """

    client: MlflowClient
    uri: str
    experiment_id: str | None
    experiment_name: str | None
    started_run_id: str | None = None
    notice: str | None = None

    @property
    def experiment_ids(self) -> list[str]:
        """The experiments that a search covers."""
        raise NotImplementedError


def open_store(tracking_uri: str | None = None, experiment_name: str | None = None, create: bool = False) -> Store:
    """Open the store, for writing (``create=True``: made where it is missing) or for reading.

    Parameters
    ----------
    tracking_uri : str or None
        None takes ``$MLFLOW_TRACKING_URI``, else ``mlflow.db`` beside ``MLproject``.
    experiment_name : str or None
        None takes ``$MLFLOW_EXPERIMENT_NAME``; else ``imdb-benchmark`` for writing and all experiments for reading.
    create : bool
        False: nothing is created, and a missing store or experiment is refused.

    Raises
    ------
    UserError
        If the store is missing, malformed, locked, not writable, or cannot take artifacts.
    """
    raise NotImplementedError


def display_uri(uri: str) -> str:
    """Return the URI without its password."""
    raise NotImplementedError


def check_uri(tracking_uri: str | None = None) -> str:
    """Return the absolute tracking URI, or refuse a malformed one; needs no MLflow and touches nothing.

    Raises
    ------
    UserError
    """
    raise NotImplementedError


def ui_link(store: Store, run_id: str | None = None) -> str:
    """Return the address of the experiment's runs, or of one run, in the MLflow UI.

    For a local SQLite store it is the address after ``mlflow ui``: ``http://127.0.0.1:5000/#/experiments/…``.
    """
    raise NotImplementedError
