"""Write the report of a benchmark: one HTML file, Markdown, CSV, JSON, and its charts as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.analysis.analyse import analyse
from benchmark.analysis.analysis_types import Analysis
from benchmark.report.charts.accuracy import accuracy_figure
from benchmark.report.compose import compose
from benchmark.report.document import Document
from benchmark.report.figure import png
from benchmark.report.html_page import render_html
from benchmark.report.markdown import render_markdown
from benchmark.report.published import render_json
from benchmark.report.trials_csv import render_trials_csv
from benchmark.results import BenchmarkRecord


@dataclass(frozen=True)
class ReportFiles:
    """The files of a report, all below `directory`."""

    directory: Path
    html: Path
    markdown: Path
    csv: Path
    json: Path
    charts: tuple[Path, ...]


def build_report(
    record: BenchmarkRecord, directory: Path, generated_at: str, analysis: Analysis | None = None
) -> ReportFiles:
    """Write the report of a benchmark.

    The same record gives the same bytes, but for `generated_at`.

    Parameters
    ----------
    record : BenchmarkRecord
        As the tracking store gives it back.
    directory : Path
        Made where it is missing; files of an older report in it are replaced.
    generated_at : str
        The time stamp that the report bears.
    analysis : Analysis, optional
        Of this very record, where the caller has it already.
    """
    analysis = analysis or analyse(record)
    document = compose(analysis, generated_at)
    files = ReportFiles(
        directory=directory,
        html=directory / "report.html",
        markdown=directory / "report.md",
        csv=directory / "trials.csv",
        json=directory / "report.json",
        charts=tuple(
            directory / "charts" / f"{figure.name}.{kind}" for figure in document.figures for kind in ("svg", "png")
        ),
    )
    write_document(document, directory, "report")
    write_text(files.csv, render_trials_csv(analysis))
    write_text(files.json, render_json(analysis, generated_at))
    return files


def write_document(document: Document, directory: Path, name: str) -> None:
    """Write ``name.html``, ``name.md`` and the pictures in ``charts/``; the directory is made where it is missing."""
    (directory / "charts").mkdir(parents=True, exist_ok=True)
    write_text(directory / f"{name}.html", render_html(document))
    write_text(directory / f"{name}.md", render_markdown(document))
    for figure in document.figures:
        svg = figure.svg()
        write_text(directory / "charts" / f"{figure.name}.svg", svg)
        (directory / "charts" / f"{figure.name}.png").write_bytes(png(svg))


def write_accuracy_picture(analysis: Analysis, path: Path) -> None:
    """Write the picture that answers the question, light, on white, for a README.

    Parameters
    ----------
    path : Path
        Ends in ``.svg`` or ``.png``; a PNG has two and a half pixels a unit.

    Raises
    ------
    ValueError
        If no trial finished, so that there is nothing to draw, or the name ends in something else.
    """
    figure = accuracy_figure(analysis)
    if figure is None:
        raise ValueError("no trial of this benchmark finished: there is no accuracy to draw")
    if path.suffix == ".svg":
        write_text(path, figure.svg())
    elif path.suffix == ".png":
        path.write_bytes(png(figure.svg(), pixels_per_unit=2.5))
    else:
        raise ValueError(f"{path.name!r}: a picture's name ends in .svg or .png")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with line feeds, the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")
