"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median
from typing import Any, NamedTuple

from benchmark.report.report_types import LadderRow, Reference, Report
from benchmark.report.theme import series_colour, series_shape
from benchmark.report.vega import Mark, Spec, fill_spec, to_svg
from benchmark.wording import percent, percent_interval, points

WIDE, NARROW, SMALL_PANEL = 880, 340, 172
# names and values stand left and right of the wide ladder, and above each interval of the narrow one
WIDE_LADDER = {
    "width": WIDE - 270,
    "row_height": 32,
    "ticks": 7,
    "name_at": 15,  # in pixels from the top of a row, as the others
    "published_at": 5,
    "median_at": 15,
    "seeds_at": 26,
    "name_align": "right",
    "name_dx": -12,
    "value_align": "left",
    "value_dx": 12,
}
NARROW_LADDER = {
    "width": NARROW,
    "row_height": 60,
    "ticks": 4,
    "name_at": 12,
    "published_at": 24,
    "median_at": 37,
    "seeds_at": 51,
    "name_align": "left",
    "name_dx": 0,
    "value_align": "right",
    "value_dx": 0,
}
PANEL_HEIGHT, LINE_HEIGHT = 150, 14
MAX_DEPTH_POINTS = 14.0  # what lies further below the lowest median goes on beyond the edge of the ladder
MIN_SECONDS = 0.01  # a logarithmic scale has no zero


class Chart(NamedTuple):
    """A drawing with CSS variables as colours; `narrow` replaces it on a phone."""

    svg: str
    alt: str
    narrow: str | None = None


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    best_first = report.rows[::-1]
    charts = {"ladder": draw_ladder(report.rows, report.reference, "ladder", report.config.equivalence_margin_points)}
    for place, row in enumerate(best_first):
        if row.trials[0].epochs:
            charts[f"learning-{row.architecture}"] = _learning(best_first, place)
        if not row.one_label:
            charts[f"calibration-{row.architecture}"] = _calibration(row, series_colour(place))
    if len(best_first) > 1:
        charts["training-time"] = _training_time(best_first)
    return charts


# The ladder


def draw_ladder(rows: Sequence[LadderRow], reference: Reference | None, name: str, margin_points: float) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    sentences = ["Test accuracy of each architecture."]
    for row in rows[::-1]:
        sentences.append(f"{row.title}: {percent(row.accuracy)} ({percent_interval(row.interval)}).")
    if reference:
        sentences.append(f"A vertical line marks {percent(reference.accuracy)}, {reference.name}.")
    wide = to_svg(_ladder(rows, reference, margin_points, WIDE_LADDER), name)
    narrow = to_svg(_ladder(rows, reference, margin_points, NARROW_LADDER), f"{name}-narrow")
    return Chart(wide, " ".join(sentences), narrow)


def _ladder(
    rows: Sequence[LadderRow], reference: Reference | None, margin_points: float, layout: Mapping[str, Any]
) -> Spec:
    low, high = _ladder_domain(rows, reference)
    values: dict[str, list[Mark]] = {"rows": [], "seeds": [], "published": [], "arrows": [], "reference": []}
    for place, row in enumerate(rows[::-1]):
        own = {"place": place, "colour": series_colour(place)}
        text = {"title": row.title, "value": percent(row.accuracy)}
        ends = {"low": 100 * row.interval.low, "high": 100 * row.interval.high}
        values["rows"].append(own | text | ends | {"accuracy": 100 * row.accuracy})
        if not row.deterministic:
            values["seeds"] += [own | {"accuracy": 100 * accuracy} for accuracy in row.accuracies]
        if row.published_accuracy:
            values["published"].append(own | {"accuracy": 100 * row.published_accuracy})
        worst = 100 * row.accuracies[0]
        if worst < low:
            values["arrows"].append(own | {"text": f"\u2190 {worst:.2f}%"})
        elif ends["low"] < low:
            values["arrows"].append(own | {"text": "\u2190"})
    align = "center"  # the name of the reference must stay inside the drawing
    if reference:
        at = 100 * reference.accuracy
        text = {"text": f"{reference.name}: {percent(reference.accuracy)}"}
        values["reference"].append({"accuracy": at, "low": at - margin_points, "high": at + margin_points, **text})
        if at > low + 0.7 * (high - low):
            align = "right"
        elif at < low + 0.3 * (high - low):
            align = "left"
    return fill_spec(
        "ladder",
        **layout,
        **values,
        height=layout["row_height"] * len(rows),
        domain=[low, high],
        places=[0, len(rows)],
        lines=[{"place": place} for place in range(len(rows) + 1)],
        reference_align=align,
    )


def _ladder_domain(rows: Sequence[LadderRow], reference: Reference | None) -> tuple[float, float]:
    """Everything, but a floor, and what lies far below the lowest median."""
    shown = [row for row in rows if not row.one_label] or rows
    values = [reference.accuracy] if reference else []
    for row in shown:
        values += [*row.interval, *row.accuracies]
        if row.published_accuracy:
            values.append(row.published_accuracy)
    lowest_median = min(row.accuracy for row in shown)
    low = max(100 * min(values), 100 * lowest_median - MAX_DEPTH_POINTS)
    return round(low - 0.5, 2), round(min(100 * max(values) + 0.5, 100.2), 2)


# Learning


def _medians(row: LadderRow, field: str) -> list[float]:
    """Median over the seeds after each epoch; empty for a baseline."""
    medians = []
    for epochs in zip(*(trial.epochs for trial in row.trials), strict=True):
        medians.append(median(getattr(epoch, field) for epoch in epochs))
    return medians


def _learning(rows: Sequence[LadderRow], place: int) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their median thick, the training split grey."""
    row, colour = rows[place], series_colour(place)
    last = len(row.trials[0].epochs)
    low, high = _learning_domain(rows)

    # Seeds, medians, and what the tutorial printed
    seeds: list[Mark] = []
    for trial in row.trials:
        for epoch in trial.epochs:
            seeds.append({"x": epoch.epoch, "y": 100 * epoch.test_accuracy, "seed": f"seed {trial.seed}"})
    medians: list[Mark] = []
    for split, field, shade in (("test", "test_accuracy", colour), ("training", "train_accuracy", "var(--soft)")):
        for number, value in enumerate(_medians(row, field), 1):
            medians.append({"x": number, "y": 100 * value, "split": split, "colour": shade})
    printed: list[Mark] = []
    for number, tutorial in enumerate(row.tutorial_epochs, 1):
        printed.append({"x": number, "y": 100 * tutorial.accuracy, "test": False})
        if tutorial.val_accuracy is not None:
            printed.append({"x": number, "y": 100 * tutorial.val_accuracy, "test": True})

    # The names of the lines, one above the other
    names = [mark.copy() for mark in medians if mark["x"] == last]
    names.sort(key=lambda mark: -mark["y"])
    for upper, lower in pairwise(names):
        lower["y"] = min(lower["y"], upper["y"] - LINE_HEIGHT / PANEL_HEIGHT * (high - low))

    spec = fill_spec(
        "learning",
        title=row.title,
        height=PANEL_HEIGHT,
        epochs=[0.8, last],
        ticks=list(range(1, last + 1, max(1, -(-last // 8)))),
        domain=[low, high],
        colour=colour,
        seeds=seeds,
        medians=medians,
        names=names,
        printed=printed,
    )
    after = ", ".join(percent(value) for value in _medians(row, "test_accuracy"))
    alt = f"{row.title}: median test accuracy after each epoch {after}."
    return Chart(to_svg(spec, f"learning-{row.architecture}"), alt)


def _learning_domain(rows: Sequence[LadderRow]) -> list[float]:
    """The same for all; a seed may start below the drawing, so that the others are not pressed together."""
    values: list[float] = []
    for row in rows:
        values += _medians(row, "test_accuracy") + _medians(row, "train_accuracy")
        for trial in row.trials:
            if trial.epochs:
                values.append(trial.epochs[-1].test_accuracy)
        for printed in row.tutorial_epochs:
            values.append(printed.accuracy)
            if printed.val_accuracy is not None:
                values.append(printed.val_accuracy)
    return _around(100 * value for value in values)


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time, epoch by epoch for networks; a floor is not drawn."""
    path: list[Mark] = []
    ends: list[Mark] = []
    colours: list[str] = []
    shapes: list[str] = []
    all_floors = all(row.one_label for row in rows)
    for place, row in enumerate(rows):
        if row.one_label and not all_floors:
            continue
        seconds = list(accumulate(_medians(row, "train_seconds"))) or [row.train_seconds]
        accuracies = _medians(row, "test_accuracy") or [row.accuracy]
        for after, accuracy in zip(seconds, accuracies, strict=True):
            path.append({"title": row.title, "x": max(after, MIN_SECONDS), "y": 100 * accuracy})
        ends.append(path[-1])
        colours.append(series_colour(place))
        shapes.append(series_shape(place))

    # The first epochs may lie below the drawing, so that the ends are not pressed together
    times = [mark["x"] for mark in path]
    drawn = []
    for name, width, height, columns in (
        ("training-time", WIDE, 330, 4),
        ("training-time-narrow", NARROW, 400, 1),
    ):
        spec = fill_spec(
            "training-time",
            width=width,
            height=height,
            columns=columns,
            times=[0.8 * min(times), 1.25 * max(times)],
            domain=_around(mark["y"] for mark in ends),
            titles=[mark["title"] for mark in ends],
            colours=colours,
            shapes=shapes,
            path=path,
            ends=ends,
        )
        drawn.append(to_svg(spec, name))
    sentences = ["Accuracy against training time."]
    for row in rows:
        sentences.append(f"{row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds.")
    return Chart(drawn[0], " ".join(sentences), drawn[1])


# Calibration


def _calibration(row: LadderRow, colour: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    curves: list[Mark] = []
    for place, curve in enumerate(row.calibration.curves):
        for predicted, observed in curve:
            curves.append({"x": 100 * predicted, "y": 100 * observed, "seed": place})
    gap = f"average gap {points(100 * row.calibration.error)}"
    title = [*textwrap.wrap(row.title, 27)[:2], gap, ""][:3]  # always three lines, so that the drawings stand in line
    spec = fill_spec("calibration", width=SMALL_PANEL, title=title, colour=colour, curves=curves)
    alt = f"{row.title}: average calibration gap {points(100 * row.calibration.error)}."
    return Chart(to_svg(spec, f"calibration-{row.architecture}"), alt)


def _around(values: Iterable[float]) -> list[float]:
    """A domain with some room at both ends."""
    inside = list(values)
    return [round(min(inside) - 0.5, 2), round(max(inside) + 0.5, 2)]
