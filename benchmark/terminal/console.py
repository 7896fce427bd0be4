"""The console, clean text, tables for 80 columns, durations in words."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

MAX_WIDTH = 100  # longer lines are hard to read
WIDTH_WITHOUT_TERMINAL = 120
GAP = 2  # between columns: padding and the place of a line
NO_BREAK = "\N{NO-BREAK SPACE}"  # textwrap breaks at ASCII spaces only
COPIED = re.compile(r"python -m benchmark(?: [a-z]+)?(?: --?[\w-]+(?: [^\s;,]+)?)*|(?<!\w)'[^']*'(?!\w)")


def make_console(stderr: bool = False) -> Console:
    """Return a console on standard output or error: colours in a terminal, plain lines elsewhere."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)
    console.width = min(console.width, MAX_WIDTH) if console.is_terminal else WIDTH_WITHOUT_TERMINAL
    return console


def clean(text: str) -> str:
    """Replace control characters and lone surrogates by a space and by ``?``, so that no text drives the terminal."""
    kinds = {"Cc": " ", "Cs": "?", "Cf": ""}
    return "".join(
        character if character == "\n" else kinds.get(unicodedata.category(character), character) for character in text
    )


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a sentence: wrapped between words in a terminal, one line elsewhere."""
    for line in _lines(console, clean(text)):
        console.print(Text(line), style=style, soft_wrap=True)


def print_pairs(console: Console, pairs: Sequence[tuple[str, str]]) -> None:
    """Print a bold word and a text beside it, for each pair."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        for place, line in enumerate(_lines(console, clean(text), width + 2)):
            label = clean(name) if place == 0 else ""
            console.print(Text.assemble((f"{label:<{width}}  ", "bold"), line), soft_wrap=True)


def _lines(console: Console, text: str, indent: int = 0) -> list[str]:
    """Wrap between words only: a path, a command or a quoted name has to stay whole to be copied."""
    width = max(20, console.width - indent)
    if not console.is_terminal or len(text) <= width:
        return [text]
    if text.startswith(("python -m benchmark ", "mlflow ")):
        return text.replace(" --", " \\\n    --").splitlines()
    whole = COPIED.sub(lambda copied: copied[0].replace(" ", NO_BREAK), text)
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(NO_BREAK, " ") for line in lines] or [""]


def print_table(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """Print a table whose cells are never cut: what does not fit is wrapped, between words where there are any.

    Parameters
    ----------
    right : sequence of str
        Headings of the columns of numbers, which are aligned to the right and stay on one line.
    """
    cleaned = [[clean(cell) for cell in row] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for heading, width in zip(headings, _column_widths(headings, cleaned, right, console.width), strict=True):
        table.add_column(heading, justify="right" if heading in right else "left", width=width, overflow="fold")
    for row in cleaned:
        table.add_row(*map(Text, row))
    console.print(table)


def _column_widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str], available: int
) -> list[int]:
    """Narrow the widest column that can wrap until all fit; a word is broken only where nothing else helps."""
    columns = [[heading, *(row[place] for row in rows)] for place, heading in enumerate(headings)]
    widths = [max(cell_len(cell) for cell in column) for column in columns]
    longest_words = [
        width if column[0] in right else max(cell_len(word) for cell in column for word in cell.split())
        for column, width in zip(columns, widths, strict=True)
    ]
    while sum(widths) + GAP * (len(widths) - 1) > available and max(widths) > 1:
        can_wrap = [width > longest for width, longest in zip(widths, longest_words, strict=True)]
        place = max(range(len(widths)), key=lambda column: (can_wrap[column], widths[column]))
        widths[place] -= 1
    return widths


def words_for_seconds(seconds: float) -> str:
    """``4.2 s``, ``95 s``, ``12 min`` or ``1 h 05 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
