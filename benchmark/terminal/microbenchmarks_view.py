"""Timings of the microbenchmarks as tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from benchmark.microbenchmarks import Change, Timing

STYLE = {"slower": "bold red", "faster": "green"}


def show_timings(console: Console, timings: Iterable[Timing]) -> None:
    """Print one row a microbenchmark."""
    table = _table("median", "min", "IQR", "rounds")
    for timing in timings:
        seconds = (timing.median_seconds, timing.min_seconds, timing.iqr_seconds)
        table.add_row(timing.name, *map(_milliseconds, seconds), str(timing.rounds))
    console.print(table)


def show_changes(console: Console, changes: Iterable[Change]) -> None:
    """Print medians before and now, with their ratio and what it comes to."""
    table = _table("before", "now", "ratio", "verdict")
    for change in changes:
        medians = [None if timing is None else timing.median_seconds for timing in (change.before, change.after)]
        table.add_row(
            change.name,
            *("" if median is None else _milliseconds(median) for median in medians),
            "" if change.ratio is None else f"{change.ratio:.2f}",
            change.verdict,
            style=STYLE.get(change.verdict),
        )
    console.print(table)


def _table(*headings: str) -> Table:
    table = Table(title="Microbenchmarks, in milliseconds", title_justify="left")
    table.add_column("microbenchmark", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.3f}"
