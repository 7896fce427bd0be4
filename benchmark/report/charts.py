"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from benchmark.report.ladder import LadderRow, Reference
from benchmark.report.questions import share_above
from benchmark.report.report_types import Report
from benchmark.report.training_reviews import Size
from benchmark.report.vega import Chart, Mark, draw
from benchmark.wording import percent, points_interval, signed

CHANCE = 0.5
AT_CHANCE = 0.52  # a seed up to here learned nothing: it must not press the others together
MIN_SECONDS = 0.01  # a logarithmic scale has no zero
MAX_LOSS = 2.0
QUESTION_TITLES = {
    "bag of words": "Each sequence model against {}",
    "reference": "Each architecture against {}",
    "best": "{}, the best, minus each other",
}
NEAR_TIMES, NEAR_HEIGHT = 1.2, 0.04  # in the chart of training times: what is nearer than a number is wide and high


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    charts = {"ladder": _ladder(report)}
    charts |= _questions(report)
    charts |= _learning(report.rows)
    if len(report.rows) > 1:
        charts["training-time"] = _training_time(report.rows)
    if report.growth:
        charts["training-reviews"] = _growth(report.rows, report.growth)
    return charts


def _without_floors(rows: Sequence[LadderRow]) -> Sequence[LadderRow]:
    """Leave out what gives one label only, unless there is nothing else."""
    return [row for row in rows if not row.one_label] or rows


# The ladder


def _ladder(report: Report) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    reference = report.reference
    domain = _ladder_domain(report.rows, reference)
    lines: list[Mark] = []
    if reference:
        accuracy = 100 * reference.accuracy
        line = {
            "accuracy": accuracy,
            "low": accuracy - report.config.equivalence_margin_points,
            "high": accuracy + report.config.equivalence_margin_points,
            "text": f"{reference.name}: {percent(reference.accuracy)}",
        }
        lines.append(line)
    return draw(
        "ladder",
        "ladder",
        "Test accuracy of each architecture, with its interval, as in the table below.",
        title=f"Accuracy on {report.corpus.test_review}s",
        rows=[_ladder_mark(row, domain[0]) for row in report.rows],
        reference=lines,
        domain=domain,
    )


def _ladder_mark(row: LadderRow, left_edge: float) -> Mark:
    seeds = [100 * accuracy for accuracy in row.accuracies]
    mark: Mark = {
        "kind": row.model_kind,
        "title": row.title,
        "value": percent(row.accuracy),
        "accuracy": 100 * row.accuracy,
        "low": 100 * row.interval.low,
        "high": 100 * row.interval.high,
        "seeds": [] if row.deterministic else seeds,
    }
    if row.published:
        mark["published"] = 100 * row.published.accuracy
    if row.shuffled:
        mark["shuffled"] = 100 * row.shuffled.accuracy
    # what goes on beyond the drawing
    beyond = [end for end in (seeds[0], mark["low"]) if end < left_edge]
    if beyond:
        mark["arrow"] = f"\u2190 {beyond[0]:.1f}%"
    return mark


def _ladder_domain(rows: Sequence[LadderRow], reference: Reference | None) -> list[float]:
    """All medians, intervals, seeds and published figures, but what is at chance."""
    values = [reference.accuracy] if reference else []
    for row in _without_floors(rows):
        low, high = row.interval
        values += [row.accuracy, max(low, CHANCE), min(high, 1.0)]
        values += [accuracy for accuracy in row.accuracies if accuracy > AT_CHANCE]
        if row.published:
            values.append(row.published.accuracy)
        if row.shuffled:
            values.append(row.shuffled.accuracy)
    return [100 * min(values), 100 * max(values)]


# The planned questions


def _questions(report: Report) -> dict[str, Chart]:
    """Draw the interval of each answer, a chart for each question, on the same axis."""
    margin_points = report.config.equivalence_margin_points
    answers = [answer for question in report.questions for answer in question.answers]
    differences = [0.0, *(answer.difference_points for answer in answers)]
    widths = [100 * (answer.interval.high - answer.interval.low) for answer in answers]
    # an interval that is much wider than the others goes on beyond the drawing
    room = median(widths or [0.0])
    domain = [min(differences) - room, max(differences) + room]
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
            mark = {
                "title": row.title,
                "kind": row.model_kind,
                "difference": answer.difference_points,
                "low": 100 * answer.interval.low,
                "high": 100 * answer.interval.high,
                "verdict": answer.result,
                "text": f"{difference} {outlook}",
            }
            marks.append(mark)
            alt += f" {row.title}: {difference} ({points_interval(answer.interval)}), {outlook}"
            alt += f"; {share_above(answer.above)}." if answer.above else "."
        margin = [{"low": -margin_points, "high": margin_points}]
        charts[name] = draw(
            "question", name, alt, title=title, level=level, answers=marks, margin=margin, domain=domain
        )
    return charts


# Learning


def _medians(row: LadderRow, field: str) -> list[float]:
    """Median over the seeds after each epoch; empty for a baseline."""
    seeds = [trial.epochs for trial in row.trials]
    medians = []
    for epochs in zip(*seeds, strict=True):
        medians.append(median(getattr(epoch, field) for epoch in epochs))
    return medians


def _learning(rows: Sequence[LadderRow]) -> dict[str, Chart]:
    """Draw accuracy and loss after each epoch, a chart for each network, on the same axes."""
    networks = [row for row in rows if row.trials[0].epochs]
    if not networks:
        return {}
    curves = [_curves(row) for row in networks]
    accuracies, losses = _learning_domain(curves, "accuracy"), _learning_domain(curves, "loss")
    charts = {}
    for row, marks in zip(networks, curves, strict=True):
        name = f"learning-{row.architecture}"
        tests = map(percent, _medians(row, "test_accuracy"))
        charts[name] = draw(
            "learning",
            name,
            f"{row.title}: median test accuracy after each epoch {', '.join(tests)}.",
            title=row.title,
            accuracies=accuracies,
            losses=losses,
            kind=row.model_kind,
            **marks,
        )
    return charts


def _curves(row: LadderRow) -> dict[str, list[Mark]]:
    """Seeds on the test split, medians on both splits, and what the tutorial printed."""
    seeds = []
    for trial in row.trials:
        for epoch in trial.epochs:
            seeds.append(_point(epoch.epoch, epoch.test_accuracy, epoch.test_loss, trial.seed))
    medians = []
    for split, name in (("test", row.model_kind), ("train", "training")):
        measured = zip(_medians(row, f"{split}_accuracy"), _medians(row, f"{split}_loss"), strict=True)
        for number, (accuracy, loss) in enumerate(measured, 1):
            medians.append(_point(number, accuracy, loss, name))
    printed = []
    for number, tutorial in enumerate(row.published.epochs if row.published else (), 1):
        printed.append(_point(number, tutorial.accuracy, tutorial.loss, "training"))
        if tutorial.val_accuracy and tutorial.val_loss:
            printed.append(_point(number, tutorial.val_accuracy, tutorial.val_loss, "test"))
    return {"seeds": seeds, "medians": medians, "printed": printed}


def _point(epoch: int, accuracy: float, loss: float, name: object) -> Mark:
    # what is above, or no number, is drawn at the limit
    return {"x": epoch, "accuracy": 100 * accuracy, "loss": min(MAX_LOSS, loss), "name": name}


def _learning_domain(curves: Iterable[Mapping[str, list[Mark]]], measure: str) -> list[float]:
    """The same for all; a seed may start outside the drawing, so that the others are not pressed together."""
    values = []
    for marks in curves:
        last = marks["medians"][-1]["x"]
        ends = [mark for mark in marks["seeds"] if mark["x"] == last]
        values += [mark[measure] for mark in ends + marks["medians"] + marks["printed"]]
    return [min(values), max(values)]


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time; a floor is not drawn.

    Numbers lead to the names, which stand below the drawing in the order of the accuracies.
    """
    drawn = _without_floors(rows)
    marks: list[Mark] = []
    for number, row in enumerate(drawn, 1):
        mark = {
            "x": max(row.train_seconds, MIN_SECONDS),
            "accuracy": 100 * row.accuracy,
            "kind": row.model_kind,
            "number": str(number),
            "title": row.title,
        }
        marks.append(mark)
    return draw(
        "training-time",
        "training-time",
        "Accuracy against training time, as in the table of all architectures.",
        marks=marks,
        numbers=_numbers(marks, marks[0]["accuracy"] - marks[-1]["accuracy"]),
    )


def _numbers(marks: Sequence[Mark], height: float) -> list[Mark]:
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


# Training reviews


def _growth(rows: Sequence[LadderRow], growth: Sequence[Size]) -> Chart:
    """Draw accuracy against the number of training reviews, with the interval as a band; numbers lead to the names."""
    drawn = _without_floors(rows)
    marks: list[Mark] = []
    ends: list[Mark] = []
    for number, row in enumerate(drawn, 1):
        for size in growth:
            if size.architecture == row.architecture:
                mark: Mark = {"x": size.reviews, "accuracy": 100 * size.accuracy, "title": row.title}
                mark |= {"low": 100 * size.interval.low, "high": 100 * size.interval.high, "kind": row.model_kind}
                marks.append(mark)
        ends.append(marks[-1] | {"number": str(number)})
    low, high = domain = [min(mark["accuracy"] for mark in marks), max(mark["high"] for mark in marks)]
    return draw(
        "training-reviews",
        "training-reviews",
        "Accuracy against the number of training reviews, as in the table below.",
        ticks=sorted({mark["x"] for mark in marks}),
        domain=domain,
        marks=marks,
        ends=ends,
        numbers=_numbers(ends, high - low),
    )
