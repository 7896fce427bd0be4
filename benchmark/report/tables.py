"""Every table of a report, defined once for page, terminal and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmark.report.answer import SIMPLE
from benchmark.report.report_types import (
    ArchitectureChange,
    Comparison,
    LadderRow,
    Pair,
    Reference,
    Report,
    find_pair,
)
from benchmark.report.table import Column, Table
from benchmark.wording import (
    MINUS,
    count,
    duration,
    percent,
    percent_interval,
    points_interval,
    signed,
)

# The ladder


def ladder_table(rows: Sequence[LadderRow], reference: Reference | None) -> Table[LadderRow]:
    """One row an architecture, the best first; `training` is the time of one trial."""
    level = f"{100 * rows[0].interval_level:g}%"
    columns = [
        Column("Architecture", title_with_twins),
        Column("Accuracy", lambda row: percent(row.accuracy), right=True),
        Column(f"{level} interval", lambda row: percent_interval(row.interval), right=True),
        Column("Seeds", _seeds, right=True),
        Column("Worst to best", _worst_to_best, right=True, page_only=True),
    ]
    if reference:
        columns.append(Column(f"Against {percent(reference.accuracy)}", _against_reference, right=True))
    columns.append(Column("Training", lambda row: duration(row.train_seconds), right=True))
    if any(row.published_accuracy for row in rows):
        columns.append(Column("Published figure", _published, right=True, page_only=True))
    else:
        columns.append(Column("Parameters", lambda row: count(row.parameters), right=True, page_only=True))
    return Table(columns, rows[::-1])


def title_with_twins(row: LadderRow) -> str:
    """The title, and the titles of those that ended with the same weights."""
    if not row.twins:
        return row.title
    return f"{row.title} (same weights: {', '.join(twin.title for twin in row.twins)})"


def _seeds(row: LadderRow) -> str:
    return "none" if row.deterministic else str(len(row.trials))


def _worst_to_best(row: LadderRow) -> str:
    if len(row.trials) == 1:
        return ""
    worst, *_, best = row.accuracies
    return f"{100 * worst:.2f} to {percent(best)}"


def _against_reference(row: LadderRow) -> str:
    return f"{signed(row.difference_points or 0.0)}, {row.verdict}"


def _published(row: LadderRow) -> str:
    if row.published_accuracy is None:
        return ""
    return f"{percent(row.published_accuracy)} ({signed(100 * (row.accuracy - row.published_accuracy))})"


# Pairs of architectures


def pairs_table(report: Report) -> Table[LadderRow]:
    """Each architecture against the best and against the paper's own baseline."""
    best_first = [row for row in report.rows[::-1] if not row.one_label]
    controls = best_first[:1]
    if len(best_first) > 2:
        controls += [row for row in best_first[1:] if row.architecture == SIMPLE]
    columns: list[Column[LadderRow]] = [Column("Architecture", lambda row: row.title)]
    for control in controls:
        against = partial(_against_control, report.pairs, control.architecture)
        columns.append(Column(f"Against {control.title}", against, right=True))
    return Table(columns, [row for row in best_first if [row] != controls])


def _against_control(pairs: Sequence[Pair], control: str, row: LadderRow) -> str:
    pair = find_pair(pairs, row.architecture, control)
    if pair is None:
        return ""
    return f"{signed(pair.difference_points)} ({points_interval(pair.interval_points)}), {pair.result}"


# Two benchmarks


def comparison_table(comparison: Comparison) -> Table[ArchitectureChange]:
    """What changed for each architecture."""
    columns: list[Column[ArchitectureChange]] = [
        Column("Architecture", lambda change: change.title),
        Column("Mean before", lambda change: percent(change.first.mean_accuracy), right=True),
        Column("Mean now", lambda change: percent(change.second.mean_accuracy), right=True),
        Column("Seeds before, now", _both_seeds, right=True, page_only=True),
        Column("Change, points", _change, right=True),
        Column("Counts from", _counts_from, right=True, page_only=True),
        Column("Time", _time, right=True),
    ]
    return Table(columns, comparison.changes)


def _both_seeds(change: ArchitectureChange) -> str:
    return f"{_seeds(change.first)}, {_seeds(change.second)}"


def _change(change: ArchitectureChange) -> str:
    if change.same_weights:
        return "same weights"
    text = signed(100 * change.accuracy.change)
    if change.accuracy.interval:
        low, high = change.accuracy.interval
        text += f" ({signed(100 * low)} to {signed(100 * high)})"
    return text


def _time(change: ArchitectureChange) -> str:
    if change.time is None:
        return ""
    return f"{change.time.change:.2f} times"


def _counts_from(change: ArchitectureChange) -> str:
    if change.accuracy.threshold is None:
        return ""
    return f"{MINUS}{100 * change.accuracy.threshold:.2f}"
