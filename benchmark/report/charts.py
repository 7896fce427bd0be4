"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any, NamedTuple

from benchmark.report.report_types import EpochRow, LadderRow, Reference, Report
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
from benchmark.report.wording import percent, percent_interval

Spec = dict[str, Any]
Record = dict[str, Any]

WIDE, NARROW, HALF, PANEL, SMALL_PANEL = 880, 340, 440, 295, 172
MAX_DEPTH_POINTS = 14.0  # what lies further below the best is an arrow at the edge
PERCENT_AXIS = {"labelExpr": "datum.label + '%'", "tickCount": 5}
TIME_TICKS = (0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000)
TIME_LABEL = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value / 3600 + ' h'"
)
FIT = {"autosize": {"type": "fit", "contains": "padding"}}


class Chart(NamedTuple):
    """A drawing with CSS variables as colours; `narrow` replaces it on a phone."""

    svg: str
    alt: str
    narrow: str | None = None


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    margin = report.config.equivalence_margin_points
    charts = {"ladder": draw_ladder(report.rows, report.reference, margin, "ladder")}
    for row in report.rows[::-1]:
        if epochs := [epoch for epoch in report.epochs if epoch.architecture == row.architecture]:
            charts[f"learning-{row.architecture}"] = _learning(report, row, epochs)
    if len(report.rows) > 1:
        charts["training-time"] = _training_time(report)
        if report.accuracy_by_length:
            charts["length"] = _length(report)
    for one in report.calibration:
        charts[f"calibration-{one.architecture}"] = _calibration(report, one.architecture)
    return charts


def draw_ladder(rows: tuple[LadderRow, ...], reference: Reference | None, margin_points: float, name: str) -> Chart:
    """Draw every architecture, the best on top: mean with interval, seeds as dots, published figures as marks."""
    sentences = [
        f"{row.title}: {percent(row.accuracy)}, interval {percent_interval(row.interval)}." for row in rows[::-1]
    ]
    if reference:
        sentences.append(f"A vertical line marks {percent(reference.accuracy)}, {reference.name}.")
    alt = " ".join(["Test accuracy of each architecture.", *sentences])
    svg = to_svg(_ladder(rows, reference, margin_points, WIDE), name)
    return Chart(svg, alt, to_svg(_ladder(rows, reference, margin_points, NARROW), f"{name}-narrow"))


def _ladder(rows: tuple[LadderRow, ...], reference: Reference | None, margin_points: float, width: int) -> Spec:
    wide = width == WIDE
    height, name_at, published_at, mean_at, seeds_at = (
        (40, 0.48, 0.16, 0.48, 0.8) if wide else (60, 0.2, 0.4, 0.62, 0.85)
    )
    low, high = _ladder_domain(rows, reference)
    x_axis = {"title": "Accuracy on the test split", **PERCENT_AXIS, "tickCount": 7 if wide else 4, "grid": True}
    x = {"type": "quantitative", "scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": x_axis}
    y = {"type": "quantitative", "scale": {"domain": [0, len(rows)], "reverse": True, "nice": False}, "axis": None}
    means: list[Record] = []
    dots: list[Record] = []
    arrows: list[Record] = []
    published: list[Record] = []
    for place, row in enumerate(rows[::-1]):
        colour = series_colour(_place(rows, row.architecture))
        bounds = {"from": max(low, 100 * row.interval.low), "to": min(high, 100 * row.interval.high)}
        label = {"name": row.title, "value": percent(row.accuracy), "name_y": place + name_at}
        means.append({"x": 100 * row.accuracy, "y": place + mean_at, "colour": colour, **bounds, **label})
        accuracies = [(100 * seed.accuracy, seed.collapsed) for seed in row.seeds if not row.deterministic]
        at = place + seeds_at
        dots += [{"x": value, "y": at, "colour": colour, "bad": bad} for value, bad in accuracies if value >= low]
        beyond = [value for value in [100 * row.accuracy, *(value for value, _ in accuracies)] if value < low]
        if beyond:
            arrows.append({"x": low, "y": at, "text": f"\u25c0 {min(beyond):.2f}%", "colour": colour})
        if row.published and 100 * row.published.accuracy >= low:
            published.append({"x": 100 * row.published.accuracy, "y": place + published_at})
    own = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    seen = [mean for mean in means if mean["x"] >= low]
    layers = [
        *(_reference_layers(reference, margin_points, x, low, high) if reference else ()),
        _layer([{"y": line} for line in range(len(rows) + 1)], {"type": "rule", "color": GRID}, y={**y, "field": "y"}),
        *_ladder_names(means, y, wide),
        _layer(
            seen,
            {"type": "rule", "strokeWidth": 3, "strokeCap": "round"},
            x={**x, "field": "from"},
            x2={"field": "to"},
            y={**y, "field": "y"},
            color=own,
        ),
        _layer(
            dots,
            {"type": "point", "filled": True, "size": 34, "opacity": 0.8},
            x={**x, "field": "x"},
            y={**y, "field": "y"},
            color=own,
            shape={
                "field": "bad",
                "type": "nominal",
                "scale": {"domain": [False, True], "range": ["circle", CROSS]},
                "legend": None,
            },
        ),
        _layer(
            published,
            {
                "type": "point",
                "shape": "triangle-down",
                "size": 40,
                "fill": PAPER,
                "stroke": INK,
                "strokeWidth": 1.3,
                "opacity": 1,
            },
            x={**x, "field": "x"},
            y={**y, "field": "y"},
        ),
        _layer(
            seen,
            {"type": "circle", "size": 100, "opacity": 1, "stroke": PAPER, "strokeWidth": 1.5},
            x={**x, "field": "x"},
            y={**y, "field": "y"},
            color=own,
        ),
        _layer(
            arrows,
            {"type": "text", "align": "left", "fontSize": 11},
            x={**x, "field": "x"},
            y={**y, "field": "y"},
            text={"field": "text"},
            color=own,
        ),
    ]
    return {"width": width - (270 if wide else 0), "height": height * len(rows), "layer": layers}


CROSS = "M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z"


def _ladder_names(means: list[Record], y: Spec, wide: bool) -> list[Spec]:
    """Left and right of the drawing, or above each interval where there is no room beside it."""
    bold = {"type": "text", "fontWeight": 600, "fontSize": 13, "baseline": "middle"}
    left = {"align": "right", "dx": -12} if wide else {"align": "left"}
    right = {"align": "left", "dx": 12} if wide else {"align": "right"}
    at = {**y, "field": "name_y"}
    layers = []
    # first in the colour of the paper, so that no line crosses the letters
    for halo in ([] if wide else [{"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round"}]) + [{}]:
        layers += [
            _layer(means, {**bold, **left, **halo}, x={"value": 0}, y=at, text={"field": "name"}),
            _layer(means, {**bold, **right, **halo}, x={"value": "width"}, y=at, text={"field": "value"}),
        ]
    return layers


def _reference_layers(reference: Reference, margin_points: float, x: Spec, low: float, high: float) -> list[Spec]:
    at = 100 * reference.accuracy
    place = (at - low) / (high - low)  # the label must stay inside the drawing
    align = "right" if place > 0.7 else "left" if place < 0.3 else "center"
    band = [{"from": max(low, at - margin_points), "to": min(high, at + margin_points)}]
    label = {"type": "text", "color": REFERENCE, "align": align, "baseline": "bottom", "y": -6}
    text = {"value": f"{reference.name}: {percent(reference.accuracy)}"}
    return [
        _layer(band, {"type": "rect", "color": BAND}, x={**x, "field": "from"}, x2={"field": "to"}),
        _layer([{"x": at}], {"type": "rule", "color": REFERENCE, "strokeWidth": 1.25}, x={**x, "field": "x"}),
        _layer([{"x": at}], label, x={**x, "field": "x"}, text=text),
    ]


def _ladder_domain(rows: tuple[LadderRow, ...], reference: Reference | None) -> tuple[float, float]:
    values = [value for row in rows for value in (row.accuracy, row.interval.low, row.interval.high)]
    values += [seed.accuracy for row in rows for seed in row.seeds]
    values += [row.published.accuracy for row in rows if row.published]
    values += [reference.accuracy] if reference else []
    high = 100 * max(values)
    low = max(100 * min(values), 100 * rows[-1].accuracy - MAX_DEPTH_POINTS)
    return round(low - 0.5, 2), round(min(high + 0.5, 100.2), 2)


def _learning(report: Report, row: LadderRow, epochs: list[EpochRow]) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their mean thick, the training split grey."""
    collapsed = _collapsed(row)
    last = max(epoch.epoch for epoch in epochs)
    test = [
        {"x": one.epoch, "y": 100 * one.test_accuracy, "seed": str(one.seed), "bad": one.seed in collapsed}
        for one in epochs
    ]
    good = [one for one in epochs if one.seed not in collapsed]
    colour = series_colour(_place(report.rows, row.architecture))
    means: list[Record] = []
    for epoch in range(1, last + 1):
        here = [one for one in good if one.epoch == epoch]
        for split, values in (
            ("test", [one.test_accuracy for one in here]),
            ("training", [one.train_accuracy for one in here]),
        ):
            if values:
                means.append({"x": epoch, "y": 100 * sum(values) / len(values), "split": split})
    printed = [
        {"x": one.epoch, "y": 100 * value, "test": is_test}
        for one in report.tutorial_epochs
        if one.architecture == row.architecture
        for value, is_test in ((one.train_accuracy, False), (one.test_accuracy, True))
        if value is not None
    ]
    every = [100 * value for one in report.epochs for value in (one.test_accuracy, one.train_accuracy)]
    every += [one["y"] for one in printed]
    x = {
        "type": "quantitative",
        "field": "x",
        "scale": {"domain": [0.8, last * 1.12 + 0.3], "nice": False, "zero": False},
        "axis": {"title": "Epoch", "values": _whole_numbers(last), "format": "d", "grid": False},
    }
    y = {
        "type": "quantitative",
        "field": "y",
        "scale": {"domain": [round(min(every) - 1, 2), round(max(every) + 1, 2)], "nice": False, "zero": False},
        "axis": {"title": None, **PERCENT_AXIS},
    }
    split = {
        "field": "split",
        "type": "nominal",
        "scale": {"domain": ["test", "training"], "range": [colour, SOFT]},
        "legend": None,
    }
    ends = [mean for mean in means if mean["x"] == last]
    ends.sort(key=lambda mean: -mean["y"])
    bad_ends = [{**one, "text": f"seed {one['seed']}"} for one in test if one["bad"] and one["x"] == last]
    layers = [
        _layer(
            [one for one in test if not one["bad"]],
            {"type": "line", "strokeWidth": 1, "opacity": 0.5, "color": colour},
            x=x,
            y=y,
            detail={"field": "seed"},
        ),
        _layer(
            [one for one in test if one["bad"]],
            {"type": "line", "strokeWidth": 1.75, "strokeDash": [5, 3], "color": REFERENCE},
            x=x,
            y=y,
            detail={"field": "seed"},
        ),
        _layer(means, {"type": "line", "strokeWidth": 2.5, "point": {"size": 36, "opacity": 1}}, x=x, y=y, color=split),
        _layer(
            bad_ends, {"type": "text", "align": "left", "dx": 8, "color": REFERENCE}, x=x, y=y, text={"field": "text"}
        ),
        *(
            _layer(
                [end],
                {"type": "text", "align": "left", "dx": 8, "dy": shift, "fontWeight": 600},
                x=x,
                y=y,
                color=split,
                text={"field": "split"},
            )
            for end, shift in zip(ends, (-5, 7), strict=False)
        ),
        _layer(
            printed,
            {"type": "point", "shape": "triangle-up", "size": 55, "stroke": INK, "strokeWidth": 1.3, "opacity": 1},
            x=x,
            y=y,
            fill={
                "field": "test",
                "type": "nominal",
                "scale": {"domain": [False, True], "range": [PAPER, INK]},
                "legend": None,
            },
        ),
    ]
    values = ", ".join(f"{mean['y']:.2f}%" for mean in means if mean["split"] == "test")
    alt = f"{row.title}: mean test accuracy after each epoch {values}."
    spec = {"title": row.title, **FIT, "width": PANEL, "height": 215, "layer": layers}
    return Chart(to_svg(spec, f"learning-{row.architecture}"), alt)


def _training_time(report: Report) -> Chart:
    """Draw accuracy against training time on a logarithmic scale, epoch by epoch for networks."""
    low = 100 * report.rows[-1].accuracy - MAX_DEPTH_POINTS
    data: list[Record] = []
    for row in report.rows:
        good = [
            one for one in report.epochs if one.architecture == row.architecture and one.seed not in _collapsed(row)
        ]
        last, seconds = max((one.epoch for one in good), default=0), 0.0
        for epoch in range(1, last + 1):
            here = [one for one in good if one.epoch == epoch]
            seconds += sum(one.train_seconds for one in here) / len(here)
            accuracy = 100 * sum(one.test_accuracy for one in here) / len(here)
            data.append({"title": row.title, "x": seconds, "y": accuracy, "last": epoch == last})
        if not good:
            data.append({"title": row.title, "x": row.train_seconds, "y": 100 * row.accuracy, "last": True})
    shown = [one for one in data if one["y"] >= low and one["x"] > 0]
    seconds_shown = [one["x"] for one in shown]
    x = {
        "type": "quantitative",
        "field": "x",
        "scale": {"type": "log", "nice": False, "domain": [0.8 * min(seconds_shown), 1.25 * max(seconds_shown)]},
        "axis": {
            "title": "Training time, logarithmic",
            "grid": False,
            "values": list(TIME_TICKS),
            "labelExpr": TIME_LABEL,
        },
    }
    alt = "Accuracy against training time. " + " ".join(
        f"{row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds." for row in report.rows[::-1]
    )
    return _lines(report, shown, x, "Accuracy against training time", "training-time", alt)


def _length(report: Report) -> Chart:
    low = 100 * report.rows[-1].accuracy - MAX_DEPTH_POINTS
    titles = {row.architecture: row.title for row in report.rows}
    data = [
        {"title": titles[one.architecture], "x": one.label, "y": 100 * one.accuracy, "last": True}
        for one in report.accuracy_by_length
        if 100 * one.accuracy >= low
    ]
    labels = list(dict.fromkeys(one.label for one in report.accuracy_by_length))
    axis = {"title": "Words in the review", "labelAngle": 0, "grid": False}
    x = {"type": "ordinal", "field": "x", "sort": labels, "axis": axis}
    best = [one for one in report.accuracy_by_length if one.architecture == report.rows[-1].architecture]
    values = ", ".join(f"{percent(one.accuracy)} at {one.label} words" for one in best)
    alt = f"Accuracy by length of the review. {report.rows[-1].title}: {values}."
    return _lines(report, data, x, "Accuracy by length of the review", "length", alt)


def _lines(report: Report, data: list[Record], x: Spec, title: str, name: str, alt: str) -> Chart:
    """Draw a line with marks for each architecture, with colour and shape so that neither is needed alone."""
    rows = [row for row in report.rows[::-1] if any(one["title"] == row.title for one in data)]
    titles = [row.title for row in rows]
    places = [_place(report.rows, row.architecture) for row in rows]
    colour = {"domain": titles, "range": [series_colour(place) for place in places]}
    shape = {"domain": titles, "range": [series_shape(place) for place in places]}
    drawn = []
    for width in (HALF, NARROW):
        legend = {"columns": 2 if width == HALF else 1, "labelLimit": 185 if width == HALF else 300}
        encoding = {
            "x": x,
            "y": _percent_y(one["y"] for one in data),
            "color": {"field": "title", "type": "nominal", "scale": colour, "legend": legend},
        }
        marks = {**encoding, "shape": {"field": "title", "type": "nominal", "scale": shape}}
        layers = [
            _layer(data, {"type": "line", "strokeWidth": 1.5}, **encoding),
            _layer(
                [one for one in data if one["last"]],
                {"type": "point", "filled": True, "size": 60, "opacity": 1},
                **marks,
            ),
        ]
        spec = {"title": title, **FIT, "width": width, "height": 330 if width == HALF else 400, "layer": layers}
        drawn.append(to_svg(spec, name if width == HALF else f"{name}-narrow"))
    return Chart(drawn[0], alt, drawn[1])


def _calibration(report: Report, architecture: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    one = next(one for one in report.calibration if one.architecture == architecture)
    row = next(row for row in report.rows if row.architecture == architecture)
    colour = series_colour(_place(report.rows, architecture))
    data = [
        {"x": 100 * each.mean_probability, "y": 100 * each.positive_share, "seed": place}
        for place, seed in enumerate(one.bins)
        for each in seed
    ]
    ticks = {"labelExpr": "datum.label + '%'", "values": [0, 50, 100], "grid": False}
    scale = {"domain": [0, 100], "nice": False}
    x = {"type": "quantitative", "field": "x", "scale": scale, "axis": {**ticks, "title": "Predicted"}}
    y = {"type": "quantitative", "field": "y", "scale": scale, "axis": {**ticks, "title": "Observed"}}
    layers = [
        _layer([{"x": 0, "y": 0}, {"x": 100, "y": 100}], {"type": "line", "color": RULE, "strokeWidth": 1.5}, x=x, y=y),
        _layer(
            data,
            {"type": "line", "color": colour, "strokeWidth": 1.25, "point": {"size": 16, "color": colour}},
            x=x,
            y=y,
            detail={"field": "seed"},
        ),
    ]
    # always three lines, so that the drawings stand in line
    lines = [*textwrap.wrap(row.title, 27)[:2], f"average gap {percent(one.error)}"]
    title = {"text": [*lines, ""][:3], "fontSize": 11, "limit": SMALL_PANEL}
    spec = {"title": title, **FIT, "width": SMALL_PANEL, "height": 195, "layer": layers}
    return Chart(
        to_svg(spec, f"calibration-{architecture}"), f"{row.title}: average calibration gap {percent(one.error)}."
    )


def to_svg(spec: Spec, name: str) -> str:
    """Draw a Vega-Lite specification, with ids that are unique in a page with other charts."""
    import vl_convert

    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec, "config": CHART_CONFIG}
    svg = vl_convert.vegalite_to_svg(whole)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    return re.sub(r'(id="|url\(#)((?:clip|gradient)\w*)', rf"\g<1>{name}-\g<2>", svg)


def _layer(values: Iterable[Record], mark: Spec, **encoding: Spec) -> Spec:
    return {"data": {"values": _short(values)}, "mark": mark, "encoding": encoding}


def _short(values: Iterable[Record]) -> list[Record]:
    return [
        {key: round(value, 3) if isinstance(value, float) else value for key, value in one.items()} for one in values
    ]


def _place(rows: tuple[LadderRow, ...], architecture: str) -> int:
    """The architecture's place, which decides its colour in every chart."""
    return next(place for place, row in enumerate(rows[::-1]) if row.architecture == architecture)


def _collapsed(row: LadderRow) -> set[int | None]:
    return set(row.collapse.seeds) if row.collapse else set()


def _percent_y(values: Iterable[float]) -> Spec:
    found = list(values)
    domain = [round(min(found) - 0.5, 2), round(max(found) + 0.5, 2)]
    scale = {"domain": domain, "nice": False, "zero": False}
    return {"type": "quantitative", "field": "y", "scale": scale, "axis": {"title": None, **PERCENT_AXIS}}


def _whole_numbers(last: int) -> list[int]:
    return list(range(1, last + 1, max(1, -(-last // 8))))
