"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median
from typing import Any, NamedTuple

from benchmark.report.report_types import LadderRow, Reference, Report
from benchmark.report.theme import BAND, GRID, INK, PAPER, REFERENCE, RULE, SOFT, series_colour, series_shape
from benchmark.report.vega import (
    FIT,
    OWN_COLOUR,
    PERCENT_AXIS,
    Mark,
    Spec,
    around,
    layer,
    linear,
    nominal,
    to_svg,
)
from benchmark.wording import percent, percent_interval, points

WIDE, NARROW, PANEL, SMALL_PANEL = 880, 340, 295, 172
PANEL_HEIGHT, LINE_HEIGHT = 150, 14
PANEL_PADDING = {"left": 40, "right": 72, "top": 28, "bottom": 40}
NAMES_WIDTH = 270  # left and right of the wide ladder
MAX_DEPTH_POINTS = 14.0  # what lies further below the lowest median goes on beyond the edge of the ladder
TIME_TICKS = [0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000]
TIME_LABEL = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value / 3600 + ' h'"
)
MIN_SECONDS = 0.01  # a logarithmic scale has no zero
FULL_TRIANGLE = {"shape": "triangle-up", "size": 55, "stroke": INK, "strokeWidth": 1.3, "opacity": 1}
OPEN_TRIANGLE = {"shape": "triangle-down", "size": 40, "fill": PAPER, "stroke": INK, "strokeWidth": 1.3, "opacity": 1}


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


class Places(NamedTuple):
    """Heights inside a row of the ladder, from its top; `row` is its height in pixels."""

    row: int
    name: float
    published: float
    typical: float
    seeds: float


WIDE_PLACES = Places(row=32, name=0.48, published=0.16, typical=0.48, seeds=0.8)
NARROW_PLACES = Places(row=60, name=0.2, published=0.4, typical=0.62, seeds=0.85)


def draw_ladder(rows: Sequence[LadderRow], reference: Reference | None, name: str, margin_points: float) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    sentences = ["Test accuracy of each architecture."]
    for row in rows[::-1]:
        sentences.append(f"{row.title}: {percent(row.accuracy)} ({percent_interval(row.interval)}).")
    if reference:
        sentences.append(f"A vertical line marks {percent(reference.accuracy)}, {reference.name}.")
    wide = to_svg(_ladder(rows, reference, margin_points, wide=True), name)
    narrow = to_svg(_ladder(rows, reference, margin_points, wide=False), f"{name}-narrow")
    return Chart(wide, " ".join(sentences), narrow)


def _ladder(rows: Sequence[LadderRow], reference: Reference | None, margin_points: float, *, wide: bool) -> Spec:
    places = WIDE_PLACES if wide else NARROW_PLACES
    low, high = _ladder_domain(rows, reference)

    # What stands in each row
    medians: list[Mark] = []
    dots: list[Mark] = []
    published: list[Mark] = []
    arrows: list[Mark] = []
    for place, row in enumerate(rows[::-1]):
        colour = series_colour(place)
        y = place + places.typical
        medians.append(
            {
                "x": 100 * row.accuracy,
                "y": y,
                "from": max(low, 100 * row.interval.low),
                "to": min(high, 100 * row.interval.high),
                "colour": colour,
                "name": row.title,
                "value": percent(row.accuracy),
                "name_y": place + places.name,
            }
        )
        if not row.deterministic:
            for accuracy in row.accuracies:
                dots.append({"x": 100 * accuracy, "y": place + places.seeds, "colour": colour})
        if row.published_accuracy:
            published.append({"x": 100 * row.published_accuracy, "y": place + places.published})
        worst = 100 * row.accuracies[0]
        if worst < low:
            text = f"\u2190 {worst:.2f}%"
            arrows.append({"x": low, "y": place + places.seeds, "text": text, "colour": colour})
        elif 100 * row.interval.low < low:
            arrows.append({"x": low, "y": y, "text": "\u2190", "colour": colour})
    inside = [mark for mark in medians if mark["x"] >= low]
    dots = [mark for mark in dots if mark["x"] >= low]
    published = [mark for mark in published if mark["x"] >= low]

    # The layers, from the lowest to the highest
    axis = {**PERCENT_AXIS, "title": "Accuracy on the test split", "tickCount": 7 if wide else 4}
    x = linear("x", [low, high], axis)
    y_scale = {"domain": [0, len(rows)], "reverse": True, "nice": False}
    y_axis = {"field": "y", "type": "quantitative", "scale": y_scale, "axis": None}
    at = {"x": x, "y": y_axis}
    span = {"x": {**x, "field": "from"}, "x2": {"field": "to"}, "y": y_axis}
    lines = [{"y": line} for line in range(len(rows) + 1)]
    dot = {"filled": True, "size": 34, "opacity": 0.8}
    large_dot = {"size": 100, "opacity": 1, "stroke": PAPER, "strokeWidth": 1.5}
    arrow = {"align": "left", "fontSize": 11}
    layers = []
    if reference:
        layers += _reference_layers(reference, margin_points, x, low, high)
    layers.append(layer(lines, "rule", {"color": GRID}, y=y_axis))
    layers += _ladder_names(medians, y_axis, wide)
    layers.append(layer(inside, "rule", {"strokeWidth": 3}, **span, color=OWN_COLOUR))
    layers.append(layer(dots, "circle", dot, **at, color=OWN_COLOUR))
    layers.append(layer(published, "point", OPEN_TRIANGLE, **at))
    layers.append(layer(inside, "circle", large_dot, **at, color=OWN_COLOUR))
    layers.append(layer(arrows, "text", arrow, **at, color=OWN_COLOUR, text={"field": "text"}))
    width = WIDE - NAMES_WIDTH if wide else NARROW
    return {"width": width, "height": places.row * len(rows), "layer": layers}


def _ladder_names(medians: list[Mark], y: Spec, wide: bool) -> list[Spec]:
    """Left and right of the drawing, or above each interval where there is no room beside it."""
    at = {**y, "field": "name_y"}
    bold = {"fontWeight": 600, "fontSize": 13, "baseline": "middle"}
    left, right = bold | {"align": "left"}, bold | {"align": "right"}
    halos: list[Spec] = [{"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round"}, {}]
    if wide:
        left, right = bold | {"align": "right", "dx": -12}, bold | {"align": "left", "dx": 12}
        halos = [{}]
    layers = []
    for halo in halos:  # first in the colour of the paper, so that no line crosses the letters
        layers.append(layer(medians, "text", left | halo, x={"value": 0}, y=at, text={"field": "name"}))
        layers.append(layer(medians, "text", right | halo, x={"value": "width"}, y=at, text={"field": "value"}))
    return layers


def _reference_layers(reference: Reference, margin_points: float, x: Spec, low: float, high: float) -> list[Spec]:
    at = 100 * reference.accuracy
    place = (at - low) / (high - low)
    align = "center"  # the label must stay inside the drawing
    if place > 0.7:
        align = "right"
    elif place < 0.3:
        align = "left"
    band = [{"from": max(low, at - margin_points), "to": min(high, at + margin_points)}]
    label = {"color": REFERENCE, "align": align, "baseline": "bottom", "y": -6}
    text = {"value": f"{reference.name}: {percent(reference.accuracy)}"}
    return [
        layer(band, "rect", {"color": BAND}, x={**x, "field": "from"}, x2={"field": "to"}),
        layer([{"x": at}], "rule", {"color": REFERENCE, "strokeWidth": 1.25}, x=x),
        layer([{"x": at}], "text", label, x=x, text=text),
    ]


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
    for split, field, shade in (("test", "test_accuracy", colour), ("training", "train_accuracy", SOFT)):
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

    ticks = list(range(1, last + 1, max(1, -(-last // 8))))
    x_axis = {"title": "Epoch", "values": ticks, "format": "d", "grid": False, "labelFlush": False}
    at = {"x": linear("x", [0.8, last], x_axis), "y": linear("y", [low, high], PERCENT_AXIS)}
    thin = {"strokeWidth": 1, "opacity": 0.5, "color": colour, "clip": True}
    thick = {"strokeWidth": 2.5, "point": {"size": 36, "opacity": 1}}
    label = {"align": "left", "baseline": "middle", "dx": 8, "fontWeight": 600}
    layers = [
        layer(seeds, "line", thin, **at, detail={"field": "seed"}),
        layer(medians, "line", thick, **at, color=OWN_COLOUR),
        layer(names, "text", label, **at, color=OWN_COLOUR, text={"field": "split"}),
        layer(printed, "point", FULL_TRIANGLE, **at, fill=nominal("test", [False, True], [PAPER, INK])),
    ]
    spec = {
        "title": {"text": row.title, "frame": "group", "dx": -34},
        "autosize": "none",
        "padding": PANEL_PADDING,
        "width": PANEL - PANEL_PADDING["left"] - PANEL_PADDING["right"],
        "height": PANEL_HEIGHT,
        "layer": layers,
    }
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
    return around(100 * value for value in values)


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time on a logarithmic scale, epoch by epoch for networks.

    Architectures differ in colour and shape, so that neither is needed alone. A floor is not drawn.
    """
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
    x_axis = {
        "title": "Training time, logarithmic",
        "values": TIME_TICKS,
        "labelExpr": TIME_LABEL,
        "grid": False,
    }
    x = linear("x", [0.8 * min(times), 1.25 * max(times)], x_axis)
    x["scale"]["type"] = "log"
    y_axis = linear("y", around(mark["y"] for mark in ends), PERCENT_AXIS)
    titles = [mark["title"] for mark in ends]
    line = {"strokeWidth": 1.5, "clip": True}
    point = {"filled": True, "size": 60, "opacity": 1}

    def draw(name: str, width: int, height: int, columns: int) -> str:
        legend = {"columns": columns, "labelLimit": 300}
        at: dict[str, Any] = {"x": x, "y": y_axis, "color": nominal("title", titles, colours, legend)}
        shape = nominal("title", titles, shapes, legend)
        layers = [layer(path, "line", line, **at), layer(ends, "point", point, **at, shape=shape)]
        title = "Accuracy against training time"
        return to_svg({"title": title, **FIT, "width": width, "height": height, "layer": layers}, name)

    sentences = ["Accuracy against training time."]
    for row in rows:
        sentences.append(f"{row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds.")
    wide = draw("training-time", WIDE, 330, columns=4)
    narrow = draw("training-time-narrow", NARROW, 400, columns=1)
    return Chart(wide, " ".join(sentences), narrow)


# Calibration


def _calibration(row: LadderRow, colour: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    data: list[Mark] = []
    for place, curve in enumerate(row.calibration.curves):
        for predicted, observed in curve:
            data.append({"x": 100 * predicted, "y": 100 * observed, "seed": place})
    axis = {**PERCENT_AXIS, "values": [0, 50, 100], "grid": False}
    at = {
        "x": linear("x", [0, 100], {**axis, "title": "Predicted"}),
        "y": linear("y", [0, 100], {**axis, "title": "Observed"}),
    }
    diagonal = [{"x": 0, "y": 0}, {"x": 100, "y": 100}]
    line = {"color": colour, "strokeWidth": 1.25, "point": {"size": 16, "color": colour}}
    layers = [
        layer(diagonal, "line", {"color": RULE, "strokeWidth": 1.5}, **at),
        layer(data, "line", line, **at, detail={"field": "seed"}),
    ]
    gap = f"average gap {points(100 * row.calibration.error)}"
    lines = [*textwrap.wrap(row.title, 27)[:2], gap, ""][:3]  # always three, so that the drawings stand in line
    title = {"text": lines, "fontSize": 11, "limit": SMALL_PANEL}
    spec = {"title": title, **FIT, "width": SMALL_PANEL, "height": 195, "layer": layers}
    alt = f"{row.title}: average calibration gap {points(100 * row.calibration.error)}."
    return Chart(to_svg(spec, f"calibration-{row.architecture}"), alt)
