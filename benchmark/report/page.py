"""A page from Markdown, with its charts inside.

A chart names its colours as CSS variables, ``var(--ink)``, which the page's style sheet sets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template
from urllib.parse import unquote

from markdown_it import MarkdownIt

from benchmark.report.markdown import TEMPLATES
from benchmark.report.vega import Chart

TABLE = '<div class="scroll" tabindex="0" role="region" aria-label="Table">\n<table>'


def read_template(name: str) -> str:
    """Return the text of a file of the templates."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


STYLE = read_template("page.css")


def fill_page(name: str, **values: str) -> str:
    """Fill a template of HTML, with the style sheet of all pages."""
    return Template(read_template(name)).substitute(style=STYLE, **values)


def to_page(markdown: str, charts: Mapping[str, Chart]) -> str:
    """Return one file of HTML without scripts, which needs no other file."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    body = reader.render(markdown)
    # the tags are ours: those of a stranger's text are escaped
    body = body.replace("<table>", TABLE).replace("</table>", "</table>\n</div>")
    body = re.sub(
        r'<img src="charts/(.*?)\.svg" alt="(.*?)".*?>',
        lambda image: f'<span class="chart" role="img" aria-label="{image[2]}">{charts[unquote(image[1])].svg}</span>',
        body,
    )
    title = re.search(r"<h1>(.*?)</h1>", body)
    return fill_page("page.html", title=title[1] if title else "Report", body=body)


def with_light_colours(svg: str) -> str:
    """Write the light colours in, for programs that do not read CSS variables."""
    light, _, _ = STYLE.partition("@media")
    for name, colour in re.findall(r"(--[\w-]+): (#\w+)", light):
        svg = svg.replace(f"var({name})", colour)
    return svg
