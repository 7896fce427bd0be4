"""A comparison as a table, and its answer."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmark import numbers as n
from benchmark.comparison.comparison_types import ArchitectureComparison, Comparison
from benchmark.comparison.quantity_words import change_words


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print one row an architecture, what differs, what must be known, and whether there is a regression."""
    table = Table(title=comparison.title, title_justify="left")
    table.add_column("architecture")
    for heading in ("before", "now", "points", "95% interval", "p, Holm", "loss", "s/epoch", "95% interval", "memory"):
        table.add_column(heading, justify="right")
    for one in comparison.architectures:
        table.add_row(*_row(one))
    console.print(table)
    for difference in comparison.differences:
        words = f"{difference.group}: {difference.name} was {difference.baseline} and is {difference.candidate}"
        console.print(words, markup=False, soft_wrap=True)
    for caveat in comparison.caveats:
        if caveat.severity == "warning":
            console.print(caveat.text, style="yellow", markup=False, soft_wrap=True)
    style = "bold green" if comparison.passed else "bold red"
    for sentence in (comparison.headline, *(one.sentence for one in comparison.regressions)):
        console.print(sentence, style=style, markup=False, soft_wrap=True)


def _row(one: ArchitectureComparison) -> tuple[str, ...]:
    accuracy, seconds = one.accuracy, one.seconds_per_epoch
    return (
        one.architecture,
        n.percent(accuracy.baseline.mean),
        n.percent(accuracy.candidate.mean),
        change_words(accuracy),
        "unknown" if accuracy.interval is None else n.points_interval(accuracy.interval),
        n.known(accuracy.p_value_holm, n.p_value),
        change_words(one.loss),
        change_words(seconds),
        "unknown" if seconds.interval is None else f"{seconds.interval.low:.2f} to {seconds.interval.high:.2f}",
        change_words(one.peak_memory_mb),
    )
