"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from statistics import fmean
from typing import Any, NamedTuple

from benchmark.report.report_types import LadderRow, Reference, Report
from benchmark.report.theme import (
    BAND,
    CHART_CONFIG,
    GRID,
    INK,
    PAPER,
    REFERENCE,
    RULE,
    SOFT,
    series_colour,
    series_shape,
)
from benchmark.wording import percent, percent_interval, points

Spec = dict[str, Any]
Mark = dict[str, Any]

WIDE, NARROW, PANEL, SMALL_PANEL = 880, 340, 295, 172
PANEL_HEIGHT, LINE_HEIGHT = 150, 14
PANEL_PADDING = {"left": 40, "right": 72, "top": 28, "bottom": 40}
FIELDS = ("test_accuracy", "train_accuracy")
MAX_DEPTH_POINTS = 14.0  # what lies further below the best is an arrow at the edge, or not drawn
PERCENT_AXIS = {"title": None, "labelExpr": "datum.label + '%'", "tickCount": 5}
TIME_TICKS = [0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000]
TIME_LABEL = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value / 3600 + ' h'"
)
FIT = {"autosize": {"type": "fit", "contains": "padding"}}
CROSS = "M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z"
OWN = {"field": "colour", "type": "nominal", "scale": None, "legend": None}


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
        if row.seeds[0].epochs:
            charts[f"learning-{row.architecture}"] = _learning(best_first, place)
        if not row.one_label:
            charts[f"calibration-{row.architecture}"] = _calibration(row, series_colour(place))
    if len(best_first) > 1:
        charts["training-time"] = _training_time(best_first)
    return charts


def draw_ladder(rows: Sequence[LadderRow], reference: Reference | None, name: str, margin_points: float = 0) -> Chart:
    """Draw every architecture, the best on top: mean with interval, seeds as dots, published figures as triangles."""
    sentences = [f"{row.title}: {percent(row.accuracy)} ({percent_interval(row.interval)})." for row in rows[::-1]]
    line = [f"A vertical line marks {percent(reference.accuracy)}, {reference.name}."] if reference else []
    wide, narrow = (
        to_svg(_ladder(rows, reference, margin_points, width), name if width == WIDE else f"{name}-narrow")
        for width in (WIDE, NARROW)
    )
    return Chart(wide, " ".join(["Test accuracy of each architecture.", *sentences, *line]), narrow)


def _ladder(rows: Sequence[LadderRow], reference: Reference | None, margin_points: float, width: int) -> Spec:
    wide = width == WIDE
    # places inside a row, from its top
    height, name_at, published_at, mean_at, seeds_at = (
        (32, 0.48, 0.16, 0.48, 0.8) if wide else (60, 0.2, 0.4, 0.62, 0.85)
    )
    low, high = _ladder_domain(rows, reference)
    axis = {**PERCENT_AXIS, "title": "Accuracy on the test split", "tickCount": 7 if wide else 4}
    x = {"type": "quantitative", "scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": axis}
    y = {"type": "quantitative", "scale": {"domain": [0, len(rows)], "reverse": True, "nice": False}, "axis": None}
    means: list[Mark] = []
    dots: list[Mark] = []
    arrows: list[Mark] = []
    published: list[Mark] = []
    for place, row in enumerate(rows[::-1]):
        colour, mean = {"colour": series_colour(place)}, 100 * row.accuracy
        ends = {"from": max(low, 100 * row.interval.low), "to": min(high, 100 * row.interval.high)}
        names = {"name": row.title, "value": percent(row.accuracy), "name_y": place + name_at}
        means.append({"x": mean, "y": place + mean_at, **colour, **ends, **names})
        seeds = [] if row.deterministic else row.seeds
        dots += [{"x": 100 * one.accuracy, "y": place + seeds_at, "bad": one.collapsed, **colour} for one in seeds]
        if (lowest := min([mean, *(100 * one.accuracy for one in seeds)])) < low:
            arrows.append({"x": low, "y": place + seeds_at, "text": f"\u2190 {lowest:.2f}%", **colour})
        if row.published_accuracy:
            published.append({"x": 100 * row.published_accuracy, "y": place + published_at})
    at = {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}}
    shape = _nominal("bad", [False, True], ["circle", CROSS])
    triangle = {"shape": "triangle-down", "size": 40, "fill": PAPER, "stroke": INK, "strokeWidth": 1.3, "opacity": 1}
    seen, dots, published = ([one for one in marks if one["x"] >= low] for marks in (means, dots, published))
    layers = [
        *(_reference_layers(reference, margin_points, x, low, high) if reference else ()),
        _layer([{"y": line} for line in range(len(rows) + 1)], "rule", {"color": GRID}, y=at["y"]),
        *_ladder_names(means, y, wide),
        _layer(seen, "rule", {"strokeWidth": 3}, x={**x, "field": "from"}, x2={"field": "to"}, y=at["y"], color=OWN),
        _layer(dots, "point", {"filled": True, "size": 34, "opacity": 0.8}, **at, color=OWN, shape=shape),
        _layer(published, "point", triangle, **at),
        _layer(seen, "circle", {"size": 100, "opacity": 1, "stroke": PAPER, "strokeWidth": 1.5}, **at, color=OWN),
        _layer(arrows, "text", {"align": "left", "fontSize": 11}, **at, color=OWN, text={"field": "text"}),
    ]
    return {"width": width - (270 if wide else 0), "height": height * len(rows), "layer": layers}


def _ladder_names(means: list[Mark], y: Spec, wide: bool) -> list[Spec]:
    """Left and right of the drawing, or above each interval where there is no room beside it."""
    bold = {"fontWeight": 600, "fontSize": 13, "baseline": "middle"}
    left = {"align": "right", "dx": -12} if wide else {"align": "left"}
    right = {"align": "left", "dx": 12} if wide else {"align": "right"}
    at = {**y, "field": "name_y"}
    # first in the colour of the paper, so that no line crosses the letters
    halo = {"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round"}
    return [
        _layer(means, "text", bold | side | more, x={"value": place}, y=at, text={"field": field})
        for more in ([{}] if wide else [halo, {}])
        for side, place, field in ((left, 0, "name"), (right, "width", "value"))
    ]


def _reference_layers(reference: Reference, margin_points: float, x: Spec, low: float, high: float) -> list[Spec]:
    at = 100 * reference.accuracy
    place = (at - low) / (high - low)  # the label must stay inside the drawing
    align = "right" if place > 0.7 else "left" if place < 0.3 else "center"
    band = [{"from": max(low, at - margin_points), "to": min(high, at + margin_points)}]
    label = {"color": REFERENCE, "align": align, "baseline": "bottom", "y": -6}
    text = {"value": f"{reference.name}: {percent(reference.accuracy)}"}
    return [
        _layer(band, "rect", {"color": BAND}, x={**x, "field": "from"}, x2={"field": "to"}),
        _layer([{"x": at}], "rule", {"color": REFERENCE, "strokeWidth": 1.25}, x={**x, "field": "x"}),
        _layer([{"x": at}], "text", label, x={**x, "field": "x"}, text=text),
    ]


def _ladder_domain(rows: Sequence[LadderRow], reference: Reference | None) -> tuple[float, float]:
    values = [end for row in rows for end in row.interval] + [seed.accuracy for row in rows for seed in row.seeds]
    values += [row.published_accuracy for row in rows if row.published_accuracy]
    values += [reference.accuracy] if reference else []
    low = max(100 * min(values), 100 * max(row.accuracy for row in rows) - MAX_DEPTH_POINTS)
    return round(low - 0.5, 2), round(min(100 * max(values) + 0.5, 100.2), 2)


def _means(row: LadderRow, field: str) -> list[float]:
    """Mean after each epoch over the seeds that did not collapse; empty for a baseline."""
    good = [seed.epochs for seed in row.seeds if not seed.collapsed]
    return [fmean(getattr(one, field) for one in epochs) for epochs in zip(*good, strict=True)]


def _learning(rows: Sequence[LadderRow], place: int) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their mean thick, the training split grey, collapsed seeds dashed."""
    row, colour = rows[place], series_colour(place)
    last = len(row.seeds[0].epochs)
    good_seeds, bad_seeds = (
        [
            {"x": one.epoch, "y": 100 * one.test_accuracy, "seed": f"seed {seed.seed}"}
            for seed in row.seeds
            if seed.collapsed == collapsed
            for one in seed.epochs
        ]
        for collapsed in (False, True)
    )
    means: list[Mark] = [
        {"x": epoch, "y": 100 * mean, "split": split, "colour": shade}
        for split, field, shade in zip(("test", "training"), FIELDS, (colour, SOFT), strict=True)
        for epoch, mean in enumerate(_means(row, field), 1)
    ]
    printed = [
        {"x": epoch, "y": 100 * value, "test": is_test}
        for epoch, one in enumerate(row.tutorial_epochs, 1)
        for value, is_test in ((one.accuracy, False), (one.val_accuracy, True))
        if value is not None
    ]
    # a seed may start below the drawing, so that the others are not pressed together
    every: list[float] = []
    for each in rows:
        every += [one for field in FIELDS for one in _means(each, field)]
        every += [one.epochs[-1].test_accuracy for one in each.seeds if one.epochs]
        every += [one for epoch in each.tutorial_epochs for one in (epoch.accuracy, epoch.val_accuracy) if one]
    low, high = _around(100 * one for one in every)
    names = [one.copy() for one in means if one["x"] == last]
    if ends := [100 * seed.accuracy for seed in row.seeds if seed.collapsed]:
        names.append({"x": last, "y": fmean(ends), "split": "collapsed", "colour": REFERENCE})
    names.sort(key=lambda one: -one["y"])
    for upper, lower in pairwise(names):
        lower["y"] = min(lower["y"], upper["y"] - LINE_HEIGHT / PANEL_HEIGHT * (high - low))
    ticks = list(range(1, last + 1, max(1, -(-last // 8))))
    at = {
        "x": _linear("x", [0.8, last], title="Epoch", values=ticks, format="d", grid=False, labelFlush=False),
        "y": _linear("y", [low, high], **PERCENT_AXIS),
    }
    seed = {"detail": {"field": "seed"}}
    thin = {"strokeWidth": 1, "opacity": 0.5, "color": colour, "clip": True}
    dashed = {"strokeWidth": 1.75, "strokeDash": [5, 3], "color": REFERENCE, "clip": True}
    label = {"align": "left", "baseline": "middle", "dx": 8, "fontWeight": 600}
    triangle = {"shape": "triangle-up", "size": 55, "stroke": INK, "strokeWidth": 1.3, "opacity": 1}
    layers = [
        _layer(good_seeds, "line", thin, **at, **seed),
        _layer(bad_seeds, "line", dashed, **at, **seed),
        _layer(means, "line", {"strokeWidth": 2.5, "point": {"size": 36, "opacity": 1}}, **at, color=OWN),
        _layer(names, "text", label, **at, color=OWN, text={"field": "split"}),
        _layer(printed, "point", triangle, **at, fill=_nominal("test", [False, True], [PAPER, INK])),
    ]
    after = ", ".join(f"{one['y']:.2f}%" for one in means if one["split"] == "test")
    size = {"autosize": "none", "padding": PANEL_PADDING, "width": PANEL - 112, "height": PANEL_HEIGHT}
    spec = {"title": {"text": row.title, "frame": "group", "dx": -34}, **size, "layer": layers}
    alt = f"{row.title}: mean test accuracy after each epoch {after}."
    return Chart(to_svg(spec, f"learning-{row.architecture}"), alt)


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time on a logarithmic scale, epoch by epoch for networks.

    Architectures differ in colour and shape, so that neither is needed alone.
    """
    data: list[Mark] = []
    for row in rows:
        seconds = list(accumulate(_means(row, "train_seconds"))) or [row.train_seconds]
        accuracies = _means(row, "test_accuracy") or [row.accuracy]
        shown: list[Mark] = [
            {"title": row.title, "x": max(x, 0.01), "y": 100 * y, "last": False}
            for x, y in zip(seconds, accuracies, strict=True)
            if y >= rows[0].accuracy - MAX_DEPTH_POINTS / 100
        ]
        data += [*shown[:-1], *({**one, "last": True} for one in shown[-1:])]
    places = {row.title: place for place, row in enumerate(rows) if any(one["title"] == row.title for one in data)}
    colour = _nominal("title", list(places), [series_colour(place) for place in places.values()])
    shape = _nominal("title", list(places), [series_shape(place) for place in places.values()])
    x = _linear("x", [0.8 * min(one["x"] for one in data), 1.25 * max(one["x"] for one in data)], grid=False)
    x["scale"]["type"] = "log"
    x["axis"] |= {"title": "Training time, logarithmic", "values": TIME_TICKS, "labelExpr": TIME_LABEL}
    y = _linear("y", _around(one["y"] for one in data), **PERCENT_AXIS)
    title, drawn = "Accuracy against training time", []
    for width, height, columns, name in ((WIDE, 330, 4, "training-time"), (NARROW, 400, 1, "training-time-narrow")):
        legend = {"legend": {"columns": columns, "labelLimit": 300}}
        at = {"x": x, "y": y, "color": colour | legend}
        marks = {"filled": True, "size": 60, "opacity": 1}
        layers = [
            _layer(data, "line", {"strokeWidth": 1.5}, **at),
            _layer([one for one in data if one["last"]], "point", marks, **at, shape=shape | legend),
        ]
        spec = {"title": title, **FIT, "width": width, "height": height, "layer": layers}
        drawn.append(to_svg(spec, name))
    ends = [f"{row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds." for row in rows]
    return Chart(drawn[0], f"{title}. {' '.join(ends)}", drawn[1])


def _calibration(row: LadderRow, colour: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    data = [
        {"x": 100 * predicted, "y": 100 * observed, "seed": place}
        for place, curve in enumerate(row.calibration.curves)
        for predicted, observed in curve
    ]
    ticks = {**PERCENT_AXIS, "values": [0, 50, 100], "grid": False}
    at = {field: _linear(field, [0, 100], **ticks) for field in ("x", "y")}
    at["x"]["axis"]["title"], at["y"]["axis"]["title"] = "Predicted", "Observed"
    line = {"color": colour, "strokeWidth": 1.25, "point": {"size": 16, "color": colour}}
    layers = [
        _layer([{"x": 0, "y": 0}, {"x": 100, "y": 100}], "line", {"color": RULE, "strokeWidth": 1.5}, **at),
        _layer(data, "line", line, **at, detail={"field": "seed"}),
    ]
    gap = f"average gap {points(100 * row.calibration.error)}"
    lines = [*textwrap.wrap(row.title, 27)[:2], gap, ""][:3]  # always three, so that the drawings stand in line
    title = {"text": lines, "fontSize": 11, "limit": SMALL_PANEL}
    spec = {"title": title, **FIT, "width": SMALL_PANEL, "height": 195, "layer": layers}
    alt = f"{row.title}: average calibration gap {points(100 * row.calibration.error)}."
    return Chart(to_svg(spec, f"calibration-{row.architecture}"), alt)


def to_svg(spec: Spec, name: str) -> str:
    """Draw a Vega-Lite specification, with ids that are unique in a page with other charts."""
    import vl_convert

    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec, "config": CHART_CONFIG}
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", vl_convert.vegalite_to_svg(whole))
    ids: dict[str, int] = {}  # Vega counts through all charts of a process
    return re.sub(
        r'(id="|url\(#)((?:clip|gradient)\w*)', lambda one: f"{one[1]}{name}-{ids.setdefault(one[2], len(ids))}", svg
    )


def _layer(values: Iterable[Mark], mark: str, settings: Spec | None = None, **encoding: Any) -> Spec:
    short = [{key: round(one, 3) if isinstance(one, float) else one for key, one in row.items()} for row in values]
    return {"data": {"values": short}, "mark": {"type": mark, **(settings or {})}, "encoding": encoding}


def _linear(field: str, domain: list[float], **axis: Any) -> Spec:
    scale = {"domain": domain, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _nominal(field: str, domain: list[Any], values: list[str]) -> Spec:
    return {"field": field, "type": "nominal", "scale": {"domain": domain, "range": values}, "legend": None}


def _around(values: Iterable[float]) -> list[float]:
    found = list(values)
    return [round(min(found) - 0.5, 2), round(max(found) + 0.5, 2)]
