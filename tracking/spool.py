"""Finished trials on this machine's disk until the tracking store has them.

Each benchmark has a folder in the spool, and each of its trials a directory in that, which is removed once everything
in it is stored. So what is found in the folder of a benchmark that no process holds was left behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from benchmark.errors import UserError
from benchmark.results import RESULT_FILE, CorpusFacts, TrialOutcome, TrialResult
from tracking.store import connect
from tracking.trial_runs import finish_trial_run, start_trial_run

if TYPE_CHECKING:
    from mlflow import MlflowClient

LABEL_FILE = "run.json"
VOCABULARY_FILE = "vocabulary.txt"
LOCK_FILE = ".lock"


class SpoolHeld(UserError):
    """Another process of this machine is at work on the benchmark."""


class SpoolLabel(BaseModel):
    """Where a finished trial belongs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    attempt: str
    corpus: CorpusFacts


def spool_folder(cache_directory: Path, benchmark_run_id: str) -> Path:
    """Name the folder of a benchmark's trials that are on their way to the store."""
    return cache_directory / "spool" / benchmark_run_id


def spool_folders(cache_directory: Path) -> list[Path]:
    """List the folders of all benchmarks that have one."""
    return sorted(path for path in (cache_directory / "spool").glob("*") if path.is_dir())


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make a benchmark's folder, and keep other processes of this machine from that benchmark until the end.

    However that end comes: the system lets go of the lock of a process that is killed.

    Raises
    ------
    SpoolHeld
        If another process holds it.
    """
    lock = _lock(folder)
    try:
        yield
    finally:
        (folder / LOCK_FILE).unlink(missing_ok=True)
        os.close(lock)
        with suppress(OSError):  # what was left behind stays
            folder.rmdir()


def label_outcome(directory: Path, label: SpoolLabel, vocabulary_file: Path) -> None:
    """Complete a finished trial's directory, so that it can be sent without anything else.

    Raises
    ------
    UserError
        If it cannot be written to.
    """
    vocabulary = directory / VOCABULARY_FILE
    unfinished = directory / f"{LABEL_FILE}.part"
    try:
        if not vocabulary.exists():
            try:
                os.link(vocabulary_file, vocabulary)
            except OSError:  # another file system
                shutil.copyfile(vocabulary_file, vocabulary)
        unfinished.write_text(label.model_dump_json(indent=2), encoding="utf-8")
        os.replace(unfinished, directory / LABEL_FILE)
    except OSError as error:
        raise UserError(f"the finished trial cannot be kept in {directory}: {error.strerror or error}") from None


def spooled_trials(spool_directory: Path) -> list[Path]:
    """Directories of finished trials that the store does not have yet."""
    return sorted(path.parent for path in spool_directory.glob(f"**/{LABEL_FILE}"))


def read_spooled(directory: Path) -> tuple[SpoolLabel, TrialResult]:
    """Read where one of `spooled_trials` belongs, and its result.

    Raises
    ------
    UserError
        If the directory is not whole.
    """
    try:
        label = SpoolLabel.model_validate_json((directory / LABEL_FILE).read_bytes())
        return label, TrialResult.model_validate_json((directory / RESULT_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"the spooled trial {directory} is not whole, and can be removed: {reason}") from None


def send_spooled(directory: Path) -> str:
    """Send one of `spooled_trials` to the store that it belongs to, remove the directory, and give the run's id.

    Raises
    ------
    UserError
        If the store is not there or does not take it, or the directory is not whole.
    """
    from mlflow.exceptions import MlflowException

    label, result = read_spooled(directory)
    client = connect(label.tracking_uri)
    try:
        return send_outcome(client, TrialOutcome(result, directory), label)
    except (OSError, MlflowException) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{label.tracking_uri} does not take the spooled trial {directory}: {reason}") from error


def send_outcome(client: MlflowClient, outcome: TrialOutcome, label: SpoolLabel) -> str:
    """Store all of a labelled outcome, then remove its directory; gives the trial run's id. Safe to repeat."""
    place = (client, label.experiment_id)
    run_id = start_trial_run(*place, label.benchmark_run_id, outcome.result.config, label.attempt)
    vocabulary_file = outcome.directory / VOCABULARY_FILE
    finish_trial_run(*place, run_id, outcome, label.corpus, vocabulary_file, label.benchmark_run_id)
    (outcome.directory / LABEL_FILE).unlink(missing_ok=True)  # first: what is half removed is not to be sent again
    shutil.rmtree(outcome.directory)
    return run_id


def _lock(folder: Path) -> int:
    """Open and lock the folder's lock file; where another process removed the one that was opened, open the next."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"results cannot be kept in {folder}: {error.strerror}") from None
        with suppress(FileNotFoundError):
            lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
            if _take(lock, folder):
                return lock


def _take(lock: int, folder: Path) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(folder / LOCK_FILE)):
            return True
    except BlockingIOError:
        os.close(lock)
        raise SpoolHeld(f"the benchmark {folder.name} is at work in another process of this machine") from None
    except FileNotFoundError:
        pass
    except OSError:
        return True  # a file system without locks
    os.close(lock)
    return False
