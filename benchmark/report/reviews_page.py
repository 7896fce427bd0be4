"""A page with every test review and what each architecture said."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from benchmark.report.evidence import Evidence, Gathered
from benchmark.report.fill import TEMPLATES
from benchmark.report.page import STYLE
from benchmark.report.report_types import Report
from benchmark.results import median_of
from benchmark.wording import visible

REVIEWS_PAGE = "reviews.html"
RIGHT = "share of trials that are right"  # no name of an architecture
LIBRARY = TEMPLATES / "tabulator"
ROWS = re.compile(r'id="rows">([^<]*)<')
RIGHT_OR_WRONG = {"color": ["var(--wrong)", "var(--right)"], "legendColor": "var(--ink)"}


def render_reviews(report: Report, gathered: Gathered, texts: Mapping[str, str], folder: Path) -> None:
    """Write ``reviews.html``: a table that is searched and sorted in the browser, in one file.

    Parameters
    ----------
    texts : mapping of str to str
        By the id of the review; may be empty.
    """
    architectures = sorted(gathered.telling, key=lambda evidence: -float(np.median(evidence.right.mean(axis=1))))
    columns = [_column("Review", "review", width=140), _column("Label", "label", width=90)]
    if texts:
        words = {"headerFilterFunc": "keywords", "headerFilterFuncParams": {"matchAll": True}}
        columns.append(_column("Text", "text", formatter="html", minWidth=320, widthGrow=20, **words))
    titles = {RIGHT: "Right"} | {evidence.architecture: evidence.title for evidence in architectures}
    for field, title in titles.items():
        columns.append(
            _column(
                title,
                field,
                headerFilterFunc="<=",
                headerFilterPlaceholder="at most",
                sorter="number",
                width=100,
                formatter="progress",
                formatterParams=RIGHT_OR_WRONG,
            )
        )
    options = {
        "columns": columns,
        "height": "100%",
        "nestedFieldSeparator": False,
        "rowHeight": 84 if texts else 30,
        "layout": "fitColumns",
        "initialSort": [{"column": RIGHT, "dir": "asc"}],  # the hardest first
    }
    rows = _rows(report, architectures, texts, [column["field"] for column in columns])
    page = Template((TEMPLATES / REVIEWS_PAGE).read_text(encoding="utf-8")).substitute(
        style=STYLE,
        table_style=(LIBRARY / "tabulator.min.css").read_text(encoding="utf-8"),
        library=(LIBRARY / "tabulator.min.js").read_text(encoding="utf-8"),
        benchmark=html.escape(f"Benchmark {report.run_id[:8]}"),
        options=json.dumps(options).replace("<", "\\u003c"),
        rows=base64.b64encode(gzip.compress(json.dumps(rows).encode(), compresslevel=3, mtime=0)).decode(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REVIEWS_PAGE).write_text(page, encoding="utf-8", newline="\n")


def rows_of(page: str) -> list[dict[str, Any]]:
    """Return the rows of a page; none where it has none."""
    packed = ROWS.search(page)
    return json.loads(gzip.decompress(base64.b64decode(packed[1]))) if packed else []


def texts_of(page: str) -> dict[str, str]:
    """Return the texts of a page by the ids of their reviews."""
    return {row["review"]: html.unescape(row["text"]) for row in rows_of(page) if "text" in row}


def _column(title: str, field: str, **options: Any) -> dict[str, Any]:
    return {"title": html.escape(title), "field": field, "headerFilter": "input", **options}


def _rows(
    report: Report, architectures: list[Evidence], texts: Mapping[str, str], fields: list[str]
) -> list[dict[str, Any]]:
    """One row a review: its id, its label, its text where there is one, and percentages."""
    if not architectures:
        return []
    predictions = architectures[0].predictions
    right = np.concatenate([evidence.right for evidence in architectures])
    cells: list[list[Any]] = [predictions.review_id.tolist()]
    cells.append([report.corpus.labels[label] for label in predictions.label])
    if texts:
        cells.append([_shown(texts.get(str(review_id), "")) for review_id in predictions.review_id])
    cells.append(np.floor(100 * right.mean(axis=0)).astype(int).tolist())
    for evidence in architectures:
        typical = evidence.trials.index(median_of(evidence.trials, attrgetter("accuracy")))
        probability = evidence.probability[typical]
        of_truth = np.floor(100 * np.where(predictions.label == 1, probability, 1 - probability)).astype(int)
        # what is right is 50 or more, also where the probability is one half
        cells.append(np.where(evidence.right[typical], of_truth.clip(min=50), of_truth.clip(max=49)).tolist())
    return [dict(zip(fields, row, strict=True)) for row in zip(*cells, strict=True)]


def _shown(text: str) -> str:
    """As a browser shows it, without what starts a tag."""
    return html.escape(visible(re.sub(r"<br\s*/?>", " ", text)), quote=False)
