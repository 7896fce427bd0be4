"""A page from Markdown, with its charts inside."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from benchmark.report.charts import Chart
from benchmark.report.markdown import TEMPLATES
from benchmark.report.theme import STYLE


def to_page(markdown: str, charts: Mapping[str, Chart]) -> str:
    """Return one file of HTML without scripts, which needs no other file."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.add_render_rule("image", _image)
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    body = reader.render(markdown, {"charts": charts})
    heading = re.search(r"<h1>(.*?)</h1>", body)
    page = Template((TEMPLATES / "page.html").read_text(encoding="utf-8"))
    return page.substitute(title=heading[1] if heading else "Report", style=STYLE, body=body)


def _image(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    name = str(tokens[index].attrs["src"]).removeprefix("charts/").removesuffix(".svg")
    chart: Chart = env["charts"][name]
    if chart.narrow is None:
        return _drawing(chart.svg, chart.alt, "")
    return _drawing(chart.svg, chart.alt, " wide") + _drawing(chart.narrow, chart.alt, " narrow")


def _drawing(svg: str, alt: str, kind: str) -> str:
    return f'<span class="chart{kind}" role="img" aria-label="{html.escape(alt)}">{svg}</span>'


def _table_open(*_: Any) -> str:
    return '<div class="scroll" tabindex="0" role="region" aria-label="Table">\n<table>\n'
