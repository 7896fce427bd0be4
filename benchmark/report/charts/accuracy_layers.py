"""The layers of the picture of accuracies: paper and margin, names, means with intervals, seeds, tutorial."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.report.charts.parts import Row, ToX, colours, quantiles, rows
from benchmark.report.theme import variable

NAME, MEAN, SEEDS = 0.2, 0.5, 0.76  # heights inside an architecture's row, from its top


def margin(analysis: Analysis, x: ToX, low: float, high: float) -> list[alt.Chart]:
    reference, width = analysis.paper.accuracy * 100, margin_points(analysis)
    data = rows([{"from": max(low, reference - width), "to": min(high, reference + width)}])
    return [alt.Chart(data).mark_rect(color=variable("band")).encode(x=x("from"), x2="to:Q")]


def paper(analysis: Analysis, x: ToX, low: float, high: float) -> list[alt.Chart]:
    reference = analysis.paper.accuracy * 100
    base = alt.Chart(rows([{"x": reference}])).encode(x=x("x"))
    place = (reference - low) / (high - low)  # the label must stay inside the picture
    align, shift = ("right", 6) if place > 0.8 else ("left", -6) if place < 0.2 else ("center", 0)
    return [
        base.mark_rule(color=variable("reference"), strokeWidth=1.5),
        base.mark_text(color=variable("reference"), fontWeight=600, align=align, dx=shift, baseline="bottom").encode(
            y=alt.value(-7), text=alt.value(f"Maas et al. 2011: {n.percent(analysis.paper.accuracy)}")
        ),
    ]


def separators(count: int, y: alt.Y) -> alt.Chart:
    return alt.Chart(rows({"y": float(row)} for row in range(count + 1))).mark_rule(color=variable("grid")).encode(y=y)


def names(analysis: Analysis, y: alt.Y) -> list[alt.Chart]:
    data = rows(
        {"y": row + NAME, "name": summary.title, "mean": n.percent(summary.accuracy.mean)}
        for row, summary in enumerate(analysis.architectures)
    )
    base = alt.Chart(data)
    return [
        base.mark_text(align="left", fontWeight=600, fontSize=13).encode(x=alt.value(0), y=y, text="name:N"),
        base.mark_text(align="right", fontWeight=600, fontSize=13).encode(
            x=alt.value(alt.expr("width")), y=y, text="mean:N"
        ),
    ]


def means(analysis: Analysis, x: ToX, y: alt.Y, low: float, high: float) -> list[alt.Chart]:
    colour = colours(analysis)
    drawn: list[Row] = []
    arrows: list[Row] = []
    for row, summary in enumerate(analysis.architectures):
        left, right = summary.interval.low * 100, summary.interval.high * 100
        drawn.append(
            {
                "y": row + MEAN,
                "x": summary.accuracy.mean * 100,
                "from": max(left, low),
                "to": min(right, high),
                "colour": colour[summary.architecture],
                "Mean": n.percent(summary.accuracy.mean),
                "95% interval": n.percent_interval(summary.interval),
                "Seeds": len(summary.seeds),
            }
        )
        for cut, end, arrow in ((left < low, low, "\u25c0"), (right > high, high, "\u25b6")):
            if cut:
                arrows.append({"y": row + MEAN, "x": end, "arrow": arrow, "colour": colour[summary.architecture]})
    base = alt.Chart(rows(drawn))
    tips = [alt.Tooltip("Mean:N"), alt.Tooltip("95% interval:N"), alt.Tooltip("Seeds:Q")]
    own = alt.Color("colour:N", scale=None, legend=None)
    return [
        base.mark_rule(strokeWidth=3, strokeCap="round").encode(x=x("from"), x2="to:Q", y=y, color=own, tooltip=tips),
        *(
            base.mark_tick(thickness=2, height=11, orient="vertical").encode(x=x(end), y=y, color=own)
            for end in ("from", "to")
        ),
        base.mark_circle(size=105, opacity=1, stroke=variable("paper"), strokeWidth=1.5).encode(
            x=x("x"), y=y, color=own, tooltip=tips
        ),
        alt.Chart(rows(arrows)).mark_text(fontSize=11).encode(x=x("x"), y=y, text="arrow:N", color=own),
    ]


def seeds(analysis: Analysis, x: ToX, y: alt.Y) -> list[alt.Chart]:
    colour = colours(analysis)
    place = {summary.architecture: row for row, summary in enumerate(analysis.architectures)}
    data = rows(
        {
            "x": trial.test_accuracy * 100,
            "y": place[trial.architecture] + SEEDS,
            "colour": colour[trial.architecture],
            "Seed": str(trial.seed),
            "Accuracy": n.percent(trial.test_accuracy),
            "Run": n.short_id(trial.run_id),
        }
        for trial in analysis.trials
        if trial.test_accuracy is not None and trial.architecture in place
    )
    return [
        alt.Chart(data)
        .mark_circle(size=60, opacity=0.75)
        .encode(
            x=x("x"),
            y=y,
            color=alt.Color("colour:N", scale=None, legend=None),
            tooltip=[alt.Tooltip("Seed:N"), alt.Tooltip("Accuracy:N"), alt.Tooltip("Run:N")],
        )
    ]


def seed_quantiles(analysis: Analysis, x: ToX, y: alt.Y) -> list[alt.Chart]:
    colour = colours(analysis)
    data = rows(
        {
            **quantiles([accuracy * 100 for accuracy in accuracies(analysis, summary)]),
            "y": row + SEEDS,
            "colour": colour[summary.architecture],
            "Median seed": n.percent(summary.accuracy_median),
            "Worst seed": n.percent(summary.accuracy_worst),
            "Best seed": n.percent(summary.accuracy_best),
        }
        for row, summary in enumerate(analysis.architectures)
    )
    base = alt.Chart(data)
    own = alt.Color("colour:N", scale=None, legend=None)
    tips = [alt.Tooltip("Median seed:N"), alt.Tooltip("Worst seed:N"), alt.Tooltip("Best seed:N")]

    def bar(start: str, end: str, thickness: int, opacity: float) -> alt.Chart:
        return base.mark_rule(strokeWidth=thickness, opacity=opacity).encode(
            x=x(start), x2=f"{end}:Q", y=y, color=own, tooltip=tips
        )

    return [
        bar("low", "high", 7, 0.25),
        bar("quarter", "three_quarters", 7, 0.5),
        base.mark_tick(thickness=2, height=11).encode(x=x("median"), y=y, color=own),
    ]


def tutorial(analysis: Analysis, x: ToX, y: alt.Y) -> list[alt.Chart]:
    data = [
        {"x": summary.tutorial.accuracy * 100, "y": row + SEEDS, "Tutorial": n.percent(summary.tutorial.accuracy)}
        for row, summary in enumerate(analysis.architectures)
        if summary.tutorial
    ]
    mark = alt.Chart(rows(data)).mark_point(
        shape="triangle-up", size=85, fill=variable("paper"), stroke=variable("ink"), strokeWidth=1.6, opacity=1
    )
    return [mark.encode(x=x("x"), y=y, tooltip=[alt.Tooltip("Tutorial:N")])] if data else []


def margin_points(analysis: Analysis) -> float:
    return next((one.paper.margin_points for one in analysis.architectures if one.paper), 0.0)


def accuracies(analysis: Analysis, summary: ArchitectureSummary) -> list[float]:
    return [
        trial.test_accuracy
        for trial in analysis.trials
        if trial.architecture == summary.architecture and trial.test_accuracy is not None
    ]
