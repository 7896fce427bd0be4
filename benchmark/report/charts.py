"""The charts of a report as SVG, drawn by Vega-Lite."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from itertools import accumulate
from statistics import median
from typing import Any, NamedTuple

from benchmark.report.report_types import LadderRow, Reference, Report
from benchmark.report.vega import Chart, Mark, draw
from benchmark.wording import percent, percent_interval, points

LABEL_SHARE = 14 / 150  # of the height of a panel
CHANCE = 0.5
AT_CHANCE = 0.52  # a seed up to here learned nothing: it must not press the others together
ARROW_ROOM = 52  # pixels, between the names and the ladder
MIN_SECONDS = 0.01  # a logarithmic scale has no zero
LABEL_HEIGHT, LETTER_WIDTH, DOT = 15, 6.9, 7  # pixels
CAPITALS = 6  # pixels more, since a short name is mostly of capital letters


def draw_charts(report: Report) -> dict[str, Chart]:
    """Draw what the report has, by the name of the file; nothing where no trial finished."""
    if not report.rows:
        return {}
    charts = {"ladder": draw_ladder(report.rows, report.reference, report.config.equivalence_margin_points)}
    domain = _learning_domain(report.rows)
    for place, row in enumerate(report.rows):
        if row.trials[0].epochs:
            charts[f"learning-{row.architecture}"] = _learning(row, _colour(place), domain)
        if not row.one_label:
            charts[f"calibration-{row.architecture}"] = _calibration(row, _colour(place))
    if len(report.rows) > 1:
        charts["training-time"] = _training_time(report.rows)
    return charts


def _colour(place: int) -> str:
    """After eight, colours repeat, with other shapes."""
    return f"var(--series-{place % 8 + 1})"


def _without_floors(rows: Sequence[LadderRow]) -> Sequence[LadderRow]:
    """Leave out what gives one label only, unless there is nothing else."""
    return [row for row in rows if not row.one_label] or rows


def _around(values: Sequence[float]) -> list[float]:
    """A domain in percent, with some room at both ends."""
    low = 100 * min(values, default=0.0)
    high = min(100.0, 100 * max(values, default=1.0))
    room = max(0.5, 0.03 * (high - low))
    return [round(low - room, 2), round(high + room, 2)]


# The ladder


def draw_ladder(
    rows: Sequence[LadderRow],
    reference: Reference | None = None,
    margin_points: float = 0.0,
    name: str = "ladder",
) -> Chart:
    """Draw every architecture, the best on top: median with interval, seeds as dots, published figures as triangles."""
    low, high = domain = _ladder_domain(rows, reference)
    marks = [_ladder_mark(place, row, low) for place, row in enumerate(rows)]
    alt = "Test accuracy of each architecture."
    for row in rows:
        alt += f" {row.title}: {percent(row.accuracy)} ({percent_interval(row.interval)})."

    # The reference, whose name must stay inside the drawing
    lines: list[Mark] = []
    align = "center"
    if reference:
        at, value = 100 * reference.accuracy, percent(reference.accuracy)
        line = {
            "accuracy": at,
            "low": at - margin_points,
            "high": at + margin_points,
            "text": f"{reference.name}: {value}",
        }
        lines.append(line)
        if at > low + 0.7 * (high - low):
            align = "right"
        elif at < low + 0.3 * (high - low):
            align = "left"
        alt += f" A vertical line marks {value}, {reference.name}."
    room = ARROW_ROOM if any("arrow" in mark for mark in marks) else 0
    return draw(
        "ladder",
        name,
        alt,
        rows=marks,
        reference=lines,
        reference_align=align,
        domain=domain,
        places=[0, len(rows)],
        lines=len(rows) + 1,
        wide_height=32 * len(rows),
        narrow_height=60 * len(rows),
        wide_width=610 - room,
        narrow_width=340 - room,
        left=-room,
    )


def _ladder_mark(place: int, row: LadderRow, left_edge: float) -> Mark:
    seeds = [100 * accuracy for accuracy in row.accuracies]
    mark: Mark = {
        "place": place,
        "colour": _colour(place),
        "title": row.title,
        "value": percent(row.accuracy),
        "accuracy": 100 * row.accuracy,
        "low": 100 * row.interval.low,
        "high": 100 * row.interval.high,
        "seeds": [] if row.deterministic else seeds,
    }
    if row.published_accuracy:
        mark["published"] = 100 * row.published_accuracy
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
        values += [row.accuracy, max(low, CHANCE), high]
        values += [accuracy for accuracy in row.accuracies if accuracy > AT_CHANCE]
        if row.published_accuracy:
            values.append(row.published_accuracy)
        if row.shuffled:
            values.append(row.shuffled.accuracy)
    return _around(values)


# Learning


def _medians(row: LadderRow, field: str) -> list[float]:
    """Median over the seeds after each epoch; empty for a baseline."""
    seeds = [trial.epochs for trial in row.trials]
    medians = []
    for epochs in zip(*seeds, strict=True):
        medians.append(median(getattr(epoch, field) for epoch in epochs))
    return medians


def _curve(accuracies: Sequence[float], **more: Any) -> list[Mark]:
    """One mark an epoch."""
    marks = []
    for epoch, accuracy in enumerate(accuracies, 1):
        marks.append({"x": epoch, "y": 100 * accuracy, **more})
    return marks


def _learning(row: LadderRow, colour: str, domain: Sequence[float]) -> Chart:
    """Draw accuracy after each epoch: seeds thin, their median thick, the training split grey."""
    seeds: list[Mark] = []
    for trial in row.trials:
        of_seed = [epoch.test_accuracy for epoch in trial.epochs]
        seeds += _curve(of_seed, seed=trial.seed)
    accuracies = _medians(row, "test_accuracy")
    tests = _curve(accuracies, split="test", colour=colour)
    training = _curve(_medians(row, "train_accuracy"), split="training", colour="var(--soft)")
    printed: list[Mark] = []
    for epoch, tutorial in enumerate(row.tutorial_epochs, 1):
        printed.append({"x": epoch, "y": 100 * tutorial.accuracy, "test": False})
        if tutorial.val_accuracy is not None:
            printed.append({"x": epoch, "y": 100 * tutorial.val_accuracy, "test": True})

    # The names of the lines, one above the other
    names = [training[-1].copy(), tests[-1].copy()]
    names.sort(key=lambda mark: mark["y"])
    lower, upper = names
    distance = LABEL_SHARE * (domain[1] - domain[0])
    lower["y"] = min(lower["y"], upper["y"] - distance)

    last = len(tests)
    step = math.ceil(last / 8)
    return draw(
        "learning",
        f"learning-{row.architecture}",
        f"{row.title}: median test accuracy after each epoch {', '.join(map(percent, accuracies))}.",
        title=row.title,
        epochs=[0.8, last],
        ticks=list(range(1, last + 1, step)),
        domain=domain,
        colour=colour,
        seeds=seeds,
        medians=tests + training,
        names=[upper, lower],
        printed=printed,
    )


def _learning_domain(rows: Sequence[LadderRow]) -> list[float]:
    """The same for all; a seed may start below the drawing, so that the others are not pressed together."""
    values: list[float] = []
    for row in rows:
        values += _medians(row, "test_accuracy") + _medians(row, "train_accuracy")
        for trial in row.trials:
            values += [epoch.test_accuracy for epoch in trial.epochs[-1:]]
        for printed in row.tutorial_epochs:
            values += [printed.accuracy, printed.val_accuracy or printed.accuracy]
    return _around(values)


# Training time


def _training_time(rows: Sequence[LadderRow]) -> Chart:
    """Draw accuracy against training time, epoch by epoch for networks; a floor is not drawn."""
    path: list[Mark] = []
    ends: list[Mark] = []
    shown = _without_floors(rows)
    alt = "Accuracy against training time."
    for place, row in enumerate(rows):
        alt += f" {row.title}: {percent(row.accuracy)} after {row.train_seconds:.1f} seconds."
        if row not in shown:
            continue
        seconds = _medians(row, "train_seconds") or [row.train_seconds]
        accuracies = _medians(row, "test_accuracy") or [row.accuracy]
        for after, accuracy in zip(accumulate(seconds), accuracies, strict=True):
            mark = {
                "x": max(after, MIN_SECONDS),
                "y": 100 * accuracy,
                "title": row.title,
                "colour": _colour(place),
            }
            path.append(mark)
        ends.append(mark)
    seconds_drawn = [mark["x"] for mark in path]
    times = [0.8 * min(seconds_drawn), 1.25 * max(seconds_drawn)]
    # the first epochs may lie below the drawing, so that the ends are not pressed together
    domain = _around([mark["y"] / 100 for mark in ends])
    return draw(
        "training-time",
        "training-time",
        alt,
        times=times,
        domain=domain,
        path=path,
        ends=ends,
        wide_names=_beside(ends, times, domain, width=820, height=330),
        narrow_names=_beside(ends, times, domain, width=300, height=440),
    )


class Box(NamedTuple):
    """A part of a drawing, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two have a pixel in common."""
        beside = self.right <= other.left or other.right <= self.left
        above = self.bottom <= other.top or other.bottom <= self.top
        return not beside and not above


def _beside(
    ends: Sequence[Mark],
    times: Sequence[float],
    domain: Sequence[float],
    width: int,
    height: int,
) -> list[Mark]:
    """Place the name of each point, in pixels, where no other name and no point is in the way.

    Parameters
    ----------
    width, height : int
        As in ``training-time.yaml``.
    """
    start, end = times
    low, high = domain
    spots = []
    for mark in ends:
        x = width * math.log(mark["x"] / start) / math.log(end / start)
        y = height * (high - mark["y"]) / (high - low)
        spots.append((x, y))
    taken = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in spots]
    names: list[Mark] = []
    for mark, (x, y) in zip(ends, spots, strict=True):
        length = LETTER_WIDTH * len(mark["title"]) + CAPITALS
        for box in _places(x, y, min(length, width), width, height):
            if not any(box.overlaps(other) for other in taken):
                break
        taken.append(box)
        names.append(mark | box._asdict() | {"x": x, "y": y})
    return names


def _places(
    x: float,
    y: float,
    length: float,
    width: int,
    height: int,
) -> Iterator[Box]:
    """Yield places for a name: right and left of its point, then further and further above and below."""
    half = LABEL_HEIGHT / 2
    for distance in range(0, height, 3):
        for middle in (y - distance, y + distance):
            middle = min(max(middle, half), height - half)
            for left in (x + DOT, x - DOT - length, x - length / 2):
                left = min(max(left, 0.0), width - length)
                yield Box(left, middle - half, left + length, middle + half)


# Calibration


def _calibration(row: LadderRow, colour: str) -> Chart:
    """Draw observed frequency against predicted probability, one line for each seed."""
    curves: list[Mark] = []
    for place, curve in enumerate(row.calibration.curves):
        for predicted, observed in curve:
            curves.append({"x": 100 * predicted, "y": 100 * observed, "seed": place})
    gap = points(100 * row.calibration.error)
    # always three lines, so that the drawings stand in line
    title = [*textwrap.wrap(row.title, 27)[:2], f"average gap {gap}", ""]
    return draw(
        "calibration",
        f"calibration-{row.architecture}",
        f"{row.title}: average calibration gap {gap}.",
        title=title[:3],
        colour=colour,
        curves=curves,
    )
