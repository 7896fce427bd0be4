"""Markdown from templates; whatever a template inserts is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmark import wording
from benchmark.report.charts import Chart
from benchmark.report.table import Table
from benchmark.wording import printable

MAX_COMMAND_WIDTH = 76
TEMPLATES = Path(__file__).parent / "templates"
# where they would start a tag or an entity; a backslash protects neither in every reader of Markdown
_HTML = re.compile(r"<(?=[a-zA-Z/!?]|$)|&(?=#?\w+;)")
# an underscore inside a word is no markup
_MARKUP = re.compile(r"[\\`*|~\[\]]|(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START = re.compile(r"^(\d*)([-+=#](?=[\s\-=#]|$)|>|[.)](?=\s|$))")


class Markup(str):
    """Text that is Markdown already."""


def escape(text: str) -> Markup:
    """Show the text as it is in Markdown: reviews, titles and error messages may hold anything."""
    return escape_start(escape_inside(printable(text)))


def escape_inside(text: str) -> str:
    """Escape a piece of a line that is printable; the spaces at its ends stay."""
    return _MARKUP.sub(r"\\\g<0>", _HTML.sub(lambda found: html.escape(found[0]), text))


def escape_start(line: str) -> Markup:
    """Let no list, heading or quote begin with an otherwise escaped line."""
    return Markup(_BLOCK_START.sub(r"\1\\\2", line))


def html_text(text: str) -> Markup:
    """Show the text as it is between tags, where Markdown changes nothing."""
    return Markup(html.escape(printable(text), quote=False))


def fenced(text: str) -> Markup:
    """A block of code, one command a line; a long one goes on after a backslash."""
    lines = [piece for line in text.splitlines() for piece in _shell_lines(printable(line))]
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return Markup("\n".join([f"{fence}sh", *lines, fence]))


def _shell_lines(command: str) -> list[str]:
    """Break a command between words, and in lists after a comma, so that a shell still reads one command."""
    lines = [""]
    for piece in [command] if "'" in command else re.findall(r"[^ ,]*[ ,]*", command):
        if lines[-1] and len(lines[-1] + piece) > MAX_COMMAND_WIDTH:
            lines[-1] += "\\"
            lines.append("")
        lines[-1] += piece
    return lines


def link(text: str, url: str) -> Markup:
    """A link, where the address is one of the web or of a page of MLflow's UI."""
    is_address = re.fullmatch(r"https?://[^\s()<>\\]+|#/[\w/.]+", url)
    return Markup(f"[{escape(text)}]({url})") if is_address else escape(text)


def table_markdown(table: Table) -> Markup:
    """A table of Markdown; its cells are escaped."""
    lines = [[escape(column.title) for column in table.columns]]
    lines.append([Markup("---:" if column.right else "---") for column in table.columns])
    for cells in table.cells:
        lines.append([escape(cell) for cell in cells])
    return Markup("\n".join(f"| {' | '.join(line)} |" for line in lines))


FILTERS = (
    median,
    wording.percent,
    wording.signed,
    wording.points_interval,
    wording.count,
    wording.points,
    wording.listing,
    wording.plural,
    wording.moment,
    fenced,
    html_text,
    link,
    table_markdown,
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
    text = environment.get_template(name).render({"charts": charts} | context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
