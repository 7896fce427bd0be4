"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from pathlib import Path

from benchmark.report.report_types import Comparison
from benchmark.results import BenchmarkRecord


def summarize_comparison(
    first: BenchmarkRecord,
    second: BenchmarkRecord,
    *,
    max_accuracy_drop_points: float,
    max_slowdown: float,
) -> Comparison:
    """Compare the architectures that finished in both; `second` is judged against `first`.

    Raises
    ------
    UserError
        If no architecture has a finished trial in both.
    """
    raise NotImplementedError


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    raise NotImplementedError
