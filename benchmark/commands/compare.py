"""``compare``: two benchmarks side by side, with an exit code."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import UserError
from benchmark.terminal import make_console, show_comparison
from tracking.reader import find_run, read_benchmark
from tracking.store import open_store

EXIT_REGRESSION = 1
EXIT_UNSEEN = 3  # 2 is bad input


def compare_command(
    *,
    first: str,
    second: str,
    max_accuracy_drop_points: float,
    output: Path,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Judge the second benchmark against the first, and write the page."""
    from benchmark.report import render_comparison, summarize_comparison

    store = open_store(tracking_uri, experiment_name)
    first_id, second_id = (find_run(store, text) for text in (first, second))
    if first_id == second_id:
        raise UserError(f"FIRST and SECOND are both the benchmark {first_id[:8]}; give two (see: list)")
    comparison = summarize_comparison(
        read_benchmark(store, first_id),
        read_benchmark(store, second_id),
        max_accuracy_drop_points=max_accuracy_drop_points,
    )
    folder = output / f"comparison-{first_id[:8]}-{second_id[:8]}"
    render_comparison(comparison, folder)
    show_comparison(make_console(), comparison, report_file=folder / "comparison.html")
    if comparison.regressions:
        return EXIT_REGRESSION
    return EXIT_UNSEEN if comparison.unseen else 0
