"""Markdown from templates; whatever they insert is escaped."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmark import wording
from benchmark.report import tables
from benchmark.wording import Markup, escape, printable

TEMPLATES = Path(__file__).parent / "templates"


def fill_template(name: str, **context: Any) -> str:
    """Fill one of the templates; one of the `charts` is a picture in ``charts/``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else escape(str(value)),
    )
    environment.filters |= vars(tables) | vars(wording)
    environment.filters |= {"median": median, "fenced": fenced, "link": link, "table_markdown": table_markdown}
    environment.filters["chart"] = lambda chart: Markup(
        f"![{escape(context['charts'][chart].alt)}](charts/{chart}.svg)"
    )
    text = environment.get_template(name).render(context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def fenced(text: str) -> Markup:
    """A block of code, one command a line."""
    fence = "```"
    while fence in text:
        fence += "`"
    commands = map(printable, text.splitlines())
    return Markup("\n".join([f"{fence}sh", *commands, fence]))


def link(text: str, url: str) -> Markup:
    """A link, where the address is one of the web or of a page of MLflow's UI."""
    if re.fullmatch(r"https?://[^\s()<>\\]+|#/[\w/.?=]+", url):
        return Markup(f"[{escape(text)}]({url})")
    return escape(text)


def table_markdown(table: tables.Table) -> Markup:
    """A table, its numbers to the right."""
    rows = [table[0], *(row.values() for row in table)]
    lines = [f"| {' | '.join(map(escape, row))} |" for row in rows]
    lines.insert(1, "| ---" + " | ---:" * (len(table[0]) - 1) + " |")
    return Markup("\n".join(lines))
