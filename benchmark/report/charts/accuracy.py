"""The picture that answers the question: accuracy by seed, its mean and interval, the paper and the tutorial."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.report.charts import accuracy_layers as layers
from benchmark.report.charts.parts import (
    domain,
    on_x,
    on_y,
    percent_axis,
    too_many_trials,
)
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import Table, make_table

ROW_HEIGHT = 68
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
        margin = layers.margin_points(analysis)
        parts.append(
            f"Red line: the paper's {n.percent(analysis.paper.accuracy)}"
            + (f", with the equivalence margin of {n.margin(margin)} in grey." if margin else ".")
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
    drawn = [
        *(layers.margin(analysis, x, low, high) if comparable else ()),
        layers.separators(len(summaries), y),
        *(layers.paper(analysis, x, low, high) if comparable else ()),
        *layers.names(analysis, y),
        *layers.means(analysis, x, y, low, high),
        *(layers.seed_quantiles if too_many_trials(analysis) else layers.seeds)(analysis, x, y),
        *layers.tutorial(analysis, x, y),
    ]
    return alt.layer(*drawn).properties(height=ROW_HEIGHT * len(summaries)).resolve_scale(color="independent")


def _domain(analysis: Analysis) -> tuple[float, float]:
    shown = [accuracy * 100 for summary in analysis.architectures for accuracy in layers.accuracies(analysis, summary)]
    shown += [summary.tutorial.accuracy * 100 for summary in analysis.architectures if summary.tutorial]
    if analysis.comparable_to_paper:
        margin = layers.margin_points(analysis)
        shown += [analysis.paper.accuracy * 100 - margin, analysis.paper.accuracy * 100 + margin]
    ends = [end * 100 for one in analysis.architectures for end in (one.interval.low, one.interval.high)]
    low = max(min(shown + ends), min(shown) - WIDEST_EXTRA_POINTS)
    high = min(max(shown + ends), max(shown) + WIDEST_EXTRA_POINTS)
    low, high = domain([low, high], air=0.03)
    return max(low, 0.0), min(high, 100.5)


def _table(analysis: Analysis) -> Table:
    def row(summary: ArchitectureSummary) -> list[str]:
        accuracies = sorted(layers.accuracies(analysis, summary))
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
