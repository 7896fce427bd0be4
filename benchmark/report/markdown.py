"""Markdown from templates; whatever a template inserts is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


def fill_template(name: str, charts: Mapping[str, Chart], **context: Any) -> str:
    """Fill one of the Markdown templates; a chart is a picture in ``charts/``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else escape(str(value)),
    )
    filters: dict[str, Callable[..., str]] = {
        "percent": wording.percent,
        "percent_interval": wording.percent_interval,
        "points_interval": wording.points_interval,
        "signed": wording.signed,
        "count": wording.count,
        "points": wording.points,
        "p_value": wording.p_value,
        "duration": wording.duration,
        "listing": wording.listing,
        "plural": wording.plural,
        "moment": wording.moment,
        "fenced": fenced,
        "link": link,
        "chart": lambda chart: Markup(f"![{escape(charts[chart].alt)}](charts/{chart}.svg)"),
    }
    environment.filters.update(filters)
    text = environment.get_template(name).render({"links": {}, "charts": charts} | context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
