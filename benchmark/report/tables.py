"""Every table of a report, defined once for page and terminal.

A table is a list of rows, each the text of its cells by heading: the first column names an architecture, the others
hold numbers. A column that is empty in all rows is left out. Beside a ladder, a phone shows the columns 1, 2, 3 and 5.
"""

from __future__ import annotations

from statistics import median

from benchmark.report.ladder import LadderRow, Measured
from benchmark.report.report_types import ArchitectureChange, Comparison, Report
from benchmark.wording import count, duration, percent, percent_interval, signed, signed_interval

Table = list[dict[str, str]]
FAR_MEAN = 0.005  # from the median: then both are shown
# a terminal has 80 columns, and a page of MLflow little more
PAGE_ONLY = {"Worst to best", "Together", "Change", "Published figure", "Seeds before, now", "Training before, now"}


def narrow(table: Table) -> Table:
    """Return a table without the columns that only a page has room for."""
    return _only(table, set(table[0]) - PAGE_ONLY)


def _only(table: Table, headings: set[str]) -> Table:
    rows = []
    for row in table:
        rows.append({heading: cell for heading, cell in row.items() if heading in headings})
    return rows


def ladder_table(report: Report) -> Table:
    """One row an architecture, the best first, and one of all sequence models; `Training` is the time of one trial."""
    level = f"{100 * report.interval_level:g}% interval"
    against = f"Against {percent(report.reference.accuracy)}" if report.reference else "Against"
    table = []
    for row in report.rows:
        answer = report.against_reference(row.architecture)
        cells = {
            "Architecture": row.title,
            "Accuracy": percent(row.accuracy),
            level: percent_interval(row.interval),
            "Seeds": _seeds(row),
            against: f"{signed(answer.difference_points)}, {answer.result}" if answer else "",
            "Worst to best": _worst_to_best(row),
            "Together": _with_interval(row.together) if row.together else "",
            "Shuffled": percent(row.shuffled) if row.shuffled else "",
            "Change": _change_of_order(row),
            "Training": duration(row.train_seconds),
            "Published figure": _published(row),
        }
        table.append(cells)
    average = report.all_sequence_models
    if average:
        cells = dict.fromkeys(table[0], "")
        cells["Architecture"] = "All sequence models together"
        cells["Accuracy"] = percent(average.accuracy)
        cells[level] = percent_interval(average.interval)
        table.append(cells)
    filled = {heading for row in table for heading, cell in row.items() if cell}
    return _only(table, filled)


def growth_table(report: Report) -> Table:
    """One row an architecture, one column a number of training reviews."""
    numbers = sorted({size.reviews for row in report.rows for size in row.sizes})
    table = []
    for row in report.rows:
        cells = {"Architecture": row.title} | {f"{reviews:,} reviews": "" for reviews in numbers}
        for size in row.sizes:
            cells[f"{size.reviews:,} reviews"] = _with_interval(size)
        table.append(cells)
    return table


def errors_table(report: Report) -> Table:
    """One row an architecture: errors on each label, and accuracy by the length of the review."""
    negative, positive = report.corpus.labels
    table = []
    for row in report.compared:
        cells = {
            "Architecture": row.title,
            f"{positive.capitalize()} called {negative}": _median_count(row, "false_negatives"),
            f"{negative.capitalize()} called {positive}": _median_count(row, "false_positives"),
        }
        for length in report.lengths:
            cells[length.title] = percent(length.accuracies[row.architecture])
        table.append(cells)
    numbers = dict.fromkeys(table[0], "")
    numbers["Architecture"] = "Test reviews of this length"
    table.append(numbers | {length.title: count(length.reviews) for length in report.lengths})
    return table


def _median_count(row: LadderRow, errors: str) -> str:
    return count(median(getattr(trial, errors) for trial in row.trials))


def _change_of_order(row: LadderRow) -> str:
    if row.shuffled is None:
        return ""
    if row.change is None:
        return "cannot change"
    return signed_interval(row.change.difference, row.change.interval)


def _with_interval(measured: Measured) -> str:
    return f"{percent(measured.accuracy)} ({percent_interval(measured.interval)})"


def _seeds(row: LadderRow) -> str:
    return "none" if row.deterministic else str(len(row.trials))


def _worst_to_best(row: LadderRow) -> str:
    if len(row.trials) == 1:
        return ""
    text = f"{100 * row.accuracies[0]:.2f} to {percent(row.accuracies[-1])}"
    if abs(row.mean_accuracy - row.accuracy) > FAR_MEAN:
        text += f", mean {percent(row.mean_accuracy)}"
    return text


def _published(row: LadderRow) -> str:
    if row.published is None:
        return ""
    return f"{percent(row.published.accuracy)} ({signed(100 * (row.accuracy - row.published.accuracy))})"


def comparison_table(comparison: Comparison) -> Table:
    """What changed for each architecture."""
    table = []
    for change in comparison.changes:
        cells = {
            "Architecture": change.second.title,
            "Mean before": percent(change.first.mean_accuracy),
            "Mean now": percent(change.second.mean_accuracy),
            "Seeds before, now": f"{_seeds(change.first)}, {_seeds(change.second)}",
            "Change, points": _change(change),
            "Training before, now": f"{duration(change.first.train_seconds)}, {duration(change.second.train_seconds)}",
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
