"""The report as a document: sections of blocks, without any markup. HTML and Markdown are two renderings of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from benchmark.report.figure import Figure
from benchmark.report.table import Table

Severity = Literal["note", "warning"]


@dataclass(frozen=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Bullets:
    """Unordered points."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Callouts:
    """Points that a reader must not miss, each with its severity."""

    kind: ClassVar[str] = "callouts"
    items: tuple[tuple[Severity, str], ...]


@dataclass(frozen=True)
class Definitions:
    """Terms with their text and the source of it."""

    kind: ClassVar[str] = "definitions"
    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class TableBlock:
    kind: ClassVar[str] = "table"
    table: Table


@dataclass(frozen=True)
class FigureBlock:
    kind: ClassVar[str] = "figure"
    figure: Figure


@dataclass(frozen=True)
class Code:
    """Shell lines to copy."""

    kind: ClassVar[str] = "code"
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    """A review's text with what is known of it; the text is untrusted."""

    title: str
    facts: str
    text: str | None


@dataclass(frozen=True)
class Reviews:
    kind: ClassVar[str] = "reviews"
    items: tuple[Review, ...]


@dataclass(frozen=True)
class Subheading:
    kind: ClassVar[str] = "subheading"
    text: str


Block = Paragraph | Bullets | Callouts | Definitions | TableBlock | FigureBlock | Code | Reviews | Subheading


@dataclass(frozen=True)
class Section:
    """A part of the report; `name` is its address in the page."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Answer:
    """The verdict on one architecture; `label` is one word for it."""

    title: str
    name: str
    kind: str
    label: str
    accuracy: str
    interval: str
    sentence: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Banner:
    """What must be known before anything else is read."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Document:
    """The whole report; `colophon` says where else its numbers are."""

    title: str
    byline: tuple[str, ...]
    banners: tuple[Banner, ...]
    headlines: tuple[str, ...]
    answers: tuple[Answer, ...]
    hero: Figure | None
    sections: tuple[Section, ...]
    caveats: int
    colophon: str
    generated_at: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in reading order."""
        blocks = [block for section in self.sections for block in section.blocks]
        return ((self.hero,) if self.hero else ()) + tuple(
            block.figure for block in blocks if isinstance(block, FigureBlock)
        )
