"""Every table of a report, defined once for page and terminal.

A table is a list of rows, each the text of its cells by heading: the first column names an architecture, the others
hold numbers. Beside a ladder, a phone shows the columns 1, 2, 3 and 6.
"""

from __future__ import annotations

from statistics import median

from benchmark.report.ladder import LadderRow
from benchmark.report.report_types import ArchitectureChange, Comparison, Report
from benchmark.wording import MINUS, count, duration, percent, percent_interval, signed, signed_interval

Table = list[dict[str, str]]
# a terminal has 80 columns, and a page of MLflow little more
PAGE_ONLY = {"Worst to best", "Change", "Published figure", "Parameters", "Seeds before, now", "Counts from"}


def narrow(table: Table) -> Table:
    """Return a table without the columns that only a page has room for."""
    rows = []
    for row in table:
        rows.append({heading: cell for heading, cell in row.items() if heading not in PAGE_ONLY})
    return rows


def ladder_table(report: Report) -> Table:
    """One row an architecture, the best first; `Training` is the time of one trial."""
    any_published = any(row.published_accuracy for row in report.rows)
    any_shuffled = any(row.shuffled for row in report.rows)
    table = []
    for row in report.rows:
        cells = {
            "Architecture": row.title,
            "Accuracy": percent(row.accuracy),
            f"{100 * row.interval_level:g}% interval": percent_interval(row.interval),
            "Seeds": _seeds(row),
            "Worst to best": _worst_to_best(row),
        }
        if report.evaluation:  # a threshold may move between corpora
            cells["ROC AUC"] = f"{median(trial.roc_auc or 0.0 for trial in row.trials):.4f}"
        if report.reference and row.verdict:
            verdict = f"{signed(row.verdict.difference_points)}, {row.verdict.kind}"
            cells[f"Against {percent(report.reference.accuracy)}"] = verdict
        if any_shuffled:
            cells |= {"Shuffled": "", "Change": ""}
        if row.shuffled:
            cells["Shuffled"] = percent(row.shuffled.accuracy)
            cells["Change"] = signed_interval(row.shuffled.difference, row.shuffled.interval)
        cells["Training"] = duration(row.train_seconds)
        if any_published:
            cells["Published figure"] = _published(row)
        else:
            cells["Parameters"] = count(row.parameters)
        table.append(cells)
    return table


def _seeds(row: LadderRow) -> str:
    return "none" if row.deterministic else str(len(row.trials))


def _worst_to_best(row: LadderRow) -> str:
    if len(row.trials) == 1:
        return ""
    return f"{100 * row.accuracies[0]:.2f} to {percent(row.accuracies[-1])}"


def _published(row: LadderRow) -> str:
    if row.published_accuracy is None:
        return ""
    return f"{percent(row.published_accuracy)} ({signed(100 * (row.accuracy - row.published_accuracy))})"


def comparison_table(comparison: Comparison) -> Table:
    """What changed for each architecture."""
    table = []
    for change in comparison.changes:
        threshold = change.accuracy.threshold if change.accuracy else None
        cells = {
            "Architecture": change.title,
            "Mean before": percent(change.first.mean_accuracy),
            "Mean now": percent(change.second.mean_accuracy),
            "Seeds before, now": f"{_seeds(change.first)}, {_seeds(change.second)}",
            "Counts from": "" if threshold is None else f"{MINUS}{100 * threshold:.2f}",
            "Change, points": _change(change),
            "Time": f"{change.time_ratio:.2f} times" if change.time_ratio else "",
        }
        table.append(cells)
    return table


def _change(change: ArchitectureChange) -> str:
    accuracy = change.accuracy
    if accuracy is None:
        return "same weights"
    if accuracy.interval is None:
        return signed(100 * accuracy.change)
    return signed_interval(accuracy.change, accuracy.interval)
