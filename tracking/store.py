"""The tracking store and the experiment, opened or created."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from benchmark.errors import UserError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, Run

DEFAULT_EXPERIMENT = "imdb-benchmark"
EXPERIMENT_NOTE = "Each run is a benchmark: open it for the answer, or the plus sign for its trials."
MLFLOW_DEFAULT_ID = "0"  # the experiment that MLflow itself makes
PROJECT = Path(__file__).resolve().parents[1]  # the folder of MLproject
SQLITE = "sqlite:///"
DEFAULT_URI = f"{SQLITE}{PROJECT / 'mlflow.db'}"
MAX_RUNS = 50_000  # of one search
POSSIBLE = "give sqlite:////absolute/path/mlflow.db or http://host:port with --tracking-uri or MLFLOW_TRACKING_URI"
NOTE_TAG = "mlflow.note.content"


@dataclass(frozen=True)
class Store:
    """An open tracking store.

    Attributes
    ----------
    uri : str
        Absolute; may hold a password, so print `display_uri(uri)`.
    experiment_id : str or None
        None where the store was opened for reading and the user named no experiment: all of them are searched.
    """

    client: MlflowClient
    uri: str
    experiment_id: str | None

    def of_run(self, run_id: str) -> Store:
        """Return the store with the experiment of a run, for writing to it."""
        run = self.client.get_run(run_id)
        experiment = self.client.get_experiment(run.info.experiment_id)
        link_started_run(self.client, experiment)
        return replace(self, experiment_id=experiment.experiment_id)

    def search(self, filter_string: str, max_results: int = MAX_RUNS) -> list[Run]:
        """Return the runs that fit, the newest first."""
        experiment_ids = [self.experiment_id]
        if self.experiment_id is None:
            experiment_ids = [experiment.experiment_id for experiment in self.client.search_experiments()]
        return self.client.search_runs(
            experiment_ids,
            filter_string,
            order_by=["attributes.start_time DESC"],
            max_results=max_results,
        )


def open_store(
    tracking_uri: str | None = None,
    experiment_name: str | None = None,
    create: bool = False,
) -> Store:
    """Open the store for writing (``create=True``: what is missing is made) or for reading.

    Parameters
    ----------
    tracking_uri : str or None
        None takes ``$MLFLOW_TRACKING_URI``, else ``mlflow.db`` beside ``MLproject``.
    experiment_name : str or None
        None takes ``$MLFLOW_EXPERIMENT_NAME``; else, for reading, all experiments, and for writing that of
        ``$MLFLOW_EXPERIMENT_ID`` or ``imdb-benchmark``.

    Raises
    ------
    UserError
        If the store is missing, malformed, locked or not writable.
    """
    uri = check_uri(tracking_uri)
    name = experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME")
    if create:
        client = _connect(uri)
        given_id = os.environ.get("MLFLOW_EXPERIMENT_ID", MLFLOW_DEFAULT_ID)  # of `mlflow run --experiment-name`
        if name is None and given_id != MLFLOW_DEFAULT_ID:
            name = client.get_experiment(given_id).name
        experiment = _make_experiment(client, uri, name or DEFAULT_EXPERIMENT)
        link_started_run(client, experiment)
        return Store(client, uri, experiment.experiment_id)
    path = sqlite_path(uri)
    if path is not None and not path.exists():
        raise UserError(f"there is no MLflow store at {path}; run a benchmark first, or {POSSIBLE}")
    client = _connect(uri)
    active = {experiment.name: experiment.experiment_id for experiment in client.search_experiments()}
    if name is not None and name not in active:
        names = ", ".join(map(repr, sorted(active)))
        raise UserError(f"--experiment-name: there is no experiment {name!r}; possible are {names}")
    return Store(client, uri, active.get(name or ""))


def check_uri(tracking_uri: str | None = None) -> str:
    """Return the tracking URI with an absolute path; one that names no database file is refused."""
    uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    path = sqlite_path(uri)
    if "://" not in uri or uri.startswith("file:"):
        raise UserError(f"--tracking-uri: MLflow keeps no runs in folders, as in {display_uri(uri)!r}; {POSSIBLE}")
    if path is None:  # MLflow refuses what it does not know
        return uri
    decoded = Path(unquote(str(path)))
    if decoded.is_file():  # `mlflow run` hands on the path of its own store percent-encoded
        path = decoded
    path = path.absolute()  # the working folder may change
    if path.is_dir() or path.name == ":memory:" or re.search("[?#%]", str(path)):
        raise UserError(f"--tracking-uri: {uri!r} names no database file, or has '?', '#' or '%' in it; {POSSIBLE}")
    return f"{SQLITE}{path}"


def store_errors() -> tuple[type[Exception], ...]:
    """Return what the store, its disk and the network raise; any other exception is an error of this program."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    # OSError is that of requests, too; ImportError of a library for the artifacts, such as boto3
    return MlflowException, SQLAlchemyError, OSError, ImportError


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help: the server is away or overloaded, or the database is locked or full."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import HTTPError, RequestException
    from sqlalchemy.exc import OperationalError

    status = None
    if isinstance(error, MlflowException):
        status = error.get_http_status_code()
    elif isinstance(error, HTTPError) and error.response is not None:
        status = error.response.status_code
    if status is not None:
        return status >= 500 or status == 429
    return isinstance(error, RequestException | OperationalError | ConnectionError | TimeoutError)


def display_uri(uri: str) -> str:
    """Return the URI, or any text that holds one, without the password."""
    without = re.sub(r"(?<=//)([^\s:@/]*):\S*@", r"\1:***@", uri)
    return re.sub(r"(?<=password=)[^\s&]+", "***", without)


def ui_link(store: Store, run_id: str) -> str:
    """Return the address of a run in MLflow's UI; of a database as ``mlflow ui`` has it."""
    base = "http://127.0.0.1:5000"
    if store.uri.startswith("http"):
        base = re.sub(r"(?<=://)[^/]*@", "", store.uri).rstrip("/")
    experiment_id = store.experiment_id or store.client.get_run(run_id).info.experiment_id
    return f"{base}/{ui_page(experiment_id, run_id)}"


def ui_page(experiment_id: str, run_id: str | None = None) -> str:
    """Return the place of a run, or of all runs of an experiment, in any MLflow UI."""
    page = f"#/experiments/{experiment_id}/runs"
    if run_id is not None:
        page += f"/{run_id}"
    return f"{page}?workflowType=machine_learning"


def with_store(words: Sequence[str], store: Store) -> str:
    """Return a command with the store unless it is the project's own, or its URI may hold a password."""
    words = list(words)
    if store.uri != DEFAULT_URI and not re.search("@|password=", store.uri):
        words += ["--tracking-uri", store.uri]
    return shlex.join(words)


def sqlite_path(uri: str) -> Path | None:
    """Return the path of the database file; None where `uri` is not SQLite's."""
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


def first_line(error: BaseException) -> str:
    """Return an error's reason in one line without a password: the network's, the disk's or the database's own."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:  # a library may make a circle
        causes.append(cause)
        cause = cause.__context__
    for cause in causes:
        if isinstance(cause, OSError):
            error = cause
        elif hasattr(cause, "orig"):  # SQLAlchemy's
            error = cause.orig
    text = re.sub(r"\[Errno -?\d+\] ", "", str(error)).strip()
    return display_uri(text.splitlines()[0]) if text else type(error).__name__


def link_started_run(client: MlflowClient, experiment: Experiment) -> None:
    """Let the run that ``mlflow run`` started for this process point to the experiment of the benchmark."""
    from mlflow.exceptions import MlflowException

    run_id = os.environ.get("MLFLOW_RUN_ID")
    if not run_id:
        return
    link = f"[{experiment.name}]({ui_page(experiment.experiment_id)})"
    with suppress(MlflowException):  # a run of another store
        client.set_tag(run_id, NOTE_TAG, f"Started by `mlflow run`. The benchmark is in the experiment {link}.")
        client.update_run(run_id, name=f"see experiment {experiment.name}")


def _make_experiment(client: MlflowClient, uri: str, name: str) -> Experiment:
    from mlflow.exceptions import MlflowException

    refusal = ""
    if client.get_experiment_by_name(name) is None:
        path = sqlite_path(uri)
        folder = None
        if path is not None:
            folder_name = re.sub(r"[^\w.-]", "_", name)
            folder = (path.parent / "mlruns" / folder_name).as_uri()
        try:
            client.create_experiment(name, folder, {NOTE_TAG: EXPERIMENT_NOTE})
        except MlflowException as error:  # another process was first, or the name is refused
            refusal = first_line(error)
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        raise UserError(f"--experiment-name: {name!r} cannot be created: {refusal}")
    if experiment.lifecycle_stage != "active":
        raise UserError(
            f"--experiment-name: {name!r} was deleted; give another name, or restore it with "
            f"`mlflow experiments restore --experiment-id {experiment.experiment_id}`"
        )
    return experiment


def _connect(uri: str) -> MlflowClient:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # what fails waits in pending/ and is sent again
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # MLflow's library warns in eight lines where there is no git
    from mlflow import MlflowClient, set_tracking_uri
    from mlflow.exceptions import MlflowException
    from mlflow.utils.logging_utils import disable_logging
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    disable_logging()  # MLflow's errors reach us as exceptions
    set_tracking_uri(uri)  # MLflow's SQL registry looks logged models up at the process's URI, whatever the client's
    path = sqlite_path(uri)
    try:
        if path is not None and not path.exists():
            _make_database(path)
        if not uri.lower().startswith("http"):
            with create_engine(uri).connect() as connection:  # MLflow would try for minutes
                if path is not None:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")  # MLflow writes even where it reads
        client = MlflowClient(uri)
        client.search_experiments(max_results=1)
    except (MlflowException, SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise UserError(f"--tracking-uri: no store at {display_uri(uri)}: {first_line(error)}; {POSSIBLE}") from None
    return client


def _make_database(path: Path) -> None:
    """Fill another file and move it into place, unless another process was first.

    Processes that migrate one database at once crash each other, and one with half its tables would never open again.
    MLflow's hundred migrations would wait for the disk thousands of times.
    """
    from mlflow import MlflowClient
    from sqlalchemy import Engine, event

    def no_wait(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    path.parent.mkdir(parents=True, exist_ok=True)
    event.listen(Engine, "connect", no_wait)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            unfinished = Path(folder) / path.name
            MlflowClient(f"{SQLITE}{unfinished}").search_experiments(max_results=1)
            if not path.exists():
                unfinished.rename(path)
    finally:
        event.remove(Engine, "connect", no_wait)
