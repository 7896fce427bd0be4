"""The end of a benchmark, as a table and the next steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmark.numbers import UNKNOWN, signed

if TYPE_CHECKING:  # the libraries of statistics take a second, and a plan needs none of them
    from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
    from benchmark.analysis.parts import Interval


def show_summary(console: Console, analysis: Analysis) -> None:
    """Print the answer: one row an architecture, then the sentences that the report opens with."""
    table = Table(title=f"{analysis.trials_finished} of {analysis.trials_planned} trials", title_justify="left")
    table.add_column("architecture")
    for heading in ("accuracy", "SD, points", "95% interval", "worst seed", "tutorial", "to 88.89%", "s/epoch"):
        table.add_column(heading, justify="right")
    for summary in analysis.architectures:
        table.add_row(*_row(summary))
    console.print(table)
    for sentence in analysis.headlines:
        console.print(sentence, markup=False, soft_wrap=True)


def show_next_steps(console: Console, report_file: Path, tracking_uri: str, model_uri: str | None, run_id: str) -> None:
    """Print where to look next."""
    console.print()
    rows = [
        ("report", str(report_file)),
        ("runs", f"mlflow ui --backend-store-uri {tracking_uri}" if "://" in tracking_uri else tracking_uri),
        ("benchmark run", run_id),
    ]
    if tracking_uri.startswith("http"):
        rows[1] = ("runs", tracking_uri)
    if model_uri:
        rows.append(("model", f'mlflow.pyfunc.load_model("{model_uri}").predict(["a wonderful film"])'))
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False)


def _row(summary: ArchitectureSummary) -> tuple[str, ...]:
    spread = UNKNOWN if summary.accuracy.sd is None else f"{100 * summary.accuracy.sd:.2f}"
    tutorial = "" if summary.tutorial is None else f"{summary.tutorial.accuracy:.2%}"
    difference = "" if summary.paper is None else signed(summary.paper.difference_points)
    return (
        summary.architecture,
        f"{summary.accuracy.mean:.2%}",
        spread,
        _interval(summary.interval),
        f"{summary.accuracy_worst:.2%} ({summary.worst_seed})",
        tutorial,
        difference,
        # where an epoch is one step, and that the first one, which is timed apart
        f"{summary.seconds_per_epoch.mean:.1f}" if summary.reviews_per_second.mean else UNKNOWN,
    )


def _interval(interval: Interval) -> str:
    return f"{100 * interval.low:.2f} to {100 * interval.high:.2f}"
