"""Calibration: of the reviews given a probability, how many are positive."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, Calibration
from benchmark.report.charts.parts import colours, rows
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table
from benchmark.report.theme import variable

HEIGHT = 210


def calibration_figure(analysis: Analysis) -> Figure | None:
    """Draw one reliability diagram an architecture; None where no trial finished."""
    if not analysis.calibration:
        return None
    title = {one.architecture: one.title for one in analysis.verdicts}
    most = max(bin.predictions for one in analysis.calibration for bin in one.bins)
    return Figure(
        name="calibration",
        title="Calibration",
        caption="Each dot is a bin of predictions, its area their number. On the grey line, a probability means what "
        "it says; below it, the model is surer that reviews are positive than it should be.",
        alt="Reliability diagrams. "
        + " ".join(
            f"{title[one.architecture]}: expected calibration error {n.percent(one.expected_calibration_error)}."
            for one in analysis.calibration
        ),
        panels=tuple(
            Panel(title[one.architecture], _panel(one, colours(analysis)[one.architecture], most))
            for one in analysis.calibration
        ),
        table=make_table(
            "calibration-data",
            "Calibration, in numbers",
            ["Architecture", "Probabilities", "Predictions", "Mean probability", "Positive reviews"],
            (
                [
                    title[one.architecture],
                    f"{n.share(bin.low)} to {n.share(bin.high)}",
                    n.count(bin.predictions),
                    n.percent(bin.mean_probability),
                    n.percent(bin.positive_share),
                ]
                for one in analysis.calibration
                for bin in one.bins
            ),
        ),
        key="dots: bins of predictions, their area the number \u00b7 grey: a probability means what it says",
        columns=2,
    )


def _panel(calibration: Calibration, colour: str, most: int) -> alt.LayerChart:
    scale = alt.Scale(domain=[0, 100], nice=False)
    data = rows(
        {
            "said": bin.mean_probability * 100,
            "were": bin.positive_share * 100,
            "predictions": bin.predictions,
            "Said": n.percent(bin.mean_probability),
            "Were positive": n.percent(bin.positive_share),
        }
        for bin in calibration.bins
    )
    values = [0, 25, 50, 75, 100]
    axis = alt.Axis(title="Probability given", labelExpr="datum.label + '%'", values=values, grid=False)
    x = alt.X("said:Q", scale=scale, axis=axis)
    y = alt.Y(
        "were:Q", scale=scale, axis=alt.Axis(title="Positive reviews", labelExpr="datum.label + '%'", values=values)
    )
    base = alt.Chart(data).encode(x=x, y=y)
    tips = [
        alt.Tooltip("Said:N"),
        alt.Tooltip("Were positive:N"),
        alt.Tooltip("predictions:Q", title="Predictions", format=","),
    ]
    return alt.layer(
        alt.Chart(rows([{"said": 0, "were": 0}, {"said": 100, "were": 100}]))
        .mark_line(color=variable("rule"), strokeWidth=1.5)
        .encode(x=x, y=y),
        base.mark_line(color=colour, strokeWidth=1.5),
        base.mark_circle(color=colour, opacity=0.9).encode(
            size=alt.Size("predictions:Q", scale=alt.Scale(domain=[0, most], range=[18, 240]), legend=None),
            tooltip=tips,
        ),
    ).properties(height=HEIGHT)
