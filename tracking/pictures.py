"""Figures and the table of predictions that a trial's MLflow page shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

import numpy as np

from benchmark.results import Predictions

EXAMPLES = 20
TEXT_LENGTH = 300
STYLE = "<style>text{font:14px system-ui,sans-serif;fill:#222}.white{fill:#fff}</style>"


def confusion_matrix_svg(predictions: Predictions, labels: tuple[str, str], name: str) -> str:
    """Draw how many reviews of each label were predicted as each label."""
    counts = np.zeros((2, 2), int)
    np.add.at(counts, (predictions.label, (predictions.probability > 0.5).astype(int)), 1)
    cells = []
    for row in (0, 1):
        for column in (0, 1):
            share = counts[row, column] / max(counts[row].sum(), 1)
            x, y = 150 + 150 * column, 80 + 100 * row
            dark = ' class="white"' if share > 0.5 else ""
            cells.append(
                f'<rect x="{x}" y="{y}" width="148" height="98" fill="#0072b2" fill-opacity="{share:.3f}"/>'
                f'<text x="{x + 74}" y="{y + 48}" text-anchor="middle"{dark}>{counts[row, column]:,}</text>'
                f'<text x="{x + 74}" y="{y + 68}" text-anchor="middle"{dark}>{share:.1%}</text>'
            )
        cells.append(f'<text x="140" y="{134 + 100 * row}" text-anchor="end">is {escape(labels[row])}</text>')
        cells.append(f'<text x="{224 + 150 * row}" y="70" text-anchor="middle">said {escape(labels[row])}</text>')
    return _svg(470, 300, f"{name}, {counts.sum():,} test reviews", "".join(cells))


def roc_curve_svg(predictions: Predictions, roc_auc: float, name: str) -> str:
    """Draw the true-positive rate against the false-positive rate over all thresholds."""
    order = np.argsort(-predictions.probability, kind="stable")
    positive = predictions.label[order] == 1
    last_of_its_value = np.append(np.diff(predictions.probability[order]) != 0, True)
    true_rate, false_rate = (
        np.append(0.0, np.cumsum(hits)[last_of_its_value] / max(hits.sum(), 1)) for hits in (positive, ~positive)
    )
    kept = np.unique(np.linspace(0, len(true_rate) - 1, 300).astype(int))
    rates = zip(false_rate[kept], true_rate[kept], strict=True)
    points = " ".join(f"{60 + 300 * x:.1f},{360 - 300 * y:.1f}" for x, y in rates)
    ticks = "".join(
        f'<text x="{60 + 300 * tick}" y="378" text-anchor="middle">{tick:.0%}</text>'
        f'<text x="52" y="{364 - 300 * tick}" text-anchor="end">{tick:.0%}</text>'
        for tick in (0.0, 0.5, 1.0)
    )
    return _svg(
        400,
        420,
        f"{name}: area {roc_auc:.4f}",
        '<rect x="60" y="60" width="300" height="300" fill="none" stroke="#999"/>'
        '<path d="M60 360 L360 60" stroke="#999" stroke-dasharray="4"/>'
        f'<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2"/>{ticks}'
        '<text x="210" y="402" text-anchor="middle">false positives of all negatives</text>'
        '<text transform="translate(16 210) rotate(-90)" text-anchor="middle">true positives of all positives</text>',
    )


def predictions_table(
    predictions: Predictions, labels: tuple[str, str], text_of: Callable[[str], str | None] | None = None
) -> str:
    """Return the reviews that were most surely wrong, then some right ones, as the JSON table that the UI shows."""
    truth = np.where(predictions.label == 1, predictions.probability, 1 - predictions.probability)
    right = (predictions.probability > 0.5) == (predictions.label == 1)
    wrong = np.flatnonzero(~right)[np.argsort(truth[~right], kind="stable")][: EXAMPLES // 2]
    count = min(EXAMPLES - len(wrong), int(right.sum()))
    others = np.flatnonzero(right)[np.linspace(0, right.sum() - 1, count).astype(int)]
    rows = []
    for index in [*wrong, *others]:
        review_id = str(predictions.review_id[index])
        text = text_of(review_id) if text_of else None
        rows.append(
            [
                review_id,
                labels[int(predictions.label[index])],
                labels[int(predictions.probability[index] > 0.5)],
                round(float(predictions.probability[index]), 4),
                bool(right[index]),
                int(predictions.words[index]),
                "" if text is None else text[:TEXT_LENGTH],
            ]
        )
    columns = ["review_id", "label", "predicted", "probability", "correct", "words", "text"]
    return json.dumps({"columns": columns, "data": rows})


def _svg(width: int, height: int, title: str, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'{STYLE}<rect width="100%" height="100%" fill="#fff"/><text x="16" y="28">{escape(title)}</text>'
        f"{content}</svg>\n"
    )
