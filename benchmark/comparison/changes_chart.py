"""What changed by architecture: accuracy and time, with their intervals and the thresholds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import altair as alt

from benchmark.comparison.comparison_types import ArchitectureComparison, Comparison, QuantityComparison
from benchmark.comparison.quantity_words import change_words, interval_words
from benchmark.report.charts.parts import Row, domain, on_x, on_y, rows
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table
from benchmark.report.theme import variable

ROW_HEIGHT = 48
NAME, VALUE = 0.28, 0.68  # heights inside an architecture's row, from its top
WIDEST_EXTRA_POINTS = 10.0  # an interval that reaches further than the changes is cut
WIDEST_EXTRA_RATIO = 2.0
MOST_ARCHITECTURES_DRAWN = 20


def changes_figure(comparison: Comparison) -> Figure | None:
    """Draw the changes of accuracy and time with their intervals and thresholds; None where there are too many."""
    shown = comparison.architectures
    if len(shown) > MOST_ARCHITECTURES_DRAWN:
        return None
    thresholds = comparison.thresholds
    accuracy = [one.accuracy for one in shown]
    seconds = [one.seconds_per_epoch for one in shown]
    changes = [figure.change for figure in accuracy]
    ends = [end for figure in accuracy for end in _ends(figure)]
    low = max(min(ends), min(changes) - WIDEST_EXTRA_POINTS)
    high = min(max(ends), max(changes) + WIDEST_EXTRA_POINTS)
    points = domain([low, high, 0.0, -thresholds.max_accuracy_drop_points])
    ratios = [figure.change for figure in seconds]
    ends = [end for figure in seconds for end in _ends(figure)]
    low = max(min(ends), min(ratios) / WIDEST_EXTRA_RATIO)
    high = min(max(ends), max(ratios) * WIDEST_EXTRA_RATIO)
    logarithms = domain([math.log(value) for value in (low, high, 1.0, thresholds.max_slowdown)], at_least=0.2)
    panels = (
        Panel(
            "Accuracy, percentage points",
            _forest(shown, accuracy, points, 0.0, -thresholds.max_accuracy_drop_points, _points_axis(), "linear"),
        ),
        Panel(
            "Seconds per epoch, ratio",
            _forest(
                shown,
                seconds,
                [math.exp(end) for end in logarithms],
                1.0,
                thresholds.max_slowdown,
                _ratio_axis(),
                "log",
            ),
        ),
    )
    return Figure(
        name="changes",
        title="What changed from the baseline to the candidate",
        caption="Dot: the change of the mean over seeds. Line: its 95% interval, not adjusted for the number of "
        "architectures; one that ends at the edge goes on beyond it. Black: no change. Red: the threshold of a "
        "regression.",
        alt="Chart of the changes from the baseline to the candidate. "
        + " ".join(
            f"{one.title}: accuracy {change_words(one.accuracy)} points, interval {interval_words(one.accuracy)}; "
            f"seconds per epoch {change_words(one.seconds_per_epoch)}, interval "
            f"{interval_words(one.seconds_per_epoch)}."
            for one in shown
        ),
        panels=panels,
        table=make_table(
            "changes-data",
            "What changed, in numbers",
            ["Architecture", "Accuracy, points", "95% interval", "Seconds per epoch", "95% interval of the ratio"],
            (
                [
                    one.title,
                    change_words(one.accuracy),
                    interval_words(one.accuracy),
                    change_words(one.seconds_per_epoch),
                    interval_words(one.seconds_per_epoch),
                ]
                for one in shown
            ),
        ),
        key="candidate against baseline, with 95% intervals; red: threshold of a regression",
        columns=2,
    )


def _forest(
    architectures: Sequence[ArchitectureComparison],
    figures: Sequence[QuantityComparison],
    limits: Sequence[float],
    no_change: float,
    threshold: float,
    axis: alt.Axis,
    scale: str,
) -> alt.LayerChart:
    data: list[Row] = [
        {
            "row": row,
            "name": one.title,
            "change": figure.change,
            "low": max(_ends(figure)[0], limits[0]),
            "high": min(_ends(figure)[1], limits[1]),
            "Change": change_words(figure),
            "95% interval": interval_words(figure),
        }
        for row, (one, figure) in enumerate(zip(architectures, figures, strict=True))
    ]
    from_zero = {"zero": False} if scale == "linear" else {}  # a logarithmic scale has no zero, and Vega warns of it
    x = on_x(alt.Scale(domain=list(limits), type=scale, nice=False, **from_zero), axis)
    y = on_y(alt.Scale(domain=[0, len(data)], reverse=True, nice=False), None)("y")
    tips = [alt.Tooltip("name:N", title="Architecture"), alt.Tooltip("Change:N"), alt.Tooltip("95% interval:N")]

    def placed(height: float) -> list[Row]:
        return [{**row, "y": row["row"] + height} for row in data]

    values, names = alt.Chart(rows(placed(VALUE))).encode(y=y, tooltip=tips), alt.Chart(rows(placed(NAME)))
    named = names.encode(x=alt.value(0), y=y, text="name:N")
    told = names.encode(x=alt.value(alt.expr("width")), y=y, text="Change:N")
    halo = {"stroke": variable("paper"), "strokeWidth": 5}  # so that the rules do not run through the words
    return alt.layer(
        _rule(threshold, x, variable("reference")),
        _rule(no_change, x, variable("ink")),
        named.mark_text(align="left", **halo),
        named.mark_text(align="left"),
        told.mark_text(align="right", fontWeight=600, **halo),
        told.mark_text(align="right", fontWeight=600),
        values.mark_rule(color=variable("series-1"), strokeWidth=2.5, strokeCap="round").encode(
            x=x("low"), x2="high:Q"
        ),
        values.mark_circle(color=variable("series-1"), size=90, opacity=1).encode(x=x("change")),
    ).properties(height=ROW_HEIGHT * len(data))


def _rule(at: float, x: Callable[[str], alt.X], colour: str) -> alt.Chart:
    return alt.Chart(rows([{"at": at}])).mark_rule(color=colour, strokeWidth=1).encode(x=x("at"))


def _points_axis() -> alt.Axis:
    return alt.Axis(title=None, tickCount=5, labelExpr="datum.value ? format(datum.value, '+') : '0'")


def _ratio_axis() -> alt.Axis:
    return alt.Axis(title=None, tickCount=5, labelExpr="format(datum.value, '~g') + '\u00d7'")


def _ends(figure: QuantityComparison) -> tuple[float, float]:
    interval = figure.interval
    return (interval.low, interval.high) if interval else (figure.change, figure.change)
