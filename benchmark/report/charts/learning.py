"""Learning curves: every seed thin, the mean thick, the tutorial's epochs as marks."""

from __future__ import annotations

from typing import Literal

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.parts import MeanEpoch, TrialEpoch, TutorialEpoch
from benchmark.report.charts.parts import (
    Row,
    ToY,
    colours,
    domain,
    on_y,
    percent_axis,
    quantiles,
    rows,
    too_many_trials,
)
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import Table, make_table
from benchmark.report.theme import variable

Measure = Literal["accuracy", "loss"]
HEIGHT = 210
HALVES = {"training half": "", "test half": "val_"}


def learning_figure(analysis: Analysis, measure: Measure) -> Figure | None:
    """Draw accuracy or loss after each epoch, one panel an architecture; None where no trial finished."""
    if not analysis.mean_curves:
        return None
    everything = _everything(analysis, measure)
    return Figure(
        name=f"learning-{measure}",
        title=f"{measure.capitalize()} after each epoch",
        caption=_caption(analysis, measure),
        alt=_alternative(analysis, measure),
        panels=tuple(
            Panel(one.title, _panel(analysis, one.architecture, measure, domain(everything, at_least=0.02)))
            for one in analysis.architectures
        ),
        table=_table(analysis, measure),
        key=_key(analysis),
        columns=2,
    )


def _caption(analysis: Analysis, measure: Measure) -> str:
    if measure == "loss":
        return "As the figure above, for the binary cross-entropy that the training minimises."
    seeds = (
        "Bands: the middle 90% and the middle half of the seeds"
        if too_many_trials(analysis)
        else "Thin lines: single seeds"
    )
    caption = (
        f"{seeds}; thick lines: their mean. Colour: the test half, after the epoch. Grey: the training half, as Keras "
        f"averages it while the epoch runs."
    )
    if analysis.tutorial_curves:
        caption += " Triangles: what the tutorial printed, open for training and filled for its test half."
    return caption


def _key(analysis: Analysis) -> str:
    single = "bands: middle 90% and middle half of the seeds" if too_many_trials(analysis) else "thin: single seeds"
    tutorial = ["\u25b3 \u25b2 tutorial, training and test half"] if analysis.tutorial_curves else []
    return " \u00b7 ".join(["thick: mean", single, *tutorial])


def _alternative(analysis: Analysis, measure: Measure) -> str:
    sentences = []
    for summary in analysis.architectures:
        means = [epoch for epoch in analysis.mean_curves if epoch.architecture == summary.architecture]
        values = ", ".join(_written(getattr(epoch, f"val_{measure}"), measure) for epoch in means)
        sentences.append(f"{summary.title}, mean of the test half by epoch: {values}.")
    return f"Charts of {measure} after each epoch. " + " ".join(sentences)


def _panel(analysis: Analysis, architecture: str, measure: Measure, limits: list[float]) -> alt.LayerChart:
    last = max(epoch.epoch for epoch in analysis.mean_curves)
    colour = {"training half": variable("soft"), "test half": colours(analysis)[architecture]}
    x = alt.X(
        "epoch:Q",
        scale=alt.Scale(domain=[0.8, last + 0.2 + 0.12 * last], nice=False, zero=False),
        axis=alt.Axis(title="Epoch", values=_epochs_named(last), format="d", grid=False),
    )
    decimals_as_needed = alt.Axis(title=None, tickCount=5)
    axis = percent_axis(None) if measure == "accuracy" else decimals_as_needed
    y = on_y(alt.Scale(domain=limits, nice=False, zero=False), axis)
    return alt.layer(
        *(_bands if too_many_trials(analysis) else _seeds)(analysis, architecture, measure, x, y, colour),
        *_mean(analysis, architecture, measure, x, y, colour),
        *_tutorial(analysis, architecture, measure, x, y, colour),
    ).properties(height=HEIGHT)


def _seeds(
    analysis: Analysis, architecture: str, measure: Measure, x: alt.X, y: ToY, colour: dict[str, str]
) -> list[alt.Chart]:
    data = rows(
        {
            "epoch": epoch.epoch,
            "value": _scaled(getattr(epoch, prefix + measure), measure),
            "half": half,
            "Seed": str(epoch.seed),
        }
        for epoch in analysis.learning_curves
        if epoch.architecture == architecture
        for half, prefix in HALVES.items()
    )
    return [
        alt.Chart(data)
        .mark_line(strokeWidth=1, opacity=0.55)
        .encode(
            x=x,
            y=y("value"),
            detail=["Seed:N"],
            color=_half(colour),
            tooltip=_tips("Seed:N", "half:N", measure=measure),
        )
    ]


def _bands(
    analysis: Analysis, architecture: str, measure: Measure, x: alt.X, y: ToY, colour: dict[str, str]
) -> list[alt.Chart]:
    values: dict[tuple[int, str], list[float]] = {}
    for epoch in analysis.learning_curves:
        if epoch.architecture == architecture:
            for half, prefix in HALVES.items():
                values.setdefault((epoch.epoch, half), []).append(_scaled(getattr(epoch, prefix + measure), measure))
    base = alt.Chart(rows({"epoch": epoch, "half": half, **quantiles(v)} for (epoch, half), v in values.items()))
    return [
        base.mark_area(opacity=opacity).encode(x=x, y=y(low), y2=f"{high}:Q", color=_half(colour))
        for low, high, opacity in (("low", "high", 0.18), ("quarter", "three_quarters", 0.25))
    ]


def _mean(
    analysis: Analysis, architecture: str, measure: Measure, x: alt.X, y: ToY, colour: dict[str, str]
) -> list[alt.Chart]:
    means = [epoch for epoch in analysis.mean_curves if epoch.architecture == architecture]
    data: list[Row] = [
        {"epoch": epoch.epoch, "value": _scaled(getattr(epoch, prefix + measure), measure), "half": half}
        for epoch in means
        for half, prefix in HALVES.items()
    ]
    base = alt.Chart(rows(data)).encode(x=x, y=y("value"), color=_half(colour))
    ends = [row for row in data if row["epoch"] == means[-1].epoch]
    upper = max(ends, key=lambda row: row["value"])
    named = rows({**row, "label": row["half"].split()[0], "up": row is upper} for row in ends)
    label = alt.Chart(named).mark_text(align="left", dx=9, fontWeight=600)
    return [
        base.mark_line(strokeWidth=2.75),
        base.mark_circle(size=42, opacity=1).encode(tooltip=_tips("epoch:Q", "half:N", measure=measure)),
        *(
            label.transform_filter(f"datum.up == {str(up).lower()}").encode(
                x=x, y=y("value"), text="label:N", color=_half(colour), yOffset=alt.value(shift)
            )
            for up, shift in ((True, -5), (False, 5))
        ),
    ]


def _tutorial(
    analysis: Analysis, architecture: str, measure: Measure, x: alt.X, y: ToY, colour: dict[str, str]
) -> list[alt.Chart]:
    printed = [epoch for epoch in analysis.tutorial_curves if epoch.architecture == architecture]
    layers = []
    for half, prefix in HALVES.items():
        data = [
            {"epoch": epoch.epoch, "value": _scaled(value, measure), "Tutorial": _written(value, measure)}
            for epoch in printed
            if (value := getattr(epoch, prefix + measure)) is not None
        ]
        if data:
            fill = variable("paper") if half == "training half" else variable("ink")
            mark = alt.Chart(rows(data)).mark_point(
                shape="triangle-up", size=65, fill=fill, stroke=variable("ink"), strokeWidth=1.4, opacity=1
            )
            layers.append(mark.encode(x=x, y=y("value"), tooltip=[alt.Tooltip("epoch:Q", title="Epoch"), "Tutorial:N"]))
    return layers


def _half(colour: dict[str, str]) -> alt.Color:
    return alt.Color("half:N", scale=alt.Scale(domain=list(colour), range=list(colour.values())), legend=None)


def _tips(*fields: str, measure: Measure) -> list[alt.Tooltip]:
    unit, form = (", %", ".2f") if measure == "accuracy" else ("", ".4f")
    titles = {"half:N": "Of the", "epoch:Q": "Epoch", "Seed:N": "Seed"}
    value = alt.Tooltip("value:Q", title=measure.capitalize() + unit, format=form)
    return [*(alt.Tooltip(field, title=titles[field]) for field in fields), value]


def _everything(analysis: Analysis, measure: Measure) -> list[float]:
    every: list[float | None] = []
    for epochs in (analysis.learning_curves, analysis.tutorial_curves):
        every += [getattr(epoch, prefix + measure) for epoch in epochs for prefix in HALVES.values()]
    return [_scaled(value, measure) for value in every if value is not None]


def _epochs_named(last: int) -> list[int]:
    step = max(1, -(-last // 8))
    return sorted({1, *range(step, last + 1, step)} if step > 1 else set(range(1, last + 1)))


def _scaled(value: float, measure: Measure) -> float:
    return value * 100 if measure == "accuracy" else value


def _written(value: float, measure: Measure) -> str:
    return n.percent(value) if measure == "accuracy" else n.decimal(4)(value)


def _table(analysis: Analysis, measure: Measure) -> Table:
    title = {one.architecture: one.title for one in analysis.verdicts}
    printed = {(epoch.architecture, epoch.epoch): epoch for epoch in analysis.tutorial_curves}

    def row(who: str, epoch: TrialEpoch | MeanEpoch, tutorial: TutorialEpoch | None) -> list[str]:
        own = [_written(getattr(epoch, prefix + measure), measure) for prefix in HALVES.values()]
        told = [getattr(tutorial, prefix + measure, None) for prefix in HALVES.values()]
        return [who, str(epoch.epoch), *own, *(n.known(v, lambda v: _written(v, measure), "none") for v in told)]

    body = [
        row(f"{title[epoch.architecture]}, mean", epoch, printed.get((epoch.architecture, epoch.epoch)))
        for epoch in analysis.mean_curves
    ]
    if not too_many_trials(analysis):
        body += [row(f"{title[one.architecture]}, seed {one.seed}", one, None) for one in analysis.learning_curves]
    return make_table(
        f"learning-{measure}-data",
        f"{measure.capitalize()} after each epoch, in numbers",
        ["Architecture", "Epoch", "Training half", "Test half", "Tutorial, training", "Tutorial, test"],
        body,
    )
