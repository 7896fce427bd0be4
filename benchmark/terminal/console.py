"""The console, clean text, tables for 80 columns."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Container, Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from benchmark.wording import visible

MAX_WIDTH = 100  # longer lines are hard to read
WIDTH_WITHOUT_TERMINAL = 120
GAP = 2  # between columns: padding and the place of a line
NO_BREAK = "\N{NO-BREAK SPACE}"  # textwrap breaks at ASCII spaces only
COPIED = re.compile(r"python -m benchmark(?: [a-z]+)?(?: --?[\w-]+(?: [^\s;,]+)?)*|(?<!\w)'[^']*'(?!\w)")


def make_console(stderr: bool = False) -> Console:
    """Return a console on standard output or error: colours in a terminal, plain lines elsewhere."""
    is_terminal = (sys.stderr if stderr else sys.stdout).isatty()  # whatever FORCE_COLOR says: a notebook sets it
    console = Console(stderr=stderr, force_terminal=is_terminal, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, MAX_WIDTH) if console.is_terminal else WIDTH_WITHOUT_TERMINAL
    return console


def clean(text: str) -> str:
    """Replace what cannot be printed, except line breaks, so that no text drives the terminal."""
    return "\n".join(map(visible, text.split("\n")))


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a sentence: wrapped between words in a terminal, one line elsewhere."""
    for line in _lines(console, clean(text)):
        console.print(Text(line), style=style, soft_wrap=True)


def print_command(console: Console, command: str) -> None:
    """Print a command on a line of its own, which only the terminal wraps."""
    console.print(Text(clean(command)), soft_wrap=True)


def print_pairs(console: Console, pairs: Sequence[tuple[str, str]]) -> None:
    """Print a bold word and a text beside it, for each pair."""
    width = max(len(name) for name, _ in pairs)
    for name, text in pairs:
        label = f"{clean(name):<{width}}  "
        for line in _lines(console, clean(text), len(label)):
            console.print(Text.assemble((label, "bold"), line), soft_wrap=True)
            label = " " * len(label)


def _lines(console: Console, text: str, indent: int = 0) -> list[str]:
    """Wrap between words only: a path, a command or a quoted name has to stay whole to be copied."""
    width = max(20, console.width - indent)
    if not console.is_terminal or len(text) <= width:
        return [text]
    if text.startswith(("python -m benchmark ", "mlflow ")):
        return text.replace(" --", " \\\n    --").splitlines()
    whole = COPIED.sub(lambda copied: copied[0].replace(" ", NO_BREAK), text)
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(NO_BREAK, " ") for line in lines]


def print_table(console: Console, rows: Sequence[Mapping[str, str]], *, right: Container[str] = ()) -> None:
    """Print a table whose cells are never cut: what does not fit is wrapped, between words where there are any.

    Parameters
    ----------
    rows : sequence of mapping of str to str
        The text of the cells by heading.
    right : container of str
        Headings of the columns of numbers, which are aligned to the right and stay on one line.
    """
    rows = [{heading: clean(cell) for heading, cell in row.items()} for row in rows]
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for heading, width in _column_widths(rows, right, console.width).items():
        justify: JustifyMethod = "right" if heading in right else "left"
        table.add_column(heading, justify=justify, width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row.values()))
    console.print(table)


def _column_widths(rows: Sequence[Mapping[str, str]], right: Container[str], available: int) -> dict[str, int]:
    """Narrow the widest column that can wrap until all fit; a word is broken only where nothing else helps."""
    widths = {}
    longest_words = least_widths(rows, right)
    for heading in rows[0]:
        cells = [heading, *(row[heading] for row in rows)]
        widths[heading] = max(map(cell_len, cells))
    for _ in range(table_width(widths) - available):
        widest = max(widths, key=lambda heading: (widths[heading] > longest_words[heading], widths[heading]))
        widths[widest] = max(1, widths[widest] - 1)
    return widths


def least_widths(rows: Sequence[Mapping[str, str]], right: Container[str]) -> dict[str, int]:
    """Return the width of each column that breaks no word, and no cell of a column on the right."""
    widths = {}
    for heading in rows[0]:
        cells = [heading, *(row[heading] for row in rows)]
        words = cells if heading in right else " ".join(cells).split()
        widths[heading] = max(map(cell_len, words))
    return widths


def table_width(widths: Mapping[str, int]) -> int:
    """Return the width of a table with columns of these widths."""
    return sum(widths.values()) + GAP * (len(widths) - 1)
