"""Test accuracy epoch by epoch, on both sides."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.comparison.comparison_types import ArchitectureComparison, Comparison
from benchmark.report.charts.parts import domain, on_y, percent_axis, rows
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table
from benchmark.report.theme import variable

HEIGHT = 190
MOST_ARCHITECTURES_DRAWN = 20

BEFORE, NOW = "baseline", "candidate"
COLOURS = {BEFORE: variable("soft"), NOW: variable("series-1")}


def epochs_figure(comparison: Comparison) -> Figure | None:
    """Draw the mean test accuracy after each epoch on both sides, one panel an architecture."""
    shown = comparison.architectures
    if len(shown) > MOST_ARCHITECTURES_DRAWN:
        return None
    values = [
        100 * value
        for one in shown
        for epoch in one.epochs
        for value in (epoch.baseline_accuracy, epoch.candidate_accuracy)
        if value is not None
    ]
    limits = domain(values)

    def cells(one: ArchitectureComparison) -> list[list[str]]:
        return [
            [
                one.title,
                str(epoch.epoch),
                n.known(epoch.baseline_accuracy, n.percent, "not trained"),
                n.known(epoch.candidate_accuracy, n.percent, "not trained"),
            ]
            for epoch in one.epochs
        ]

    return Figure(
        name="epochs",
        title="Test accuracy after each epoch",
        caption="Mean over the compared seeds. Grey and dashed: baseline. Blue: candidate.",
        alt="Charts of test accuracy after each epoch, baseline and candidate. "
        + " ".join(f"{one.title}: {_last_epochs(one)}." for one in shown),
        panels=tuple(Panel(one.title, _epochs(one, limits)) for one in shown),
        table=make_table(
            "epochs-data",
            "Test accuracy after each epoch, in numbers",
            ["Architecture", "Epoch", "Baseline", "Candidate"],
            [row for one in shown for row in cells(one)],
        ),
        key="grey, dashed: baseline \u00b7 blue: candidate",
        columns=2,
    )


def _epochs(one: ArchitectureComparison, limits: list[float]) -> alt.LayerChart:
    data = rows(
        {"epoch": epoch.epoch, "value": 100 * value, "side": side}
        for epoch in one.epochs
        for side, value in ((BEFORE, epoch.baseline_accuracy), (NOW, epoch.candidate_accuracy))
        if value is not None
    )
    last = one.epochs[-1].epoch
    x = alt.X(
        "epoch:Q",
        scale=alt.Scale(domain=[0.8, last + 0.2], nice=False, zero=False),
        axis=alt.Axis(title="Epoch", tickMinStep=1, format="d", grid=False),
    )
    y = on_y(alt.Scale(domain=limits, nice=False, zero=False), percent_axis(None))("value")
    side = alt.Color("side:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None)
    tips = [
        alt.Tooltip("side:N", title="Side"),
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("value:Q", title="Accuracy, %", format=".2f"),
    ]
    dashes = alt.StrokeDash("side:N", scale=alt.Scale(domain=list(COLOURS), range=[[6, 3], [1, 0]]), legend=None)
    base = alt.Chart(data).encode(x=x, y=y, color=side)
    dots = base.mark_circle(size=60, opacity=1).encode(tooltip=tips)
    return alt.layer(base.mark_line(strokeWidth=2.2).encode(strokeDash=dashes), dots).properties(height=HEIGHT)


def _last_epochs(one: ArchitectureComparison) -> str:
    before = [epoch.baseline_accuracy for epoch in one.epochs if epoch.baseline_accuracy is not None]
    now = [epoch.candidate_accuracy for epoch in one.epochs if epoch.candidate_accuracy is not None]
    return (
        f"baseline {n.percent(before[-1])} after {n.plural(len(before), 'epoch')}, "
        f"candidate {n.percent(now[-1])} after {n.plural(len(now), 'epoch')}"
    )
