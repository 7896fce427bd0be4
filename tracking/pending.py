"""Trials that the store does not have yet.

``<cache>/pending/<benchmark run>/`` is the only queue: a folder for each trial that trains or waits, its manifest
beside it, and the vocabulary. A lock on ``<benchmark run>.lock`` means "this benchmark runs on this machine".
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from benchmark.corpus.cache import cache_folder, writing
from benchmark.errors import UserError
from benchmark.signals import defer_signals
from benchmark.trial_folder import RESULT_FILE
from tracking.reader import child_runs
from tracking.store import Store, display_uri, first_line, later_ms
from tracking.trial_log import (
    PARENT_TAG,
    Manifest,
    create_run,
    delete_run,
    find_run,
    store_failure,
    store_trial,
)
from tracking.trial_page import TextOf, no_text

LOCK_TAG = "benchmark.lock"  # of a benchmark's run, while it is RUNNING
LOCK_TRIES = 5  # a look at the lock by another process holds it for a moment
TEMPORARY_CODES = {"TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR", "ABORTED"}
TEMPORARY = (
    "API request to|Max retries exceeded with url|database is locked|UniqueViolation|Duplicate entry|"
    "UNIQUE constraint failed"
)


def pending_folder(run_id: str) -> Path:
    """Return the folder in which the trials of a benchmark run train and wait: ``<cache>/pending/<run_id>``."""
    return cache_folder() / "pending" / run_id


def check_pending_folder() -> None:
    """Refuse a cache folder in which no trial can be kept."""
    folder = cache_folder() / "pending"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


def lock_name(run_id: str) -> str:
    """Return host and folder of a benchmark, as the tag of its run has them."""
    return f"{socket.gethostname()}:{pending_folder(run_id)}"


@contextmanager
def benchmark_lock(run_id: str) -> Iterator[None]:
    """Hold the lock that means "this benchmark runs on this machine"; the system releases it with the process.

    At the end the folder is removed, unless a trial is pending.

    Raises
    ------
    UserError
        If another process holds it, or the cache folder cannot be written or has no locks.
    """
    folder = pending_folder(run_id)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_file(folder).open("w")  # never removed: free, it shows the end
        is_held = _take(lock)
    with lock:
        if not is_held:
            raise UserError(f"the benchmark {run_id} is running in another process of this machine; wait or stop it")
        folder.mkdir(exist_ok=True)  # the process that held the lock may have removed it
        try:
            yield
        finally:
            if not _waiting_files(folder):
                shutil.rmtree(folder, ignore_errors=True)


def has_ended(lock_name: str) -> bool:
    """Whether the process of a lock is known to be gone: the lock is this user's, on this host and disk, and free."""
    host, _, folder = lock_name.partition(":")
    if host != socket.gethostname():
        return False
    try:
        with _lock_file(Path(folder)).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, of another user or container, or on a file system without locks
        return False
    return True


def write_manifest(manifest: Manifest) -> None:
    """Record where a trial belongs, before it has a run, so that a crash at any moment loses nothing."""
    path = _manifest_file(manifest)
    unfinished = path.with_suffix(".part")
    with writing(path.parent):
        unfinished.write_text(manifest.model_dump_json(), encoding="utf-8")
        os.replace(unfinished, path)


def discard(manifest: Manifest) -> None:
    """Forget a trial whose run has everything."""
    path = _manifest_file(manifest)
    path.unlink(missing_ok=True)  # first: a folder that is half removed is not sent
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)


def send(store: Store, manifest: Manifest, text_of: TextOf = no_text) -> None:
    """Store one finished or failed trial and remove its folder; safe to repeat.

    A run that was stored in part is deleted, and the trial stored in a new one. A trial whose files are damaged is
    stored as failed.
    """
    client = store.client
    path = _manifest_file(manifest)
    with defer_signals():
        manifest = Manifest.model_validate_json(path.read_bytes())  # a try before may have stored a part
        run = find_run(client, manifest)
        if run is not None and run.info.status == "FINISHED":  # the process was killed before it removed the folder
            discard(manifest)
            return
        if run is not None and manifest.is_half_stored:
            delete_run(client, run)
            run = None
        if run is None:
            run = create_run(client, manifest)
        write_manifest(manifest.model_copy(update={"run_id": run.info.run_id, "is_half_stored": True}))
        failure = manifest.failure
        if failure is None:
            try:
                store_trial(client, run, manifest, path.with_suffix(""), text_of)
            except UserError as error:
                failure = f"it cannot be stored: {error}"
        if failure is not None:
            store_failure(client, run, failure)
        discard(manifest)


def waiting_trials(run_id: str) -> list[Manifest]:
    """Return the finished and failed trials of a benchmark that are not stored yet."""
    waiting = []
    for path in _waiting_files(pending_folder(run_id)):
        with suppress(ValueError):  # of another version of this program
            waiting.append(Manifest.model_validate_json(path.read_bytes()))
    return waiting


def send_all_pending(store: Store) -> list[str]:
    """Send what earlier processes left for this store; return one line for each trial, for the user."""
    lines = []
    for folder in sorted((cache_folder() / "pending").glob("*/")):
        with suppress(UserError), benchmark_lock(folder.name):  # one that runs sends its trials itself
            for manifest in waiting_trials(folder.name):
                if manifest.tracking_uri != display_uri(store.uri):
                    continue
                name = f"{manifest.trial.name} of the benchmark {folder.name[:8]}"
                try:
                    send(store, manifest)
                    lines.append(f"{name}, which was pending, is stored now")
                except store_errors() as error:
                    lines.append(f"{name} is still pending: {first_line(error)}")
    return lines


def mark_stale_runs_killed(store: Store) -> list[str]:
    """End runs as KILLED whose process on this machine is gone; return one line for each benchmark, for the user."""
    lines = []
    for run in store.search("attributes.status = 'RUNNING'"):
        run_id = run.info.run_id
        parent = run.data.tags.get(PARENT_TAG)
        benchmark = run if parent is None else store.client.get_run(parent)
        if has_ended(benchmark.data.tags.get(LOCK_TAG, "")):
            store.client.set_terminated(run_id, "KILLED", later_ms(run.info.start_time))
            if parent is None:
                lines.append(f"the interrupted benchmark {run_id[:8]} marked as KILLED")
    return lines


def kill_running_trials(store: Store, run_id: str) -> None:
    """End the trials of a benchmark that still run as KILLED."""
    for run in child_runs(store, run_id):
        if run.info.status == "RUNNING":
            store.client.set_terminated(run.info.run_id, "KILLED", later_ms(run.info.start_time))


def store_errors() -> tuple[type[Exception], ...]:
    """Return what the store, its disk and the network raise; any other exception is an error of this program."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, OSError  # OSError is that of requests, too


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help: the server is away or overloaded, or another process was faster.

    A full disk, a refused request or a missing right are not.
    """
    from mlflow.exceptions import RestException
    from requests.exceptions import HTTPError, RequestException

    text = str(error)
    if isinstance(error, HTTPError) and error.response is not None:
        return error.response.status_code >= 500 or error.response.status_code == 429
    if isinstance(error, RestException) and error.error_code in TEMPORARY_CODES:
        return True
    if re.search(r"error code 4(?!29)", text):
        return False
    is_away = isinstance(error, RequestException | ConnectionError | TimeoutError)
    return is_away or re.search(TEMPORARY, text) is not None


def _manifest_file(manifest: Manifest) -> Path:
    """Return the file beside the trial's folder, which has the same name."""
    name = manifest.trial.folder_name
    if manifest.failure is not None:  # the trial may train again meanwhile
        name += f"-{manifest.started_ms}.failed"
    return pending_folder(manifest.benchmark_run_id) / f"{name}.json"


def _waiting_files(folder: Path) -> list[Path]:
    """Return the manifests of finished and failed trials, be they of another version of this program."""
    waiting = []
    for path in sorted(folder.glob("*.json")):
        if path.stem.endswith(".failed") or (path.with_suffix("") / RESULT_FILE).exists():
            waiting.append(path)
    return waiting


def _lock_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _take(lock: IO[str]) -> bool:
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.1)
    return False
