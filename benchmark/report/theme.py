"""Colours of charts and pages.

A chart names its colours as CSS variables, ``var(--ink)``; picture files get the light values written in.
"""

from __future__ import annotations

import re
from pathlib import Path

STYLE = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
LIGHT_COLOURS = dict(re.findall(r"--([\w-]+): (#\w+)", STYLE.partition("@media")[0]))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


def series_colour(index: int) -> str:
    """The colour of the architecture at `index`; after eight they repeat, with other shapes."""
    return f"var(--series-{index % 8 + 1})"


def series_shape(index: int) -> str:
    """The shape of the architecture at `index`."""
    return SHAPES[(index + index // 8) % len(SHAPES)]


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that do not read CSS variables."""
    return re.sub(r"var\(--([\w-]+)\)", lambda match: LIGHT_COLOURS[match[1]], svg)
