"""Finished trials that the store does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracking.store import Store


def pending_folder(run_id: str) -> Path:
    """Return the folder in which the trials of a benchmark run train and wait: ``<cache>/pending/<run_id>``."""
    raise NotImplementedError


@contextmanager
def benchmark_lock(run_id: str) -> Iterator[None]:
    """Hold the lock that means "this benchmark runs on this machine"; the system releases it with the process.

    Raises
    ------
    UserError
        If another process holds it.
    """
    raise NotImplementedError
    yield


def send_all_pending(store: Store) -> list[str]:
    """Send what earlier processes left for this store; return the names of the trials that were sent."""
    raise NotImplementedError


def mark_stale_runs_killed(store: Store) -> list[str]:
    """End runs as KILLED whose process on this machine is gone; return one line for each benchmark, for the user.

    A run of another machine is only mentioned: whether it still runs cannot be seen from here.
    """
    raise NotImplementedError
