"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from textwrap import wrap

from benchmark.report.ladder import LadderRow, Reference
from benchmark.report.report_types import Report
from benchmark.report.vega import Chart, Mark, draw
from benchmark.wording import percent, percent_interval

CHANCE = 0.5
AT_CHANCE = 0.52  # a seed up to here learned nothing: it must not press the others together
MIN_SECONDS = 0.01  # a logarithmic scale has no zero
MAX_TICKS = 8
LINE = 40  # letters of a name
NEAR_TIMES, NEAR_HEIGHT = 1.1, 0.04  # in the chart of training times: what is nearer than a number is wide and high


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    margin_points = report.config.equivalence_margin_points
    tested_on = f"{report.corpus.test_review}s"
    charts = {"ladder": draw_ladder(report.rows, report.reference, margin_points, tested_on)}
    domain = _learning_domain(report.rows)
    for row in report.rows:
        if row.trials[0].epochs:
            charts[f"learning-{row.architecture}"] = _learning(row, domain)
    if len(report.rows) > 1:
        charts["training-time"] = _training_time(report.rows)
    return charts


def _without_floors(rows: Sequence[LadderRow]) -> Sequence[LadderRow]:
    """Leave out what gives one label only, unless there is nothing else."""
    return [row for row in rows if not row.one_label] or rows


def _kinds(rows: Sequence[LadderRow]) -> list[str]:
    """What the colours in a drawing mean."""
    return sorted({row.model_kind for row in rows})


def _two_lines(title: str) -> str:
    return "\n".join(wrap(title, LINE, max_lines=2, placeholder=" \u2026"))


def _around(values: Sequence[float]) -> list[float]:
    """A domain in percent, with some room at both ends."""
    low = 100 * min(values, default=0.0)
    high = min(100.0, 100 * max(values, default=1.0))
    room = max(0.5, 0.03 * (high - low))
    return [round(low - room, 2), round(high + room, 2)]


# The ladder


def draw_ladder(
    rows: Sequence[LadderRow],
    reference: Reference | None = None,
    margin_points: float = 0.0,
    tested_on: str = "test reviews",
) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    domain = _ladder_domain(rows, reference)
    marks = [_ladder_mark(row, domain[0]) for row in rows]
    alt = "Test accuracy of each architecture."
    for row in rows:
        alt += f" {row.title}: {percent(row.accuracy)} ({percent_interval(row.interval)})."
    lines: list[Mark] = []
    if reference:
        accuracy, value = 100 * reference.accuracy, percent(reference.accuracy)
        line = {
            "accuracy": accuracy,
            "low": accuracy - margin_points,
            "high": accuracy + margin_points,
            "text": f"{reference.name}: {value}",
        }
        lines.append(line)
        alt += f" A vertical line marks {value}, {reference.name}."
    return draw(
        "ladder",
        "ladder",
        alt,
        title=f"Accuracy on {tested_on}",
        rows=marks,
        kinds=_kinds(rows),
        reference=lines,
        domain=domain,
    )


def _ladder_mark(row: LadderRow, left_edge: float) -> Mark:
    seeds = [100 * accuracy for accuracy in row.accuracies]
    mark: Mark = {
        "kind": row.model_kind,
        "title": _two_lines(row.title),
        "value": percent(row.accuracy),
        "accuracy": 100 * row.accuracy,
        "low": 100 * row.interval.low,
        "high": 100 * row.interval.high,
        "seeds": [] if row.deterministic else seeds,
    }
    if row.published_accuracy:
        mark["published"] = 100 * row.published_accuracy
    if row.shuffled:
        mark["shuffled"] = 100 * row.shuffled.accuracy
    # what goes on beyond the drawing
    beyond = [end for end in (seeds[0], mark["low"]) if end < left_edge]
    if beyond:
        mark["arrow"] = f"\u2190 {beyond[0]:.1f}%"
    return mark


def _ladder_domain(rows: Sequence[LadderRow], reference: Reference | None) -> list[float]:
    """All medians, intervals, seeds and published figures, but what is at chance."""
    values = [reference.accuracy] if reference else []
    for row in _without_floors(rows):
        low, high = row.interval
        values += [row.accuracy, max(low, CHANCE), high]
        values += [accuracy for accuracy in row.accuracies if accuracy > AT_CHANCE]
        if row.published_accuracy:
            values.append(row.published_accuracy)
        if row.shuffled:
            values.append(row.shuffled.accuracy)
    return _around(values)


# Learning


def _medians(row: LadderRow, field: str) -> list[float]:
    """Median over the seeds after each epoch; empty for a baseline."""
    seeds = [trial.epochs for trial in row.trials]
    medians = []
    for epochs in zip(*seeds, strict=True):
        medians.append(median(getattr(epoch, field) for epoch in epochs))
    return medians


def _curve(accuracies: Sequence[float], name: object) -> list[Mark]:
    """One mark an epoch."""
    return [{"x": epoch, "y": 100 * accuracy, "name": name} for epoch, accuracy in enumerate(accuracies, 1)]


def _learning(row: LadderRow, domain: Sequence[float]) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their median thick, the training split grey."""
    seeds: list[Mark] = []
    for trial in row.trials:
        seeds += _curve([epoch.test_accuracy for epoch in trial.epochs], trial.seed)
    tests = _medians(row, "test_accuracy")
    printed: list[Mark] = []
    for epoch, tutorial in enumerate(row.tutorial_epochs, 1):
        printed.append({"x": epoch, "y": 100 * tutorial.accuracy, "test": False})
        if tutorial.val_accuracy is not None:
            printed.append({"x": epoch, "y": 100 * tutorial.val_accuracy, "test": True})
    last = len(tests)
    return draw(
        "learning",
        f"learning-{row.architecture}",
        f"{row.title}: median test accuracy after each epoch {', '.join(map(percent, tests))}.",
        title=row.title,
        epochs=[0.8, last + 0.2],
        ticks=list(range(1, last + 1, math.ceil(last / MAX_TICKS))),
        domain=domain,
        kind=row.model_kind,
        seeds=seeds,
        medians=_curve(tests, row.model_kind) + _curve(_medians(row, "train_accuracy"), "training"),
        printed=printed,
    )


def _learning_domain(rows: Sequence[LadderRow]) -> list[float]:
    """The same for all; a seed may start below the drawing, so that the others are not pressed together."""
    values: list[float] = []
    for row in rows:
        values += _medians(row, "test_accuracy") + _medians(row, "train_accuracy")
        for trial in row.trials:
            values += [epoch.test_accuracy for epoch in trial.epochs[-1:]]
        for printed in row.tutorial_epochs:
            values += [printed.accuracy, printed.val_accuracy or printed.accuracy]
    return _around(values)


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time, epoch by epoch for networks; a floor is not drawn.

    Numbers lead to the names, which stand beside the drawing in the order of the accuracies.
    """
    alt = "Accuracy against training time."
    for row in rows:
        alt += f" {row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds."
    drawn = _without_floors(rows)
    # the first epochs may lie below the drawing, so that the ends are not pressed together
    low, high = domain = _around([row.accuracy for row in drawn])
    path: list[Mark] = []
    ends: list[Mark] = []
    names: list[Mark] = []
    for number, row in enumerate(drawn, 1):
        seconds = _medians(row, "train_seconds") or [row.train_seconds]
        accuracies = _medians(row, "test_accuracy") or [row.accuracy]
        for after, accuracy in zip(accumulate(seconds), accuracies, strict=True):
            mark = {"x": max(after, MIN_SECONDS), "y": 100 * accuracy, "title": row.title, "kind": row.model_kind}
            path.append(mark)
        ends.append(path[-1])
        name_at = high - (high - low) * (number - 0.5) / len(drawn)
        names.append({"number": number, "title": row.title, "y": name_at})
    seconds_drawn = [mark["x"] for mark in path]
    return draw(
        "training-time",
        "training-time",
        alt,
        times=[0.8 * min(seconds_drawn), 1.25 * max(seconds_drawn)],
        domain=domain,
        path=path,
        ends=ends,
        numbers=_numbers(ends, high - low),
        names=names,
        kinds=_kinds(drawn),
    )


def _numbers(ends: Sequence[Mark], height: float) -> list[Mark]:
    """Number the ends from the highest to the lowest; those that meet have one label."""
    labels: list[Mark] = []
    for number, end in enumerate(ends, 1):
        for label in labels:
            times = end["x"] / label["x"]
            if 1 / NEAR_TIMES < times < NEAR_TIMES and label["y"] - end["y"] < NEAR_HEIGHT * height:
                label["number"] += f", {number}"
                break
        else:
            labels.append(end | {"number": str(number)})
    return labels
