"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmark.report.ladder import LadderRow, Size
from benchmark.report.report_types import PAPER, Report
from benchmark.report.vega import Chart, Mark, draw
from benchmark.wording import percent, points_interval, signed

if TYPE_CHECKING:
    import pandas as pd

CHANCE = 0.5
AT_CHANCE = 0.52  # a seed up to here learned nothing: it must not press the others together
MIN_SECONDS = 0.01  # a logarithmic scale has no zero
SECONDS = (MIN_SECONDS, 0.1, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800, 36000, 86400)  # that an axis may name
TIME_LABEL = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value / 3600 + ' h'"
)
MAX_LOSS = 2.0
QUESTION_TITLES = {
    "bag of words": "Each sequence model against {}",
    "reference": "Each architecture against {}",
    "best": "{}, the best, minus each other",
}
NEAR_TIMES, NEAR_HEIGHT = 1.2, 0.04  # in charts with numbers: what is nearer than a number is wide and high


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    charts = {"ladder": _ladder(report)}
    charts |= _questions(report)
    charts |= _learning(report.rows)
    drawn = report.compared or report.rows
    if len(report.rows) > 1:
        charts["training-time"] = _training_time(drawn)
    if report.rows[0].sizes:
        charts["training-reviews"] = _training_reviews(drawn)
    return charts


# The ladder


def _ladder(report: Report) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    domain = _ladder_domain(report)
    rows: list[Mark] = []
    for row in report.rows:
        mark = row.model_dump(mode="json", exclude={"trials"})
        mark |= {"kind": row.model_kind, "value": percent(row.accuracy), "seeds": row.accuracies}
        # what goes on beyond the drawing
        beyond = [end for end in (row.accuracies[0], row.interval.low) if end < domain[0]]
        if beyond:
            mark["arrow"] = f"\u2190 {beyond[0]:.1%}"
        rows.append(mark)
    lines: list[Mark] = []
    reference = report.reference
    margin = report.config.equivalence_margin_points / 100
    if reference:
        line = {
            "accuracy": reference.accuracy,
            "low": reference.accuracy - margin,
            "high": reference.accuracy + margin,
            "text": f"{PAPER}: {percent(reference.accuracy)}",
        }
        lines.append(line)
    return draw(
        "ladder",
        "ladder",
        "Test accuracy of each architecture, with its interval, as in the table below.",
        title=f"Accuracy on {report.corpus.test_review}s",
        rows=rows,
        reference=lines,
        domain=domain,
    )


def _ladder_domain(report: Report) -> list[float]:
    """All medians, intervals, seeds and published figures, but what is at chance."""
    values = [report.reference.accuracy] if report.reference else []
    for row in report.compared or report.rows:
        values += [row.accuracy, max(row.interval.low, CHANCE), row.interval.high]
        values += [accuracy for accuracy in row.accuracies if accuracy > AT_CHANCE]
        if row.published:
            values.append(row.published.accuracy)
        if row.shuffled:
            values.append(row.shuffled)
    return [min(values), max(values)]


# The planned questions


def _questions(report: Report) -> dict[str, Chart]:
    """Draw the interval of each answer, a chart for each question, on the same axis."""
    margin = report.config.equivalence_margin_points / 100
    answers = [answer for question in report.questions for answer in question.answers]
    differences = [0.0, *(answer.difference for answer in answers)]
    widths = [answer.interval.high - answer.interval.low for answer in answers]
    # an interval that is much wider than the others goes on beyond the drawing
    room = median(widths or [0.0])
    charts = {}
    for question in report.questions:
        name = f"question-{question.kind.replace(' ', '-')}"
        title = QUESTION_TITLES[question.kind].format(question.other)
        level = f"Percentage points, {100 * question.interval_level:.4g}% intervals"
        marks: list[Mark] = []
        alt = f"{title}. {level}."
        for answer in question.answers:
            row = report.row_of(answer.architecture)
            difference, outlook = signed(answer.difference_points), answer.outlook
            words = {"title": row.title, "verdict": answer.result, "text": f"{difference} {outlook}"}
            marks.append(vars(answer) | words | {"kind": row.model_kind})
            alt += f" {row.title}: {difference} ({points_interval(answer.interval)}), {outlook}"
            alt += f"; {answer.above}." if answer.above else "."
        charts[name] = draw(
            "question",
            name,
            alt,
            title=title,
            level=level,
            answers=marks,
            margin=[{"low": -margin, "high": margin}],
            domain=[min(differences) - room, max(differences) + room],
        )
    return charts


# Learning


def _learning(rows: Sequence[LadderRow]) -> dict[str, Chart]:
    """Draw accuracy and loss after each epoch, a chart for each network, on the same axes."""
    import pandas as pd

    networks = [row for row in rows if row.trials[0].epochs]
    if not networks:
        return {}
    curves = [_curves(row) for row in networks]
    # a seed may start outside the drawing, so that the others are not pressed together
    inside = pd.concat(points[(points.line != "seed") | (points.epoch == points.epoch.max())] for points in curves)
    charts = {}
    for row, points in zip(networks, curves, strict=True):
        name = f"learning-{row.architecture}"
        tests = points[points.line == "median"].test_accuracy.map(percent)
        charts[name] = draw(
            "learning",
            name,
            f"{row.title}: median test accuracy after each epoch {', '.join(tests)}.",
            title=row.title,
            accuracies=_ends(inside.filter(like="accuracy")),
            losses=_ends(inside.filter(like="loss")),
            kind=row.model_kind,
            points=json.loads(points.to_json(orient="records")),
        )
    return charts


def _ends(values: pd.DataFrame) -> list[float]:
    return [float(np.nanmin(values)), float(np.nanmax(values))]


def _curves(row: LadderRow) -> pd.DataFrame:
    """Seeds, their medians, and what the tutorial printed after each epoch."""
    import pandas as pd

    epochs = []
    for trial in row.trials:
        for epoch in trial.epochs:
            epochs.append(epoch.model_dump() | {"seed": trial.seed})
    seeds = pd.DataFrame(epochs)
    for loss in ("train_loss", "test_loss"):  # what is above, or no number, is drawn at the limit
        seeds[loss] = seeds[loss].clip(upper=MAX_LOSS).fillna(MAX_LOSS)
    curves = [seeds.assign(line="seed"), seeds.groupby("epoch", as_index=False).median().assign(line="median")]
    if row.published and row.published.epochs:
        printed = pd.DataFrame(row.published.epochs, dtype=float)
        curves.append(printed.assign(line="tutorial", epoch=printed.index + 1))
    return pd.concat(curves)


# Training time, and training reviews


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time."""
    points = [(row, max(row.train_seconds, MIN_SECONDS), row) for row in rows]
    title, table = "Accuracy against training time", "of all architectures"
    return _numbered("training-time", title, table, points, SECONDS, TIME_LABEL)


def _training_reviews(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against the number of training reviews, with the interval as a band."""
    points = [(row, size.reviews, size) for row in rows for size in row.sizes]
    title, numbers = "Accuracy against the number of training reviews", sorted({reviews for _, reviews, _ in points})
    return _numbered("training-reviews", title, "below", points, numbers, "format(datum.value, ',')")


def _numbered(
    name: str,
    title: str,
    table: str,
    points: Iterable[tuple[LadderRow, float, LadderRow | Size]],
    ticks: Sequence[float],
    label: str,
) -> Chart:
    """Draw a curve for each row; the numbers at their ends lead to the names, which stand below the drawing.

    The axis ends at ticks, so that it has some however near to each other all points are.
    """
    marks: list[Mark] = []
    ends: dict[str, Mark] = {}
    for row, x, point in points:
        mark = {"title": row.title, "kind": row.model_kind, "x": x, "accuracy": point.accuracy}
        marks.append(mark | {"interval": point.interval})
        ends[row.title] = marks[-1]
    for number, mark in enumerate(ends.values(), 1):
        mark["number"] = str(number)
    low, high = min(mark["accuracy"] for mark in marks), max(mark["interval"].high for mark in marks)
    first, last = min(mark["x"] for mark in marks), max(mark["x"] for mark in marks)
    return draw(
        "numbered",
        name,
        f"{title}, as in the table {table}.",
        title=title,
        axis=f"{name.replace('-', ' ').capitalize()}, logarithmic",
        label=label,
        ticks=ticks,
        x_domain=[max(tick for tick in ticks if tick <= first), min(tick for tick in ticks if tick >= last)],
        domain=[low, high],
        marks=marks,
        ends=list(ends.values()),
        numbers=_numbers(ends.values(), high - low),
    )


def _numbers(marks: Iterable[Mark], height: float) -> list[Mark]:
    """What meets has one label with all numbers."""
    labels: list[Mark] = []
    for mark in marks:
        for label in labels:
            times = mark["x"] / label["x"]
            if 1 / NEAR_TIMES < times < NEAR_TIMES and label["accuracy"] - mark["accuracy"] <= NEAR_HEIGHT * height:
                label["number"] += f", {mark['number']}"
                break
        else:
            labels.append(mark.copy())
    return labels
