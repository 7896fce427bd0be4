"""Texts and tables as Markdown, escaped."""

from __future__ import annotations

import html
import re

from benchmark.report.tables import Table
from benchmark.wording import Markup, escape, printable

MAX_COMMAND_WIDTH = 76


def html_text(text: str) -> Markup:
    """Show the text as it is between tags, where Markdown changes nothing."""
    return Markup(html.escape(printable(text), quote=False))


def fenced(text: str) -> Markup:
    """A block of code, one command a line; a long one goes on after a backslash."""
    fence = "```"
    while fence in text:
        fence += "`"
    lines = [f"{fence}sh"]
    for command in text.splitlines():
        lines += _shell_lines(printable(command))
    return Markup("\n".join([*lines, fence]))


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
    if re.fullmatch(r"https?://[^\s()<>\\]+|#/[\w/.?=]+", url):
        return Markup(f"[{escape(text)}]({url})")
    return escape(text)


def table_markdown(table: Table) -> Markup:
    """A table, its numbers to the right."""
    headings = list(table[0])
    lines = [map(escape, headings), ["---"] + ["---:"] * (len(headings) - 1)]
    for row in table:
        lines.append(map(escape, row.values()))
    return Markup("\n".join(f"| {' | '.join(line)} |" for line in lines))
