"""Tables of ready-written cells: whatever renders them shows the same text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """What a table shows in one place.

    Attributes
    ----------
    text : str
    detail : str
        Shown smaller, under the text.
    href : str or None
        Where the text links to.
    code : bool
        An identifier, set in a fixed-width font.
    mark : str
        A class name for the style sheet; never the only carrier of a meaning.
    """

    text: str
    detail: str = ""
    href: str | None = None
    code: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Column:
    title: str
    numeric: bool = True


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first cell of each row is its heading.

    A table of `facts` has two columns whose heads go without saying.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    facts: bool = False


def make_table(
    name: str,
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell | str]],
    *,
    words: Iterable[str] = (),
    note: str = "",
    facts: bool = False,
) -> Table:
    """Make a table from texts.

    Parameters
    ----------
    columns : sequence of str
        Their headings; the first column holds the headings of the rows.
    words : iterable of str
        Headings of the columns that hold words, not numbers; the first always does.

    Raises
    ------
    ValueError
        If a row has not as many cells as there are columns.
    """
    in_words = {columns[0], *words}
    made = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    if any(len(row) != len(columns) for row in made):
        raise ValueError(f"the table {name!r} has {len(columns)} columns, but a row has not as many cells")
    heads = tuple(Column(title, title not in in_words) for title in columns)
    return Table(name, caption, heads, made, note, facts)
