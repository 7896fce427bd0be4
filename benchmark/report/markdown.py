"""Markdown from templates; whatever a template inserts is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmark.report import wording
from benchmark.report.charts import Chart
from benchmark.report.wording import printable

TEMPLATES = Path(__file__).parent / "templates"
# markup, wherever it stands; an underscore inside a word is none
_MARKUP = re.compile(r"[\\`*<>&|~\[\]]|(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START = re.compile(r"^(?:[-+=#](?=[\s\-=#]|$)|(?<=^)\d+(?=[.)](?:\s|$)))")


class Markup(str):
    """Text that is Markdown already."""


def escape(text: str) -> Markup:
    """Show the text as it is, in Markdown and in HTML: reviews, titles and error messages may hold anything."""
    line = printable(text)
    escaped = _MARKUP.sub(lambda match: f"&#{ord(match[0])};", line)
    return Markup(_BLOCK_START.sub(lambda match: "".join(f"&#{ord(each)};" for each in match[0]), escaped))


def fenced(text: str) -> Markup:
    """A block of code, one command a line."""
    lines = [printable(line) for line in text.splitlines()]
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return Markup("\n".join([f"{fence}sh", *lines, fence]))


def link(text: str, url: str) -> Markup:
    """A link, where the address is one of the web."""
    return Markup(f"[{escape(text)}]({url})") if re.fullmatch(r"https?://[^\s()<>\\]+", url) else escape(text)


FILTERS = (
    wording.percent,
    wording.percent_interval,
    wording.points_interval,
    wording.signed,
    wording.count,
    wording.points,
    wording.duration,
    wording.listing,
    wording.plural,
    wording.moment,
    fenced,
    link,
)


def fill_template(name: str, charts: Mapping[str, Chart], **context: Any) -> str:
    """Fill one of the Markdown templates; a chart is a picture in ``charts/``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else escape(str(value)),
    )
    environment.filters |= {filter.__name__: filter for filter in FILTERS}
    environment.filters["chart"] = lambda chart: Markup(f"![{escape(charts[chart].alt)}](charts/{chart}.svg)")
    text = environment.get_template(name).render({"links": {}, "charts": charts} | context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
