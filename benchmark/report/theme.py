"""Colours of charts and pages.

A chart names its colours as CSS variables, ``var(--ink)``; picture files get the light values written in.
"""

from __future__ import annotations

import re
from pathlib import Path

STYLE = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that do not read CSS variables."""
    light, _, _ = STYLE.partition("@media")
    for name, colour in re.findall(r"(--[\w-]+): (#\w+)", light):
        svg = svg.replace(f"var({name})", colour)
    return svg
