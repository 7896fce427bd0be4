"""Columns and rows, before they are drawn on a page or in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a table.

    Attributes
    ----------
    text : callable
        What stands in a row.
    right : bool
        Numbers, which are aligned to the right and stay on one line.
    page_only : bool
        Left out in a terminal, which has 80 columns.
    """

    title: str
    text: Callable[[Row], str]
    right: bool = False
    page_only: bool = False


@dataclass(frozen=True)
class Table(Generic[Row]):
    """Columns and what they describe, one row each."""

    columns: Sequence[Column[Row]]
    rows: Sequence[Row]

    @property
    def cells(self) -> list[list[str]]:
        """The text of every row."""
        return [[column.text(row) for column in self.columns] for row in self.rows]

    def for_terminal(self) -> Table[Row]:
        """The table without the columns that only the page has."""
        return Table([column for column in self.columns if not column.page_only], self.rows)
