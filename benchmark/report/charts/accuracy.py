"""The picture that answers the question: accuracy by seed, its mean and interval, the paper and the tutorial."""

from __future__ import annotations

import altair as alt

from benchmark.report import numbers as n
from benchmark.report.analysis_types import Analysis, ArchitectureSummary
from benchmark.report.charts.parts import (
    Row,
    ToX,
    colours,
    domain,
    on_x,
    on_y,
    percent_axis,
    quantiles,
    rows,
    too_many_trials,
)
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import Table, make_table
from benchmark.report.theme import variable

ROW_HEIGHT = 68
NAME, MEAN, SEEDS = 0.2, 0.5, 0.76  # heights inside an architecture's row, from its top
WIDEST_EXTRA_POINTS = 14.0  # an interval that reaches further than the points is cut, with an arrow


def accuracy_figure(analysis: Analysis) -> Figure | None:
    """Draw every finished seed of every architecture on one scale; None where none finished."""
    if not analysis.architectures:
        return None
    return Figure(
        name="accuracy",
        title="Test accuracy by seed",
        caption=_caption(analysis),
        alt=_alternative(analysis),
        panels=(Panel("", _chart(analysis)),),
        table=_table(analysis),
        key=_key(analysis),
    )


def _key(analysis: Analysis) -> str:
    single = "\u25a0 seeds: middle 90% and middle half" if too_many_trials(analysis) else "\u2022 one seed"
    tutorial = any(summary.tutorial for summary in analysis.architectures)
    return " \u00b7 ".join(["\u25cf mean with its 95% interval", single, *["\u25b3 the tutorial's figure"] * tutorial])


def _caption(analysis: Analysis) -> str:
    parts = [
        "Bars: the middle half and the middle 90% of the seeds."
        if too_many_trials(analysis)
        else "Small dots: single seeds.",
    ]
    seeds = {len(summary.seeds) for summary in analysis.architectures}
    wilson = "Wilson's 95% interval: how that one trained model would do on other reviews"
    if seeds == {1}:
        parts.append(f"Large dot and line: the one seed's accuracy with {wilson}.")
    else:
        parts.append("Large dot and line: the mean over the seeds with its 95% interval, for seeds and test reviews.")
        if 1 in seeds:
            parts.append(f"Where there is one seed, the line is {wilson}.")
    if any(summary.tutorial for summary in analysis.architectures):
        parts.append("Triangle: the tutorial's own figure, from one run.")
    if analysis.comparable_to_paper:
        margin = _margin_points(analysis)
        parts.append(
            f"Red line: the paper's {n.percent(analysis.paper.accuracy)}"
            + (f", with the equivalence margin of ±{n.decimal(2)(margin)} points in grey." if margin else ".")
        )
    return " ".join(parts)


def _alternative(analysis: Analysis) -> str:
    sentences = []
    for summary in analysis.architectures:
        text = f"{summary.title}: mean {n.percent(summary.accuracy.mean)}, from {n.percent(summary.accuracy_worst)}"
        text += f" to {n.percent(summary.accuracy_best)} over {n.plural(len(summary.seeds), 'seed')}"
        if summary.tutorial:
            text += f", tutorial {n.percent(summary.tutorial.accuracy)}"
        sentences.append(text + ".")
    if analysis.comparable_to_paper:
        sentences.append(f"A vertical line marks the paper's {n.percent(analysis.paper.accuracy)}.")
    return "Chart of test accuracy by architecture. " + " ".join(sentences)


def _chart(analysis: Analysis) -> alt.LayerChart:
    summaries = analysis.architectures
    comparable = analysis.comparable_to_paper
    low, high = _domain(analysis)
    y = on_y(alt.Scale(domain=[0, len(summaries)], reverse=True, nice=False), None)("y")
    x = on_x(alt.Scale(domain=[low, high], nice=False, zero=False), percent_axis("Accuracy on the test half"))
    layers = [
        *(_margin(analysis, x, low, high) if comparable else ()),
        _separators(len(summaries), y),
        *(_paper(analysis, x, low, high) if comparable else ()),
        *_names(analysis, y),
        *_means(analysis, x, y, low, high),
        *(_seed_quantiles(analysis, x, y) if too_many_trials(analysis) else (_seeds(analysis, x, y),)),
        *_tutorial(analysis, x, y),
    ]
    return alt.layer(*layers).properties(height=ROW_HEIGHT * len(summaries)).resolve_scale(color="independent")


def _margin(analysis: Analysis, x: ToX, low: float, high: float) -> list[alt.Chart]:
    reference, margin = analysis.paper.accuracy * 100, _margin_points(analysis)
    data = rows([{"from": max(low, reference - margin), "to": min(high, reference + margin)}])
    return [alt.Chart(data).mark_rect(color=variable("band")).encode(x=x("from"), x2="to:Q")]


def _paper(analysis: Analysis, x: ToX, low: float, high: float) -> list[alt.Chart]:
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


def _separators(count: int, y: alt.Y) -> alt.Chart:
    return alt.Chart(rows({"y": float(row)} for row in range(count + 1))).mark_rule(color=variable("grid")).encode(y=y)


def _names(analysis: Analysis, y: alt.Y) -> list[alt.Chart]:
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


def _means(analysis: Analysis, x: ToX, y: alt.Y, low: float, high: float) -> list[alt.Chart]:
    colour = colours(analysis)
    means: list[Row] = []
    arrows: list[Row] = []
    for row, summary in enumerate(analysis.architectures):
        left, right = summary.interval.low * 100, summary.interval.high * 100
        means.append(
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
    base = alt.Chart(rows(means))
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


def _seeds(analysis: Analysis, x: ToX, y: alt.Y) -> alt.Chart:
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
    return (
        alt.Chart(data)
        .mark_circle(size=60, opacity=0.75)
        .encode(
            x=x("x"),
            y=y,
            color=alt.Color("colour:N", scale=None, legend=None),
            tooltip=[alt.Tooltip("Seed:N"), alt.Tooltip("Accuracy:N"), alt.Tooltip("Run:N")],
        )
    )


def _seed_quantiles(analysis: Analysis, x: ToX, y: alt.Y) -> list[alt.Chart]:
    colour = colours(analysis)
    data = rows(
        {
            **quantiles([accuracy * 100 for accuracy in _accuracies(analysis, summary)]),
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


def _tutorial(analysis: Analysis, x: ToX, y: alt.Y) -> list[alt.Chart]:
    data = [
        {"x": summary.tutorial.accuracy * 100, "y": row + SEEDS, "Tutorial": n.percent(summary.tutorial.accuracy)}
        for row, summary in enumerate(analysis.architectures)
        if summary.tutorial
    ]
    mark = alt.Chart(rows(data)).mark_point(
        shape="triangle-up", size=85, fill=variable("paper"), stroke=variable("ink"), strokeWidth=1.6, opacity=1
    )
    return [mark.encode(x=x("x"), y=y, tooltip=[alt.Tooltip("Tutorial:N")])] if data else []


def _domain(analysis: Analysis) -> tuple[float, float]:
    shown = [accuracy * 100 for summary in analysis.architectures for accuracy in _accuracies(analysis, summary)]
    shown += [summary.tutorial.accuracy * 100 for summary in analysis.architectures if summary.tutorial]
    if analysis.comparable_to_paper:
        margin = _margin_points(analysis)
        shown += [analysis.paper.accuracy * 100 - margin, analysis.paper.accuracy * 100 + margin]
    ends = [end * 100 for one in analysis.architectures for end in (one.interval.low, one.interval.high)]
    low = max(min(shown + ends), min(shown) - WIDEST_EXTRA_POINTS)
    high = min(max(shown + ends), max(shown) + WIDEST_EXTRA_POINTS)
    low, high = domain([low, high], air=0.03)
    return max(low, 0.0), min(high, 100.5)


def _margin_points(analysis: Analysis) -> float:
    return next((one.paper.margin_points for one in analysis.architectures if one.paper), 0.0)


def _accuracies(analysis: Analysis, summary: ArchitectureSummary) -> list[float]:
    return [
        trial.test_accuracy
        for trial in analysis.trials
        if trial.architecture == summary.architecture and trial.test_accuracy is not None
    ]


def _table(analysis: Analysis) -> Table:
    def row(summary: ArchitectureSummary) -> list[str]:
        accuracies = sorted(_accuracies(analysis, summary))
        return [
            summary.title,
            n.percent(summary.accuracy.mean),
            n.percent_interval(summary.interval),
            f"{len(accuracies)} seeds" if too_many_trials(analysis) else ", ".join(map(n.percent, accuracies)),
            n.percent(summary.tutorial.accuracy) if summary.tutorial else "none",
        ]

    return make_table(
        "accuracy-data",
        "Test accuracy by seed, in numbers",
        ["Architecture", "Mean", "95% interval, %", "Seeds, from the worst to the best", "Tutorial"],
        map(row, analysis.architectures),
    )
