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

from benchmark.report.evidence import Gathered
from benchmark.report.fill import TEMPLATES
from benchmark.report.page import STYLE
from benchmark.report.render import write_text
from benchmark.report.report_types import Report
from benchmark.results import median_of
from benchmark.wording import visible

LIBRARY = TEMPLATES / "tabulator"
ROWS = re.compile(r'id="rows">([^<]*)<')


def render_reviews(report: Report, gathered: Gathered, texts: Mapping[str, str], folder: Path) -> None:
    """Write ``reviews.html``: a table that is searched and sorted in the browser, in one file.

    Parameters
    ----------
    texts : mapping of str to str
        By the id of the review; may be empty.
    """
    rows = json.dumps(_rows(report, gathered, texts)).encode()
    titles = []
    for row in report.rows[::-1]:
        if not row.one_label:
            titles.append((f"of {row.architecture}", html.escape(row.title)))
    page = Template((TEMPLATES / "reviews.html").read_text(encoding="utf-8")).substitute(
        style=STYLE,
        table_style=(LIBRARY / "tabulator.min.css").read_text(encoding="utf-8"),
        library=(LIBRARY / "tabulator.min.js").read_text(encoding="utf-8"),
        benchmark=report.run_id[:8],
        titles=json.dumps(titles).replace("<", "\\u003c"),
        rows=base64.b64encode(gzip.compress(rows, compresslevel=3, mtime=0)).decode(),
    )
    write_text(folder / "reviews.html", page)


def rows_of(page: str) -> list[dict[str, Any]]:
    """Return the rows of a page; none where it has none."""
    packed = ROWS.search(page)
    return json.loads(gzip.decompress(base64.b64decode(packed[1]))) if packed else []


def texts_of(page: str) -> dict[str, str]:
    """Return the texts of a page by the ids of their reviews."""
    return {row["review"]: html.unescape(row["text"]) for row in rows_of(page) if "text" in row}


def _rows(report: Report, gathered: Gathered, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a review; by the name of an architecture, the percentage that its typical training gives to the label."""
    if not gathered.telling:
        return []
    predictions = gathered.telling[0].predictions
    label, ids = predictions.label, predictions.review_id.tolist()
    columns: dict[str, list[Any]] = {"review": ids, "label": [report.corpus.labels[value] for value in label]}
    if texts:
        columns["text"] = [_shown(texts.get(review_id, "")) for review_id in ids]
    right = np.concatenate([evidence.right for evidence in gathered.telling]).mean(axis=0)
    columns["right"] = np.floor(100 * right).astype(int).tolist()
    for evidence in gathered.telling:
        typical = evidence.trials.index(median_of(evidence.trials, attrgetter("accuracy")))
        probability = evidence.probability[typical]
        of_label = np.floor(100 * np.where(label == 1, probability, 1 - probability)).astype(int)
        # what is right is 50 or more, also where the probability is one half
        of_label = np.where(evidence.right[typical], of_label.clip(min=50), of_label.clip(max=49))
        columns[f"of {evidence.architecture}"] = of_label.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _shown(text: str) -> str:
    """As a browser shows it, without what starts a tag."""
    return html.escape(visible(re.sub(r"<br\s*/?>", " ", text)), quote=False)
