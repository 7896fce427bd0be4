"""Accuracy against the time that the training took."""

from __future__ import annotations

from itertools import accumulate, groupby

import altair as alt

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.report.charts.parts import Row, domain, percent_axis, rows, series_scales, singled_out, too_many_trials
from benchmark.report.figure import Figure, Panel
from benchmark.report.table import make_table

HEIGHT = 320


def training_time_figure(analysis: Analysis) -> Figure | None:
    """Draw the way of every trial from epoch to epoch; with many trials only their means."""
    if not analysis.mean_curves:
        return None
    title = {one.architecture: one.title for one in analysis.verdicts}
    means = _ways(analysis.mean_curves, title)
    seeds = [] if too_many_trials(analysis) else _ways(analysis.learning_curves, title)
    shown = [one.architecture for one in analysis.architectures]
    colour, shape = series_scales(analysis, shown)
    seconds = [row["seconds"] for row in means + seeds]
    in_minutes = max(seconds) > 180
    for row in means + seeds:
        row["time"] = row["seconds"] / (60 if in_minutes else 1)
    accuracies = [row["accuracy"] for row in means + seeds]
    x = alt.X(
        "time:Q",
        scale=alt.Scale(domainMin=0, nice=True),
        axis=alt.Axis(title=f"Training time so far, {'minutes' if in_minutes else 'seconds'}", grid=False, tickCount=6),
    )
    y = alt.Y(
        "accuracy:Q",
        scale=alt.Scale(domain=domain(accuracies), nice=False, zero=False),
        axis=percent_axis("Accuracy on the test half"),
    )
    tips = [
        alt.Tooltip("title:N", title="Architecture"),
        alt.Tooltip("Seed:N"),
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("Accuracy:N"),
        alt.Tooltip("Time:N"),
    ]
    chosen, strong = singled_out(1)
    _, weak = singled_out(0.4)
    mean = alt.Chart(rows(means)).encode(x=x, y=y, color=colour, opacity=strong)
    single = alt.Chart(rows(seeds)).mark_line(strokeWidth=1)
    layers = [
        *([single.encode(x=x, y=y, color=colour, opacity=weak, detail=["Seed:N"])] if seeds else []),
        mean.mark_line(strokeWidth=2.75),
        mean.mark_point(size=70, filled=True)
        .encode(shape=shape, tooltip=tips)
        .properties(name="marks")
        .add_params(chosen),
    ]
    caption = "Marks: the mean over the seeds after each epoch. Only training steps count as time, not evaluation."
    return Figure(
        name="training-time",
        title="Accuracy against training time",
        caption=caption if not seeds else f"{caption} Thin lines: single seeds.",
        alt="Chart of test accuracy against training time. "
        + " ".join(
            f"{row['title']}: {row['Accuracy']} after {row['Time']}."
            for _, way in groupby(means, key=lambda row: row["title"])
            for row in [list(way)[-1]]
        ),
        panels=(Panel("", alt.layer(*layers).properties(height=HEIGHT)),),
        table=make_table(
            "training-time-data",
            "Mean accuracy against training time, in numbers",
            ["Architecture", "Epoch", "Training time so far", "Accuracy on the test half"],
            ([row["title"], str(row["epoch"]), row["Time"], row["Accuracy"]] for row in means),
        ),
        key="marks: mean after each epoch" + (" \u00b7 thin: single seeds" if seeds else ""),
    )


def _ways(epochs: tuple, title: dict[str, str]) -> list[Row]:
    """The epochs of each trial or mean, with the time from the start of training."""
    data: list[Row] = []
    whose = lambda epoch: (epoch.architecture, getattr(epoch, "seed", ""))  # noqa: E731
    for (architecture, seed), group in groupby(epochs, key=whose):
        way = list(group)
        for epoch, so_far in zip(way, accumulate(epoch.train_seconds for epoch in way), strict=True):
            data.append(
                {
                    "title": title[architecture],
                    "Seed": str(seed) or "mean",
                    "epoch": epoch.epoch,
                    "seconds": so_far,
                    "accuracy": epoch.val_accuracy * 100,
                    "Accuracy": n.percent(epoch.val_accuracy),
                    "Time": n.seconds(so_far),
                }
            )
    return data
