"""A page from Markdown, with its charts inside.

A chart names its colours as CSS variables, ``var(--ink)``, which the page's style sheet sets.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from string import Template

from markdown_it import MarkdownIt

from benchmark.report.fill import TEMPLATES
from benchmark.report.vega import Chart

STYLE = (TEMPLATES / "page.css").read_text(encoding="utf-8")
TABLE = '<div class="scroll" tabindex="0" role="region" aria-label="Table">\n<table>'


def to_page(markdown: str, charts: Mapping[str, Chart]) -> str:
    """Return one file of HTML without scripts, which needs no other file."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    # the tags are ours: those of a stranger's text are escaped
    body = body.replace("<table>", TABLE).replace("</table>", "</table>\n</div>")
    body = re.sub(r'<img src="charts/(.*?)\.svg".*?>', lambda image: _drawings(charts[image[1]]), body)
    title = re.search(r"<h1>(.*?)</h1>", body)
    page = Template((TEMPLATES / "page.html").read_text(encoding="utf-8"))
    return page.substitute(title=title[1] if title else "Report", style=STYLE, body=body)


def _drawings(chart: Chart) -> str:
    """The chart, and where there is one, that for a phone."""
    drawings = {" wide": chart.svg, " narrow": chart.narrow} if chart.narrow else {"": chart.svg}
    spans = ""
    for kind, svg in drawings.items():
        spans += f'<span class="chart{kind}" role="img" aria-label="{html.escape(chart.alt)}">{svg}</span>'
    return spans


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that do not read CSS variables."""
    light, _, _ = STYLE.partition("@media")
    for name, colour in re.findall(r"(--[\w-]+): (#\w+)", light):
        svg = svg.replace(f"var({name})", colour)
    return svg
