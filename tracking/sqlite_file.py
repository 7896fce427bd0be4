"""The SQLite file of a tracking store: made whole or not at all, and asked before MLflow is."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmark.errors import UserError

SQLITE = "sqlite:///"
LOCK_SECONDS = 10.0
POINT_ELSEWHERE = "point elsewhere with MLFLOW_TRACKING_URI or --tracking-uri"


def sqlite_path(uri: str) -> Path | None:
    """Path of the database file, or None where `uri` is not SQLite's."""
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


@contextmanager
def one_process_makes_the_database(uri: str) -> Iterator[None]:
    """Hold a lock: several processes that migrate a new SQLite file at once crash each other."""
    path = sqlite_path(uri)
    if path is None:
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise UserError(f"no MLflow store can be made at {path}: {error.strerror}; {POINT_ELSEWHERE}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def check_sqlite(path: Path, writing: bool) -> None:
    """Ask SQLite itself: MLflow would try again for 100 seconds.

    Raises
    ------
    UserError
        If the file cannot be read, or written where that is asked for.
    """
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            database.execute("SELECT count(*) FROM sqlite_master")
            database.execute("ROLLBACK")
    except sqlite3.Error as error:
        hint = "another process holds it; wait for that or stop it" if "locked" in str(error) else POINT_ELSEWHERE
        raise UserError(f"the MLflow store {path} cannot be used: {error}; {hint}") from None


def make_database(path: Path, make: Callable[[str], None]) -> None:
    """Have `make` fill another file, and move that into place: a store with half its tables would never open again.

    Parameters
    ----------
    path : Path
        Missing or empty.
    make : callable
        Given the URI of the other file.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    for leftover in path.parent.glob(f"{unfinished.name}*"):  # of a process that was killed
        leftover.unlink()
    try:
        make(f"{SQLITE}{unfinished}")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
