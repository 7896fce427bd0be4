"""Finished trials that the store does not have yet.

``<cache>/pending/<benchmark run>/`` is the only queue: a folder for each trial that trains or waits, beside it its
manifest, the vocabulary, and the lock that means "this benchmark runs on this machine".
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.corpus.cache import cache_folder
from benchmark.errors import UserError
from benchmark.signals import defer_signals
from benchmark.trial_folder import RESULT_FILE
from tracking.store import Store, display_uri
from tracking.trial_log import KIND_TAG, LOCK_TAG, Manifest, kill_run, send_trial

LOCK_FILE = ".lock"
VOCABULARY_FILE = "vocabulary.txt"
LOCK_TRIES = 5  # a look at the lock by another process holds it for a moment
TEMPORARY_CODES = {"TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR", "ABORTED"}
TEMPORARY_WORDS = ("database is locked", "UniqueViolation", "Duplicate entry", "UNIQUE constraint failed",
                   "Max retries exceeded with url")  # fmt: skip


def pending_folder(run_id: str) -> Path:
    """Return the folder in which the trials of a benchmark run train and wait: ``<cache>/pending/<run_id>``."""
    return cache_folder() / "pending" / run_id


def lock_name(run_id: str) -> str:
    """Return host and folder of a benchmark's lock, as the tag of its runs has them."""
    return f"{socket.gethostname()}:{pending_folder(run_id)}"


@contextmanager
def benchmark_lock(run_id: str) -> Iterator[None]:
    """Hold the lock that means "this benchmark runs on this machine"; the system releases it with the process.

    At the end the folder is removed, unless a finished trial is pending.

    Raises
    ------
    UserError
        If another process holds it.
    """
    folder = pending_folder(run_id)
    lock = _take_lock(folder)
    try:
        yield
    finally:
        if not any(_waiting(folder)):
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def write_manifest(manifest: Manifest) -> None:
    """Say where a trial belongs, before it has a run, so that a crash at any moment loses nothing."""
    path = _manifest_file(manifest)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(manifest.model_dump_json(), encoding="utf-8")
    os.replace(unfinished, path)


def discard(manifest: Manifest) -> None:
    """Forget a trial: its run has everything, or it failed."""
    _manifest_file(manifest).unlink(missing_ok=True)  # first: a folder that is half removed is not sent
    shutil.rmtree(pending_folder(manifest.benchmark_run_id) / manifest.trial.folder_name, ignore_errors=True)


def send(store: Store, manifest: Manifest) -> str:
    """Store one finished trial, remove its folder and return its run's id; safe to repeat."""
    folder = pending_folder(manifest.benchmark_run_id)
    with defer_signals():
        run_id = send_trial(store.client, manifest, folder / manifest.trial.folder_name, folder / VOCABULARY_FILE)
        discard(manifest)
    return run_id


def waiting_trials(run_id: str) -> list[Manifest]:
    """Return the finished trials of a benchmark that are not stored yet."""
    return list(_waiting(pending_folder(run_id)))


def send_all_pending(store: Store) -> list[str]:
    """Send what earlier processes left for this store; return one line for each trial, for the user."""
    lines, uri = [], display_uri(store.uri)
    for folder in sorted(path for path in (cache_folder() / "pending").glob("*") if path.is_dir()):
        if not any(manifest.tracking_uri == uri for manifest in _waiting(folder)):
            continue
        try:
            with benchmark_lock(folder.name):
                for manifest in waiting_trials(folder.name):
                    if manifest.tracking_uri == uri:
                        lines.append(_sent(store, manifest))
        except UserError:
            continue  # it runs: its own process sends them
    return lines


def mark_stale_runs_killed(store: Store) -> list[str]:
    """End runs as KILLED whose process on this machine is gone; return one line for each benchmark, for the user.

    A run of another machine is only mentioned: whether it still runs cannot be seen from here.
    """
    lines = {}
    running = store.client.search_runs(
        store.experiment_ids, f"attributes.status = 'RUNNING' AND tags.`{LOCK_TAG}` LIKE '%'", max_results=1000
    )
    for run in running:
        host, _, folder = run.data.tags[LOCK_TAG].partition(":")
        benchmark = Path(folder).name
        if host != socket.gethostname():
            lines[benchmark] = (
                f"the benchmark {benchmark[:8]} is running on {host}, as far as the store shows; "
                "whether it still is can only be seen there"
            )
        elif not is_locked(Path(folder)):
            kill_run(store.client, run.info.run_id)
            is_trial = run.data.tags.get(KIND_TAG) == "trial"
            lines.setdefault(benchmark, f"the {'trials' if is_trial else 'run'} of the interrupted benchmark "
                             f"{benchmark[:8]} marked as KILLED")  # fmt: skip
    return list(lines.values())


def is_locked(folder: Path) -> bool:
    """Whether a process of this machine holds a benchmark's lock."""
    try:
        lock = os.open(folder / LOCK_FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(lock)
    return False


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help: the server is away or overloaded, or another process was faster.

    A full disk, a refused request or a missing right are not.
    """
    from mlflow.exceptions import MlflowException, RestException
    from requests.exceptions import HTTPError, RequestException

    if isinstance(error, HTTPError) and error.response is not None:
        return error.response.status_code >= 500 or error.response.status_code == 429
    if isinstance(error, RequestException | ConnectionError | TimeoutError):
        return True
    if any(words in str(error) for words in TEMPORARY_WORDS):
        return True
    if isinstance(error, RestException):
        return error.error_code in TEMPORARY_CODES
    return isinstance(error, MlflowException) and str(error).startswith("API request to")


def _waiting(folder: Path) -> Iterator[Manifest]:
    for path in sorted(folder.glob("*.json")):
        if (path.with_suffix("") / RESULT_FILE).exists():
            try:
                yield Manifest.model_validate_json(path.read_bytes())
            except ValueError:
                continue  # of another version of this program


def _manifest_file(manifest: Manifest) -> Path:
    return pending_folder(manifest.benchmark_run_id) / f"{manifest.trial.folder_name}.json"


def _sent(store: Store, manifest: Manifest) -> str:
    from mlflow.exceptions import MlflowException

    name = f"{manifest.trial.name} of the benchmark {manifest.benchmark_run_id[:8]}"
    try:
        send(store, manifest)
    except (OSError, MlflowException, UserError) as error:
        return f"{name} is still pending: {str(error).splitlines()[0]}"
    return f"{name}, which was pending, is stored now"


def _take_lock(folder: Path) -> int:
    """Open and lock the lock file; where another process removed the one that was opened, open the next."""
    for attempt in range(LOCK_TRIES):
        if attempt:
            time.sleep(0.1)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UserError(
                f"trials cannot train in {folder}: {error.strerror}; choose another folder with IMDB_BENCHMARK_CACHE"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), os.stat(folder / LOCK_FILE)):
                return lock
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:
            return lock  # a file system without locks
        os.close(lock)
    raise UserError(f"the benchmark {folder.name} is running in another process of this machine; wait or stop that one")
