"""Every table of a report, defined once for page, terminal and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from statistics import median

from benchmark.report.answer import SIMPLE
from benchmark.report.markdown import link
from benchmark.report.report_types import (
    ArchitectureChange,
    Comparison,
    LadderRow,
    LeaderboardGroup,
    Pair,
    Reference,
    Report,
    TrialRow,
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
    too_few_seeds,
)
from models.references import PublishedFigure

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


def _worst_to_best(row: LadderRow) -> str | None:
    if len(row.trials) == 1:
        return None
    worst, *_, best = row.accuracies
    return f"{100 * worst:.2f} to {percent(best)}"


def _against_reference(row: LadderRow) -> str:
    return f"{signed(row.difference_points or 0.0)}, {row.verdict}"


def _published(row: LadderRow) -> str | None:
    if row.published_accuracy is None:
        return None
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


def _against_control(pairs: Sequence[Pair], control: str, row: LadderRow) -> str | None:
    pair = find_pair(pairs, row.architecture, control)
    if pair is None:
        return None
    return f"{signed(pair.difference_points)} ({points_interval(pair.interval_points)}), {pair_words(pair)}"


def pair_words(pair: Pair) -> str:
    """What the first is, compared with the second."""
    if pair.too_few_seeds and pair.fewest_seeds:
        return too_few_seeds(pair.fewest_seeds)
    if pair.kind == "undecided":
        return "not shown"
    return pair.kind


def all_pairs_table(report: Report) -> Table[Pair]:
    """Each with each, the better one first."""
    titles = report.titles
    columns: list[Column[Pair]] = [
        Column("First", lambda pair: titles[pair.first]),
        Column("Second", lambda pair: titles[pair.second]),
        Column("Points", lambda pair: signed(pair.difference_points), right=True),
        Column("Interval", lambda pair: points_interval(pair.interval_points), right=True),
        Column("The first is", pair_words),
    ]
    return Table(columns, report.pairs)


# Errors, scores and published figures


def errors_table(rows: Sequence[LadderRow], labels: tuple[str, str]) -> Table[LadderRow]:
    """False negatives and false positives, the best architecture first."""
    negative, positive = labels
    columns: list[Column[LadderRow]] = [
        Column("Architecture", lambda row: row.title),
        Column(f"{positive.capitalize()} called {negative}", lambda row: count(row.false_negatives), right=True),
        Column(f"{negative.capitalize()} called {positive}", lambda row: count(row.false_positives), right=True),
    ]
    return Table(columns, rows[::-1])


def scores_table(rows: Sequence[LadderRow]) -> Table[LadderRow]:
    """The accuracy of each seed, and the medians of other scores."""
    columns: list[Column[LadderRow]] = [
        Column("Architecture", lambda row: row.title),
        Column("Accuracy of each seed, %", _each_seed),
        Column("F1", partial(_median_score, "f1"), right=True),
        Column("ROC AUC", partial(_median_score, "roc_auc"), right=True),
        Column("Loss", partial(_median_score, "loss"), right=True),
        Column("Memory", _memory, right=True),
    ]
    return Table(columns, rows[::-1])


def _each_seed(row: LadderRow) -> str:
    texts = []
    for trial in row.trials:
        accuracy = f"{100 * (trial.accuracy or 0.0):.2f}"
        texts.append(accuracy if trial.seed is None else f"{trial.seed}: {accuracy}")
    return ", ".join(texts)


def _median_score(name: str, row: LadderRow) -> str:
    return f"{median(getattr(trial, name) for trial in row.trials):.4f}"


def _memory(row: LadderRow) -> str:
    return f"{count(max(trial.peak_memory_mb or 0.0 for trial in row.trials))} MB"


def figures_table(report: Report) -> Table[PublishedFigure]:
    """Published figures of what is here, and of nothing in particular; the highest first."""
    titles = report.titles
    columns: list[Column[PublishedFigure]] = [
        Column("Figure", lambda figure: link(figure.title, figure.url)),
        Column("Accuracy", lambda figure: percent(figure.accuracy), right=True),
        Column("Measured with", lambda figure: figure.measured_with),
        Column("Here", lambda figure: titles.get(figure.architecture or "")),
    ]
    shown = [figure for figure in report.figures[::-1] if figure.architecture is None or figure.architecture in titles]
    return Table(columns, shown)


# Two benchmarks


def comparison_table(comparison: Comparison) -> Table[ArchitectureChange]:
    """What changed for each architecture."""
    columns: list[Column[ArchitectureChange]] = [
        Column("Architecture", lambda change: change.title),
        Column("Mean before", lambda change: percent(change.first.mean_accuracy), right=True),
        Column("Mean now", lambda change: percent(change.second.mean_accuracy), right=True),
        Column("Seeds", lambda change: f"{_seeds(change.first)}, {_seeds(change.second)}", right=True, page_only=True),
        Column("Change, points", _change, right=True),
        Column("Counts from", _counts_from, right=True, page_only=True),
        Column("Time", _time, right=True),
    ]
    return Table(columns, comparison.changes)


def _change(change: ArchitectureChange) -> str:
    if change.same_weights:
        return "same weights"
    text = signed(100 * change.accuracy.change)
    if change.accuracy.interval:
        low, high = change.accuracy.interval
        text += f" ({signed(100 * low)} to {signed(100 * high)})"
    return text


def _time(change: ArchitectureChange) -> str | None:
    if change.time is None:
        return None
    return f"{change.time.change:.2f} times"


def _counts_from(change: ArchitectureChange) -> str | None:
    if change.accuracy.threshold is None:
        return None
    return f"{MINUS}{100 * change.accuracy.threshold:.2f}"


# Tables for other programs: every number at full precision


def trials_table(report: Report) -> Table[TrialRow]:
    """Every planned trial: ``trials.csv``."""
    columns: list[Column[TrialRow]] = []
    for name in TrialRow.model_fields:
        if name != "epochs":
            columns.append(Column(name, attrgetter(name)))
    return Table(columns, report.trials)


def leaderboard_table(groups: Sequence[LeaderboardGroup]) -> Table[tuple[str, LadderRow]]:
    """Every row of every group: ``leaderboard.csv``."""
    columns: list[Column[tuple[str, LadderRow]]] = [
        Column("group", lambda row: row[0]),
        Column("architecture", lambda row: row[1].architecture),
        Column("title", lambda row: row[1].title),
        Column("seeds", lambda row: len(row[1].trials)),
        Column("accuracy", lambda row: row[1].accuracy),
        Column("low", lambda row: row[1].interval.low),
        Column("high", lambda row: row[1].interval.high),
        Column("worst", lambda row: row[1].accuracies[0]),
        Column("best", lambda row: row[1].accuracies[-1]),
        Column("verdict", lambda row: row[1].verdict),
        Column("train_seconds", lambda row: row[1].train_seconds),
    ]
    rows = []
    for group in groups:
        for row in group.report.rows[::-1]:
            rows.append((group.title, row))
    return Table(columns, rows)
