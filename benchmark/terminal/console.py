"""The console, clean text, tables of 80 columns, durations in words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console


def make_console() -> Console:
    """Return a console on standard output: at most 100 columns; plain lines where it is no terminal."""
    raise NotImplementedError


def clean(text: str) -> str:
    """Replace control characters and lone surrogates, so that no text can drive the terminal."""
    raise NotImplementedError


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a sentence, cleaned, wrapped between words in a terminal; one line elsewhere. No markup."""
    raise NotImplementedError


def print_table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Print a table whose cells are cleaned and never cut: numbers to the right, names whole, long text wrapped."""
    raise NotImplementedError


def words_for_seconds(seconds: float) -> str:
    """``45 s``, ``12 min`` or ``1 h 05 min``."""
    raise NotImplementedError
