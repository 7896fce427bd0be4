"""Accuracy among short and long reviews."""

from __future__ import annotations

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.report.charts.parts import domain, on_y, percent_axis, rows, series_scales, singled_out
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table

HEIGHT = 300
WIDEST_EXTRA_POINTS = 8.0


def review_length_figure(analysis: Analysis) -> Figure | None:
    """Draw accuracy with its interval by the length of the review; None where no trial finished."""
    found = analysis.accuracy_by_length
    if not found:
        return None
    title = {one.architecture: one.title for one in analysis.verdicts}
    labels = list(dict.fromkeys(one.label for one in found))
    shown = list(dict.fromkeys(one.architecture for one in found))
    colour, shape = series_scales(analysis, shown)
    low, high = _limits(analysis)
    data = rows(
        {
            "title": title[one.architecture],
            "label": one.label,
            "accuracy": one.accuracy * 100,
            "low": max(one.interval.low * 100, low),
            "high": min(one.interval.high * 100, high),
            "Accuracy": n.percent(one.accuracy),
            "95% interval": n.percent_interval(one.interval),
            "reviews": one.reviews,
        }
        for one in found
    )
    axis = alt.Axis(
        title="Words in the review",
        labelAngle=0,
        labelOverlap=False,
        labelExpr="width < 520 ? split(datum.label, ' ') : datum.label",
        grid=False,
        ticks=False,
    )
    x = alt.X("label:N", sort=labels, axis=axis)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    y = on_y(scale, percent_axis("Accuracy on the test half"))
    beside = alt.XOffset("title:N", sort=[title[name] for name in shown], scale=alt.Scale(paddingOuter=0.6))
    tips = [
        alt.Tooltip("title:N", title="Architecture"),
        alt.Tooltip("label:N", title="Words"),
        alt.Tooltip("Accuracy:N"),
        alt.Tooltip("95% interval:N"),
        alt.Tooltip("reviews:Q", title="Reviews", format=","),
    ]
    chosen, strong = singled_out(1)
    _, weak = singled_out(0.6)
    base = alt.Chart(data).encode(x=x, xOffset=beside, color=colour, tooltip=tips)
    chart = alt.layer(
        base.mark_rule(strokeWidth=2).encode(opacity=weak, y=y("low"), y2="high:Q"),
        base.mark_point(size=60, filled=True)
        .encode(opacity=strong, y=y("accuracy"), shape=shape)
        .properties(name="marks")
        .add_params(chosen),
    ).properties(height=HEIGHT)
    return Figure(
        name="review-length",
        title="Accuracy by length of the review",
        caption="Marks: accuracy averaged over the seeds, with its 95% interval for seeds and reviews of that length; "
        "long intervals are cut at the edge of the picture. A review of more than "
        f"{n.count(analysis.settings['review_length'])} words loses its beginning before a model reads it.",
        alt="Chart of test accuracy by words in the review. "
        + " ".join(
            f"{title[name]}: "
            + ", ".join(f"{n.percent(one.accuracy)} at {one.label}" for one in found if one.architecture == name)
            + "."
            for name in shown
        ),
        panels=(Panel("", chart),),
        table=make_table(
            "review-length-data",
            "Accuracy by length of the review, in numbers",
            ["Architecture", "Words", "Reviews", "Accuracy", "95% interval, %"],
            (
                [
                    title[one.architecture],
                    one.label,
                    n.count(one.reviews),
                    n.percent(one.accuracy),
                    n.percent_interval(one.interval),
                ]
                for one in found
            ),
        ),
        key="marks: mean over the seeds \u00b7 lines: 95% interval",
    )


def _limits(analysis: Analysis) -> tuple[float, float]:
    """Room for every mark, and for intervals that are not much longer than the marks lie apart."""
    marks = [one.accuracy * 100 for one in analysis.accuracy_by_length]
    ends = [end * 100 for one in analysis.accuracy_by_length for end in (one.interval.low, one.interval.high)]
    low = max(min(ends), min(marks) - WIDEST_EXTRA_POINTS)
    high = min(max(ends), max(marks) + WIDEST_EXTRA_POINTS)
    low, high = domain([low, high], air=0.03)
    return max(low, 0.0), min(high, 100.0)
