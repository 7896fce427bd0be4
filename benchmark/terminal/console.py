"""The console, clean text, and tables."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Container, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.wording import visible

MAX_COLUMNS = 100  # longer lines are hard to read
COLUMNS_OF_A_LOG = 120


def make_console(stderr: bool = False) -> Console:
    """Return a console on standard output or error: colours and wrapped lines in a terminal, plain lines elsewhere."""
    is_terminal = (sys.stderr if stderr else sys.stdout).isatty()  # whatever FORCE_COLOR says: a notebook sets it
    console = Console(stderr=stderr, force_terminal=is_terminal, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, MAX_COLUMNS) if is_terminal else COLUMNS_OF_A_LOG
    return console


def clean(text: str) -> str:
    """Replace what cannot be printed, except line breaks, so that no text drives the terminal."""
    return "\n".join(map(visible, text.split("\n")))


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a sentence: wrapped between words in a terminal, one line elsewhere."""
    text = clean(text)
    if console.is_terminal:  # rich would break a path that is longer than the line
        text = textwrap.fill(text, console.width, break_long_words=False, break_on_hyphens=False)
    console.print(Text(text), style=style, soft_wrap=True)


def print_command(console: Console, command: str) -> None:
    """Print a command as one line, whatever its width, so that it can be copied."""
    console.print(Text(clean(command)), soft_wrap=True)


def print_pairs(console: Console, pairs: Sequence[tuple[str, str]]) -> None:
    """Print a bold word and a path, link or command beside it, for each pair; each is one line, to be copied."""
    width = max(len(name) for name, _ in pairs)
    for name, text in pairs:
        label = f"{clean(name):<{width}}  "
        console.print(Text.assemble((label, "bold"), clean(text)), soft_wrap=True)


def print_table(
    console: Console,
    rows: Sequence[Mapping[str, str]],
    *,
    right: Container[str] = (),
    whole: Container[str] = (),
) -> None:
    """Print a table whose cells are never cut: what does not fit is wrapped, names and numbers last.

    Parameters
    ----------
    rows : sequence of mapping of str to str
        The text of the cells by heading.
    right : container of str
        Headings of the columns of numbers, which are aligned to the right.
    whole : container of str
        Headings of the columns whose cells are wrapped last too.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for heading in rows[0]:
        if heading in right:
            table.add_column(heading, justify="right", no_wrap=True, overflow="fold")
        else:
            table.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        table.add_row(*[Text(clean(cell)) for cell in row.values()])
    console.print(table)
