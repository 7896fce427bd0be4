"""The report as Markdown, for terminals, pull requests and READMEs."""

from __future__ import annotations

import re

from benchmark.numbers import moment
from benchmark.report.document import (
    Block,
    Bullets,
    Callouts,
    Code,
    Definitions,
    Document,
    FigureBlock,
    Paragraph,
    Reviews,
    Section,
    Subheading,
    TableBlock,
)
from benchmark.report.figure import Figure
from benchmark.report.table import Cell, Table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")
_ADDRESS = re.compile(r"(https?://[^\s<>\"'|]+)")
_LINE_START = re.compile(r"^(\s*(?:\d+(?=[.)](?:\s|$)))?)([-+=.)])", re.MULTILINE)  # of a list: "- " or "12. "


def render_markdown(document: Document) -> str:
    """Render the document; its pictures are the files beside it in ``charts/``."""
    parts = [f"# {_text(document.title)}", _text(" · ".join(document.byline))]
    parts += [f"> **{_text(banner.title)}.** {_text(banner.text)}" for banner in document.banners]
    parts += [_text(headline) for headline in document.headlines]
    parts += [_figure(document.hero)] if document.hero else []
    parts += ["## Verdicts"] if document.answers else []
    for answer in document.answers:
        interval = f" ({_text(answer.interval)})" if answer.interval else ""
        lines = [f"- **{_text(answer.title)}**, {_text(answer.accuracy)}{interval}: *{answer.label}*."]
        lines += [f"  {_text(answer.sentence)}", *(f"  - {_text(remark)}" for remark in answer.remarks)]
        parts.append("\n".join(lines))
    parts += [_section(section) for section in document.sections]
    parts.append(f"Generated {_text(moment(document.generated_at))}. {_text(document.colophon)}")
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    return "\n\n".join([f"## {_text(section.title)}", *map(_block, section.blocks)])


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _text(text)
        case Subheading(text):
            return f"### {_text(text)}"
        case Bullets(items):
            return "\n".join(f"- {_text(item)}" for item in items)
        case Callouts(items):
            return "\n".join(f"- **{severity.capitalize()}.** {_text(text)}" for severity, text in items)
        case Definitions(items):
            return "\n".join(
                f"- **{_text(term)}.** {_text(text)}{f' *{_text(source)}*' if source else ''}"
                for term, text, source in items
            )
        case TableBlock(table):
            return _table(table)
        case FigureBlock(figure):
            return _figure(figure)
        case Code(label, lines):
            return "\n".join([f"{_text(label)}:", "", _fenced(lines)])
        case Reviews(items):
            return "\n\n".join(
                f"**{_text(review.title)}** ({_text(review.facts)})\n\n{_quoted(review.text)}" for review in items
            )


def _table(table: Table) -> str:
    lines = [
        f"**{_text(table.caption)}**",
        "",
        _row([_text(column.title) for column in table.columns]),
        _row(["---:" if column.numeric else "---" for column in table.columns]),
        *(_row([_cell(cell) for cell in row]) for row in table.rows),
    ]
    return "\n".join(lines + (["", _text(table.note)] if table.note else []))


def _cell(cell: Cell) -> str:
    text = f"{cell.text} ({cell.detail})" if cell.detail else cell.text
    shown = _text(text.replace("\n", " "))
    return f"[{shown}]({cell.href})" if cell.href else shown


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(figure: Figure) -> str:
    alternative = _text(figure.alt.replace("\n", " "))
    return f"![{alternative}](charts/{figure.name}.png)\n\n*{_text(figure.title)}.* {_text(figure.caption)}"


def _fenced(lines: tuple[str, ...]) -> str:
    text = "\n".join(lines)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}sh\n{text}\n{fence}"


def _quoted(text: str | None) -> str:
    if text is None:
        return "> The store has no text for it."
    return "\n".join(f"> {_text(line)}" if line.strip() else ">" for line in text.splitlines())


def _text(text: str) -> str:
    """Nothing in it is markup: reviews and error messages may hold anything."""
    pieces = [
        piece if place % 2 else _SPECIAL.sub(r"\\\1", piece.replace("&", "&amp;"))
        for place, piece in enumerate(_ADDRESS.split(text))
    ]
    return _LINE_START.sub(r"\1\\\2", "".join(pieces))
