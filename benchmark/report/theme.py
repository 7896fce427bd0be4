"""Colours and type of charts and pages.

A chart names its colours as CSS variables, ``var(--ink)``; picture files get the light values written in.
"""

from __future__ import annotations

import re
from typing import Any

# vl-convert brings this font along, so that every machine measures the same text widths
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

COLOURS = {  # on a light and on a dark ground
    "paper": ("#ffffff", "#14181d"),
    "ink": ("#1b2026", "#e8ebee"),
    "soft": ("#59636e", "#a3adb8"),
    "rule": ("#c9d0d8", "#46505b"),
    "grid": ("#e9ecf0", "#262c33"),
    "band": ("#eef0f3", "#222830"),
    "reference": ("#b42318", "#ff9184"),
    "series-1": ("#1f5fa6", "#7db3f2"),
    "series-2": ("#ab4f09", "#f0a662"),
    "series-3": ("#0d7a5f", "#5fc9a6"),
    "series-4": ("#7a4bad", "#c5a1ef"),
    "series-5": ("#b83271", "#f391bb"),
    "series-6": ("#6d6a00", "#cfc757"),
    "series-7": ("#2a7089", "#7fc3dc"),
    "series-8": ("#735a45", "#cbb197"),
}
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
INK, SOFT, RULE, GRID, BAND, PAPER, REFERENCE = (
    f"var(--{name})" for name in ("ink", "soft", "rule", "grid", "band", "paper", "reference")
)

CHART_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "style": {
        "guide-label": {"fill": SOFT, "fontSize": 12},
        "guide-title": {"fill": SOFT, "fontSize": 12, "fontWeight": "normal"},
    },
    "axis": {"labelPadding": 6, "domainColor": RULE, "tickColor": RULE, "gridColor": GRID, "labelOverlap": "greedy"},
    "axisY": {"domain": False, "ticks": False, "titleAngle": 0, "titleAlign": "left", "titleX": 0, "titleY": -10},
    "legend": {"labelColor": INK, "symbolOpacity": 1, "title": None, "orient": "bottom", "offset": 10},
    "title": {"color": INK, "fontSize": 13, "fontWeight": 600, "anchor": "start", "offset": 10},
    "text": {"color": INK, "fontSize": 12},
    "rule": {"color": RULE},
}


def series_colour(index: int) -> str:
    """The colour of the architecture at `index`; after eight they repeat, with other shapes."""
    return f"var(--series-{index % 8 + 1})"


def series_shape(index: int) -> str:
    return SHAPES[(index + index // 8) % len(SHAPES)]


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that do not read CSS variables."""
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda match: COLOURS[match[1]][0], svg)


def css_variables() -> str:
    """The colours as CSS: light, dark where the reader prefers that, and light on paper."""
    light, dark = (" ".join(f"--{name}: {pair[side]};" for name, pair in COLOURS.items()) for side in (0, 1))
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
