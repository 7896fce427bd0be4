"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import accumulate
from statistics import median

from benchmark.report.report_types import LadderRow, Reference, Report
from benchmark.report.vega import Chart, Mark, draw
from benchmark.wording import percent, percent_interval, points

LABEL_SHARE = 14 / 150  # of the height of a panel
MAX_DEPTH_POINTS = 14.0  # what lies further below the lowest median goes on beyond the edge of the ladder
MIN_SECONDS = 0.01  # a logarithmic scale has no zero


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    charts = {"ladder": draw_ladder(report.rows, report.reference, "ladder", report.config.equivalence_margin_points)}
    best_first = report.rows[::-1]
    domain = _learning_domain(best_first)
    for place, row in enumerate(best_first):
        if row.trials[0].epochs:
            charts[f"learning-{row.architecture}"] = _learning(row, _colour(place), domain)
        if not row.one_label:
            charts[f"calibration-{row.architecture}"] = _calibration(row, _colour(place))
    if len(best_first) > 1:
        charts["training-time"] = _training_time(best_first)
    return charts


def _colour(place: int) -> str:
    """After eight, colours repeat, with other shapes."""
    return f"var(--series-{place % 8 + 1})"


def _without_floors(rows: Sequence[LadderRow]) -> Sequence[LadderRow]:
    """Leave out what gives one label only, unless there is nothing else."""
    return [row for row in rows if not row.one_label] or rows


def _around(values: Sequence[float]) -> list[float]:
    """A domain in percent, with some room at both ends."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    return [round(100 * low - 0.5, 2), round(100 * high + 0.5, 2)]


# The ladder


def draw_ladder(rows: Sequence[LadderRow], reference: Reference | None, name: str, margin_points: float) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    low, high = _ladder_domain(rows, reference)
    medians: list[Mark] = []
    seeds: list[Mark] = []
    published: list[Mark] = []
    arrows: list[Mark] = []
    alt = "Test accuracy of each architecture."
    for place, row in enumerate(rows[::-1]):
        own = {"place": place, "colour": _colour(place)}
        value = percent(row.accuracy)
        left, right = 100 * row.interval.low, 100 * row.interval.high
        words = {"title": row.title, "value": value}
        medians.append(own | words | {"accuracy": 100 * row.accuracy, "low": left, "high": right})
        if not row.deterministic:
            for accuracy in row.accuracies:
                seeds.append(own | {"accuracy": 100 * accuracy})
        if row.published_accuracy:
            published.append(own | {"accuracy": 100 * row.published_accuracy})
        # what goes on beyond the left edge
        worst = 100 * row.accuracies[0]
        if worst < low:
            arrows.append(own | {"text": f"\u2190 {worst:.2f}%"})
        elif left < low:
            arrows.append(own | {"text": "\u2190"})
        alt += f" {row.title}: {value} ({percent_interval(row.interval)})."

    # The reference, whose name must stay inside the drawing
    lines: list[Mark] = []
    align = "center"
    if reference:
        at, value = 100 * reference.accuracy, percent(reference.accuracy)
        ends = {"low": at - margin_points, "high": at + margin_points}
        lines.append({"accuracy": at, "text": f"{reference.name}: {value}"} | ends)
        if at > low + 0.7 * (high - low):
            align = "right"
        elif at < low + 0.3 * (high - low):
            align = "left"
        alt += f" A vertical line marks {value}, {reference.name}."
    return draw(
        "ladder",
        name,
        alt,
        rows=medians,
        seeds=seeds,
        published=published,
        arrows=arrows,
        reference=lines,
        reference_align=align,
        domain=[low, high],
        places=[0, len(rows)],
        lines=[{"place": place} for place in range(len(rows) + 1)],
        wide_height=32 * len(rows),
        narrow_height=60 * len(rows),
    )


def _ladder_domain(rows: Sequence[LadderRow], reference: Reference | None) -> tuple[float, float]:
    """Everything, but a floor, and what lies far below the lowest median."""
    shown = _without_floors(rows)
    values = [reference.accuracy] if reference else []
    for row in shown:
        values += [*row.interval, *row.accuracies]
        if row.published_accuracy:
            values.append(row.published_accuracy)
    low, high = _around(values)
    lowest_median = 100 * min(row.accuracy for row in shown)
    return max(low, round(lowest_median - MAX_DEPTH_POINTS - 0.5, 2)), min(high, 100.2)


# Learning


def _medians(row: LadderRow, field: str) -> list[float]:
    """Median over the seeds after each epoch; empty for a baseline."""
    medians = []
    for epochs in zip(*(trial.epochs for trial in row.trials), strict=True):
        medians.append(median(getattr(epoch, field) for epoch in epochs))
    return medians


def _learning(row: LadderRow, colour: str, domain: Sequence[float]) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their median thick, the training split grey."""
    seeds: list[Mark] = []
    for trial in row.trials:
        for epoch in trial.epochs:
            seeds.append({"x": epoch.epoch, "y": 100 * epoch.test_accuracy, "seed": f"seed {trial.seed}"})
    medians: list[Mark] = []
    tests, training = _medians(row, "test_accuracy"), _medians(row, "train_accuracy")
    for number, value in enumerate(tests, 1):
        medians.append({"x": number, "y": 100 * value, "split": "test", "colour": colour})
    for number, value in enumerate(training, 1):
        medians.append({"x": number, "y": 100 * value, "split": "training", "colour": "var(--soft)"})
    printed: list[Mark] = []
    for number, tutorial in enumerate(row.tutorial_epochs, 1):
        printed.append({"x": number, "y": 100 * tutorial.accuracy, "test": False})
        if tutorial.val_accuracy is not None:
            printed.append({"x": number, "y": 100 * tutorial.val_accuracy, "test": True})

    # The names of the lines, one above the other
    last = len(tests)
    ends = medians[last - 1].copy(), medians[-1].copy()
    upper, lower = sorted(ends, key=lambda mark: -mark["y"])
    lower["y"] = min(lower["y"], upper["y"] - LABEL_SHARE * (domain[1] - domain[0]))

    after = ", ".join(map(percent, tests))
    return draw(
        "learning",
        f"learning-{row.architecture}",
        f"{row.title}: median test accuracy after each epoch {after}.",
        title=row.title,
        epochs=[0.8, last],
        ticks=list(range(1, last + 1, max(1, -(-last // 8)))),
        domain=domain,
        colour=colour,
        seeds=seeds,
        medians=medians,
        names=[upper, lower],
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
            values.append(printed.accuracy)
            values.append(printed.val_accuracy or printed.accuracy)
    return _around(values)


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time, epoch by epoch for networks; a floor is not drawn."""
    path: list[Mark] = []
    ends: list[Mark] = []
    colours: list[str] = []
    shown = _without_floors(rows)
    alt = "Accuracy against training time."
    for place, row in enumerate(rows):
        alt += f" {row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds."
        if row not in shown:
            continue
        seconds = accumulate(_medians(row, "train_seconds") or [row.train_seconds])
        accuracies = _medians(row, "test_accuracy") or [row.accuracy]
        for after, accuracy in zip(seconds, accuracies, strict=True):
            path.append({"title": row.title, "x": max(after, MIN_SECONDS), "y": 100 * accuracy})
        ends.append(path[-1])
        colours.append(_colour(place))
    times = [mark["x"] for mark in path]
    return draw(
        "training-time",
        "training-time",
        alt,
        times=[0.8 * min(times), 1.25 * max(times)],
        # the first epochs may lie below the drawing, so that the ends are not pressed together
        domain=_around([mark["y"] / 100 for mark in ends]),
        titles=[mark["title"] for mark in ends],
        colours=colours,
        path=path,
        ends=ends,
    )


# Calibration


def _calibration(row: LadderRow, colour: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    curves: list[Mark] = []
    for place, curve in enumerate(row.calibration.curves):
        for predicted, observed in curve:
            curves.append({"x": 100 * predicted, "y": 100 * observed, "seed": place})
    gap = points(100 * row.calibration.error)
    # always three lines, so that the drawings stand in line
    title = [*textwrap.wrap(row.title, 27)[:2], f"average gap {gap}", ""][:3]
    name, alt = f"calibration-{row.architecture}", f"{row.title}: average calibration gap {gap}."
    return draw("calibration", name, alt, title=title, colour=colour, curves=curves)
