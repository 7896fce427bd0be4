"""Colours and type of the charts.

A chart names its colours as CSS variables, ``var(--ink)``. In the page the style sheet gives them their values, light
or dark; picture files get the light values written in.
"""

from __future__ import annotations

import re
from typing import Any

FONT = "Report Sans, Inter, system-ui, sans-serif"

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1b2026",
    "soft": "#59636e",
    "rule": "#c9d0d8",
    "grid": "#e9ecf0",
    "band": "#eef0f3",
    "reference": "#b42318",
    "series-1": "#1f5fa6",
    "series-2": "#ab4f09",
    "series-3": "#0d7a5f",
    "series-4": "#7a4bad",
    "series-5": "#b83271",
    "series-6": "#6d6a00",
    "series-7": "#2a7089",
    "series-8": "#735a45",
}
DARK = {
    "paper": "#14181d",
    "ink": "#e8ebee",
    "soft": "#a3adb8",
    "rule": "#46505b",
    "grid": "#262c33",
    "band": "#222830",
    "reference": "#ff9184",
    "series-1": "#7db3f2",
    "series-2": "#f0a662",
    "series-3": "#5fc9a6",
    "series-4": "#c5a1ef",
    "series-5": "#f391bb",
    "series-6": "#cfc757",
    "series-7": "#7fc3dc",
    "series-8": "#cbb197",
}
SERIES = tuple(name for name in LIGHT if name.startswith("series-"))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")

_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")


def variable(name: str) -> str:
    """Name a colour in a chart."""
    if name not in LIGHT:
        raise KeyError(name)
    return f"var(--{name})"


def series_colour(index: int) -> str:
    """The colour of the architecture at `index`; after eight they come round again."""
    return variable(SERIES[index % len(SERIES)])


def series_shape(index: int) -> str:
    return SHAPES[index % len(SHAPES)]


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that know no CSS variables."""
    return _VARIABLE.sub(lambda match: LIGHT[match[1]], svg)


def chart_config() -> dict[str, Any]:
    """Vega-Lite's ``config`` for every chart of the report."""
    ink, soft, rule, grid = variable("ink"), variable("soft"), variable("rule"), variable("grid")
    return {
        "font": FONT,
        "background": None,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 2},
        "view": {"stroke": None},
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelPadding": 6,
            "titlePadding": 10,
            "domainColor": rule,
            "tickColor": rule,
            "tickSize": 4,
            "gridColor": grid,
            "gridWidth": 1,
            "labelOverlap": "greedy",
        },
        "axisY": {
            "domain": False,
            "ticks": False,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleBaseline": "bottom",
            "titleX": 0,
            "titleY": -10,
        },
        "legend": {
            "labelColor": ink,
            "labelFontSize": 12,
            "labelLimit": 240,
            "symbolStrokeWidth": 2,
            "symbolOpacity": 1,
            "symbolSize": 70,
            "title": None,
            "orient": "bottom",
            "columns": {"expr": "width < 480 ? 1 : 2"},
            "rowPadding": 4,
            "offset": 14,
        },
        "title": {
            "color": ink,
            "fontSize": 13,
            "fontWeight": 600,
            "anchor": "start",
            "offset": 10,
            "subtitleColor": soft,
            "subtitleFontSize": 12,
            "subtitlePadding": 5,
        },
        "text": {"color": ink, "fontSize": 12},
        "rule": {"color": rule},
        "concat": {"spacing": 36},
    }
