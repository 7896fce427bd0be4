"""Differences with their intervals, one a row: the pairs of architectures."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.report.charts.parts import Row, domain, on_x, on_y, rows
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table
from benchmark.report.theme import variable

ROW_HEIGHT = 44
NAME, VALUE = 0.28, 0.68  # heights inside a pair's row, from its top
MOST_PAIRS_DRAWN = 28


def pairs_figure(analysis: Analysis) -> Figure | None:
    """Draw the difference of every pair with its interval; None where there is none, or too many to read."""
    title = {one.architecture: one.title for one in analysis.verdicts}
    data: list[Row] = []
    for pair in analysis.pairwise:
        if pair.difference_points is not None:
            interval = pair.interval_points
            data.append(
                {
                    "row": len(data),
                    "name": f"{title[pair.first]} {n.MINUS} {title[pair.second]}",
                    "difference": pair.difference_points,
                    "low": interval.low if interval else pair.difference_points,
                    "high": interval.high if interval else pair.difference_points,
                    "Difference": n.points(pair.difference_points),
                    "95% interval": n.known(interval, n.points_interval, n.ONE_SEED),
                }
            )
    if not 0 < len(data) <= MOST_PAIRS_DRAWN:
        return None
    limits = domain([0.0, *(row[end] for row in data for end in ("low", "high"))])
    axis = alt.Axis(
        title="Difference in accuracy, percentage points",
        tickCount=6,
        labelExpr="datum.value ? format(datum.value, '+') : '0'",
    )
    x = on_x(alt.Scale(domain=limits, nice=False, zero=False), axis)
    y = on_y(alt.Scale(domain=[0, len(data)], reverse=True, nice=False), None)("y")
    tips = [alt.Tooltip("name:N", title="Pair"), alt.Tooltip("Difference:N"), alt.Tooltip("95% interval:N")]

    def placed(height: float) -> list[Row]:
        return [{**row, "y": row["row"] + height} for row in data]

    values = alt.Chart(rows(placed(VALUE))).encode(y=y, tooltip=tips)
    names = alt.Chart(rows(placed(NAME)))
    chart = alt.layer(
        alt.Chart(rows([{"difference": 0}])).mark_rule(color=variable("ink"), strokeWidth=1).encode(x=x("difference")),
        # first a halo, so that the line at zero does not run through the name
        names.mark_text(align="left", stroke=variable("paper"), strokeWidth=5).encode(
            x=alt.value(0), y=y, text="name:N"
        ),
        names.mark_text(align="left").encode(x=alt.value(0), y=y, text="name:N"),
        names.mark_text(align="right", fontWeight=600).encode(x=alt.value(alt.expr("width")), y=y, text="Difference:N"),
        values.mark_rule(color=variable("series-1"), strokeWidth=2.5, strokeCap="round").encode(
            x=x("low"), x2="high:Q"
        ),
        values.mark_circle(color=variable("series-1"), size=90, opacity=1).encode(x=x("difference")),
    ).properties(height=ROW_HEIGHT * len(data))
    return Figure(
        name="pairs",
        title="Differences between architectures",
        caption="Dot: the first architecture's mean accuracy minus the second's, over the seeds that both have. Line: "
        "95% interval, not adjusted for the number of pairs.",
        alt="Chart of the differences between architectures. "
        + " ".join(f"{row['name']}: {row['Difference']} points, interval {row['95% interval']}." for row in data),
        panels=(Panel("", chart),),
        table=make_table(
            "pairs-data",
            "Differences between architectures, in numbers",
            ["Pair", "Difference, points", "95% interval, points"],
            ([row["name"], row["Difference"], row["95% interval"]] for row in data),
        ),
        key="first minus second, with its 95% interval",
    )
