"""Where the runs are kept: the tracking store and the experiment, checked before anything is trained."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from tracking.sqlite_file import (
    POINT_ELSEWHERE,
    SQLITE,
    check_sqlite,
    make_database,
    one_process_makes_the_database,
    sqlite_path,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

DEFAULT_EXPERIMENT = "imdb-benchmark"
MLFLOWS_DEFAULT = "0"
# without it, the pages of MLflow 3.17 show an experiment as one of GenAI, its trials under "Evaluation runs"
KIND_SHOWN = {"mlflow.experimentKind": "custom_model_development"}
PROJECT = Path(__file__).resolve().parents[1]  # the folder of MLproject


@dataclass(frozen=True)
class Store:
    """An open tracking store and the experiment in it that the benchmark uses.

    Attributes
    ----------
    client : mlflow.MlflowClient
    tracking_uri : str
        Absolute.
    experiment_id, experiment_name : str
    started_run_id : str or None
        The run that ``mlflow run`` has started for this process, which becomes the benchmark run.
    stranded_run_id : str or None
        The same, where it lies in an experiment that cannot take artifacts from here.
    """

    client: MlflowClient
    tracking_uri: str
    experiment_id: str
    experiment_name: str
    started_run_id: str | None = None
    stranded_run_id: str | None = None


def open_store(tracking_uri: str | None = None, experiment_name: str | None = None) -> Store:
    """Open the store for writing; a fresh SQLite one and the experiment are made where they are missing.

    Parameters
    ----------
    tracking_uri : str or None
        None takes ``$MLFLOW_TRACKING_URI``, else ``mlflow.db`` beside ``MLproject``.
    experiment_name : str or None
        None takes ``$MLFLOW_EXPERIMENT_NAME``, else ``imdb-benchmark``. A run that ``mlflow run`` started keeps its
        own experiment.

    Raises
    ------
    UserError
        If the store is not there, cannot be written, is locked, or cannot take artifacts.
    """
    uri = resolve_tracking_uri(tracking_uri)
    name = _chosen_name(experiment_name)
    with one_process_makes_the_database(uri):
        client = _reach(uri, writing=True)
        started = _started_run(client)
        if started is None:
            return Store(client, uri, *_own_experiment(client, uri, name))
        run_id, experiment = started
        if _takes_artifacts(experiment, uri):
            return Store(client, uri, experiment.experiment_id, experiment.name, started_run_id=run_id)
        return Store(client, uri, *_own_experiment(client, uri, name), stranded_run_id=run_id)


def connect(tracking_uri: str | None = None) -> MlflowClient:
    """Open an existing store for reading.

    Raises
    ------
    UserError
        If there is none; the message says where it was looked for.
    """
    uri = resolve_tracking_uri(tracking_uri)
    path = sqlite_path(uri)
    if path is not None and not (path.exists() and path.stat().st_size):
        raise UserError(f"there is no MLflow store at {path}; run a benchmark first, or {POINT_ELSEWHERE}")
    return _reach(uri, writing=False)


def experiment_named(client: MlflowClient, experiment_name: str | None = None) -> str | None:
    """Id of the experiment that the user named; None where none was named, so that all are meant.

    It is named by the option, by ``$MLFLOW_EXPERIMENT_NAME``, or by ``mlflow run --experiment-name``, which without the
    option takes MLflow's ``Default``.

    Raises
    ------
    UserError
        If there is no such experiment.
    """
    name = experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME")
    if not name:
        started = _started_run(client)
        return None if started is None or started[1].experiment_id == MLFLOWS_DEFAULT else started[1].experiment_id
    found = client.get_experiment_by_name(name)
    if found is None or found.lifecycle_stage != "active":
        names = ", ".join(sorted(repr(experiment.name) for experiment in client.search_experiments()))
        raise UserError(f"--experiment-name: there is no {name!r} in {client.tracking_uri}; possible are {names}")
    return found.experiment_id


def in_experiment(store: Store, experiment_id: str) -> Store:
    """Give the same store, to be used in another of its experiments.

    Raises
    ------
    UserError
        If that one cannot take artifacts from here.
    """
    experiment = store.client.get_experiment(experiment_id)
    _refuse_without_artifacts(experiment, store.tracking_uri)
    return replace(store, experiment_id=experiment_id, experiment_name=experiment.name)


def resolve_tracking_uri(tracking_uri: str | None = None, project: Path = PROJECT) -> str:
    """Give an absolute tracking URI: the given one, ``$MLFLOW_TRACKING_URI``, or ``mlflow.db`` in `project`.

    Raises
    ------
    UserError
        If it names a folder: MLflow no longer writes runs to plain files.
    """
    uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}{project / 'mlflow.db'}"
    path = sqlite_path(uri)
    if path is not None:
        return f"{SQLITE}{path.absolute()}"  # a relative one would move with the working folder
    if uri.startswith("file:") or "://" not in uri.removeprefix("databricks://"):
        raise UserError(f"--tracking-uri: MLflow keeps no runs in the folder {uri!r}; give sqlite:////path/mlflow.db")
    return uri


def is_remote(uri: str) -> bool:
    """Whether a server is asked over HTTP."""
    return uri.startswith(("http://", "https://"))


def _reach(uri: str, writing: bool) -> MlflowClient:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # we try again ourselves, and meanwhile work
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    path = sqlite_path(uri)
    if path is not None:
        check_sqlite(path, writing)
    from mlflow import MlflowClient, set_tracking_uri
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    set_tracking_uri(uri)  # MLflow's SQL registry looks logged models up at the process's URI, whatever the client's
    _quieten_mlflow()
    try:
        if path is not None and writing and not path.stat().st_size:
            make_database(path, lambda unfinished: _ask(MlflowClient(unfinished)))
        client = MlflowClient(uri)
        _ask(client)
    except (MlflowException, SQLAlchemyError, ImportError, OSError) as error:
        raise UserError(f"no MLflow store answers at {uri}: {_reason(error)}; {POINT_ELSEWHERE}") from None
    return client


def _quieten_mlflow() -> None:
    """Keep MLflow's messages out of ours; once it is imported, since that sets the levels of its loggers."""
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # its errors reach us as exceptions
    if os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"].lower() in ("true", "1"):  # unless the user wants to see
        logging.getLogger("mlflow.store.model_registry.abstract_store").setLevel(logging.WARNING)


def _ask(client: MlflowClient) -> None:
    client.search_experiments(max_results=1)  # makes the tables where there are none


def _chosen_name(experiment_name: str | None) -> str:
    return experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME") or DEFAULT_EXPERIMENT


def _started_run(client: MlflowClient) -> tuple[str, Experiment] | None:
    from mlflow.exceptions import MlflowException

    run_id = os.environ.get("MLFLOW_RUN_ID")
    if not run_id:
        return None
    try:
        run = client.get_run(run_id)
    except MlflowException:
        return None  # of another store: --tracking-uri was given
    return run_id, client.get_experiment(run.info.experiment_id)


def _own_experiment(client: MlflowClient, uri: str, name: str) -> tuple[str, str]:
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return client.create_experiment(name, _artifact_root(uri, name), KIND_SHOWN), name
        except MlflowException as error:
            experiment = client.get_experiment_by_name(name)  # another process was first
            if experiment is None:
                raise UserError(f"the experiment {name!r} cannot be made at {uri}: {_reason(error)}") from None
    if experiment.lifecycle_stage != "active":
        raise UserError(
            f"--experiment-name: {name!r} was deleted; give another name, or restore it with "
            f"`mlflow experiments restore --experiment-id {experiment.experiment_id}`"
        )
    _refuse_without_artifacts(experiment, uri)
    return experiment.experiment_id, name


def _refuse_without_artifacts(experiment: Experiment, uri: str) -> None:
    if not _takes_artifacts(experiment, uri):
        raise UserError(
            f"the experiment {experiment.name!r} was made by an MLflow server, and only through it takes artifacts; "
            "give its address, as in --tracking-uri http://127.0.0.1:5000, or another --experiment-name"
        )


def _artifact_root(uri: str, name: str) -> str | None:
    path = sqlite_path(uri)
    return None if path is None else (path.parent / "mlruns" / re.sub(r"[^\w.-]", "_", name)).as_uri()


def _takes_artifacts(experiment: Experiment, uri: str) -> bool:
    return is_remote(uri) or not experiment.artifact_location.startswith("mlflow-artifacts:")


def _reason(error: Exception) -> str:
    text = str(error)
    for pattern in (r"\[Errno -?\d+\] ([^'\")]+)", r"Failed to resolve '[^']+'", r"timed out"):
        found = re.search(pattern, text)
        if found:
            return found.group(found.lastindex or 0)
    return text.splitlines()[0] if text else type(error).__name__
