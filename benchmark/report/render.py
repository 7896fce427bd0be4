"""Files of a report: page, Markdown, JSON, CSV and charts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchmark.errors import UserError
from benchmark.report.charts import draw_charts
from benchmark.report.markdown import fill_template
from benchmark.report.page import to_page, with_light_colours
from benchmark.report.report_types import Report
from benchmark.report.vega import Chart

PIXELS_PER_UNIT = 2.5


def render(report: Report, folder: Path) -> None:
    """Write ``report.html``, ``report.md``, ``report.json``, ``trials.csv``, ``charts/*.svg`` and ``ladder.png``.

    The folder is made where it is missing. The same report gives the same bytes.
    """
    import pandas as pd
    import vl_convert

    charts = draw_charts(report)
    write_pages(folder, "report", charts, report=report)
    for name, drawing in charts.items():
        svg = with_light_colours(drawing.svg)
        if name == "ladder":
            write_text(folder / "ladder.png", vl_convert.svg_to_png(svg, scale=PIXELS_PER_UNIT))
        # a white ground, for readers with a dark background
        svg = svg.replace(">", ' style="background:#fff">', 1)
        write_text(folder / "charts" / f"{name}.svg", svg)
    write_text(folder / "report.json", to_json(report))
    trials = [trial.model_dump(exclude={"epochs"}) for trial in report.trials]
    table = pd.DataFrame(trials, dtype=object)  # whole numbers stay whole beside missing ones
    write_text(folder / "trials.csv", table.to_csv(index=False, lineterminator="\n"))


def answer_markdown(report: Report, page: str) -> str:
    """Return the answer as Markdown: its sentences, the ladder as a table, and the command.

    It is the description of the benchmark's MLflow run.

    Parameters
    ----------
    page : str
        Address of the report in MLflow's UI; empty where it is not known.
    """
    return fill_template("answer.md.j2", report=report, page=page)


def write_pages(
    folder: Path,
    name: str,
    charts: Mapping[str, Chart],
    **context: Any,
) -> None:
    """Fill ``NAME.md``, and write it and ``NAME.html``."""
    markdown = fill_template(f"{name}.md.j2", charts=charts, **context)
    write_text(folder / f"{name}.md", markdown)
    write_text(folder / f"{name}.html", to_page(markdown, charts))


def write_text(path: Path, content: str | bytes) -> None:
    """Write UTF-8 with line feeds, the same bytes on every system, or an image; make the folder where it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
    except OSError as error:  # without the file's name where its disk is full
        raise UserError(f"{path} cannot be written: {error.strerror}; give another folder with --output") from None


def to_json(model: BaseModel) -> str:
    """Every number at full precision; ASCII, so that no text of a review can control a terminal."""
    return model.model_dump_json(indent=1, ensure_ascii=True) + "\n"
