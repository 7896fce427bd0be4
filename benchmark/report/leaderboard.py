"""One ladder over all benchmarks of a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.report.report_types import Leaderboard
from benchmark.results import BenchmarkRecord


def summarize_store(records: Sequence[BenchmarkRecord]) -> Leaderboard:
    """Pool the finished trials of all benchmarks with the same corpus, settings and kind of processor.

    A trial that is in several benchmarks, by its fingerprint, counts once.
    """
    raise NotImplementedError


def render_leaderboard(leaderboard: Leaderboard, folder: Path) -> None:
    """Write ``leaderboard.html``, ``leaderboard.md`` and ``leaderboard.csv``; the folder is made if missing."""
    raise NotImplementedError
