"""A page with every test review and what each architecture said."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.report.architecture_trials import ArchitectureTrials, share_right, with_both_labels
from benchmark.report.page import fill_page, read_template
from benchmark.report.render import write_text
from benchmark.report.report_types import Report
from benchmark.results import median_of
from benchmark.wording import visible

if TYPE_CHECKING:
    import pandas as pd


def render_reviews(
    report: Report,
    architectures: Sequence[ArchitectureTrials],
    texts: Mapping[str, str],
    folder: Path,
) -> None:
    """Write ``reviews.html``: a table that is searched and sorted in the browser, in one file.

    Parameters
    ----------
    texts : mapping of str to str
        By the id of the review; may be empty.
    """
    rows = _table(report, with_both_labels(architectures), texts).to_json(orient="records")
    packed = gzip.compress(rows.encode(), compresslevel=3, mtime=0)
    titles = []
    for row in report.compared:
        titles.append((f"of {row.architecture}", html.escape(row.title)))
    page = fill_page(
        "reviews.html",
        table_style=read_template("tabulator/tabulator.min.css"),
        library=read_template("tabulator/tabulator.min.js"),
        benchmark=report.run_id[:8],
        titles=json.dumps(titles).replace("<", "\\u003c"),
        rows=base64.b64encode(packed).decode(),
    )
    write_text(folder / "reviews.html", page)


def _table(
    report: Report,
    judged: Sequence[ArchitectureTrials],
    texts: Mapping[str, str],
) -> pd.DataFrame:
    """One row a review; by the name of an architecture, the percentage that its typical training gives to the label."""
    import pandas as pd

    table = pd.DataFrame()
    if not judged:
        return table
    predictions = judged[0].predictions
    table["review"] = predictions.review_id
    table["label"] = np.take(report.corpus.labels, predictions.label)
    if texts:
        table["text"] = [_shown(texts.get(review_id, "")) for review_id in table["review"]]
    table["wrong"] = 0
    table["right"] = _percentages(share_right(judged))
    for architecture in judged:
        typical = architecture.trials.index(median_of(architecture.trials))
        probability = architecture.probability[typical]
        of_label = np.where(predictions.label == 1, probability, 1 - probability)
        table[f"of {architecture.name}"] = _percentages(of_label)
        table["wrong"] += ~architecture.right[typical]
    return table


def _percentages(shares: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.floor(100 * shares).astype(int)


def _shown(text: str) -> str:
    """As a browser shows it, without what starts a tag."""
    without_breaks = re.sub(r"<br\s*/?>", " ", text)
    return html.escape(visible(without_breaks), quote=False)
