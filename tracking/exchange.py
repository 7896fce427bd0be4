"""Benchmarks as folders that another store imports."""

from __future__ import annotations

from pathlib import Path

from tracking.store import Store


def export_benchmark(store: Store, run_id: str, folder: Path) -> None:
    """Write a benchmark's plan, results and predictions, with their digests; no model.

    Raises
    ------
    UserError
        If the folder exists.
    """
    raise NotImplementedError


def import_benchmark(store: Store, folder: Path) -> str:
    """Store an exported benchmark as a new benchmark run and return its id; nothing in it is executed.

    Raises
    ------
    UserError
        If a digest, a fingerprint or a score does not fit, or the store has this benchmark already.
    """
    raise NotImplementedError
