"""What the charts share: data in place, scales with air, quantiles where there are too many trials to draw each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import altair as alt
import numpy as np

from benchmark.analysis.analysis_types import Analysis
from benchmark.report.theme import series_colour, series_shape

MOST_TRIALS_SHOWN = 50
"""With more, the report shows quantiles instead of single trials."""

QUANTILES = {"low": 0.05, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "high": 0.95}

Row = dict[str, Any]
ToX = Callable[[str], alt.X]
ToY = Callable[[str], alt.Y]


def too_many_trials(analysis: Analysis) -> bool:
    """Whether single trials would only be a cloud."""
    return analysis.trials_finished > MOST_TRIALS_SHOWN


def rows(values: Iterable[Row]) -> alt.InlineData:
    """Data that travel inside the chart."""
    return alt.Data(values=[{key: _short(value) for key, value in row.items()} for row in values])


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """The 5, 25, 50, 75 and 95% quantiles, by name."""
    return {name: float(np.quantile(values, share)) for name, share in QUANTILES.items()}


def domain(values: Iterable[float], air: float = 0.06, at_least: float = 1.0) -> list[float]:
    """The range of `values` with some air; never narrower than `at_least`, so that noise is not blown up."""
    found = list(values)
    low, high = min(found), max(found)
    extra = max(air * (high - low), (at_least - (high - low)) / 2)
    return [round(low - extra, 4), round(high + extra, 4)]


def colours(analysis: Analysis) -> dict[str, str]:
    """Each architecture's colour, the same in every chart."""
    return {one.architecture: series_colour(index) for index, one in enumerate(analysis.verdicts)}


def series_scales(analysis: Analysis, shown: Sequence[str]) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape by title, so that neither alone tells the architectures apart."""
    order = [one.architecture for one in analysis.verdicts]
    titles = [one.title for one in analysis.verdicts if one.architecture in shown]
    places = [order.index(name) for name in order if name in shown]
    colour = alt.Scale(domain=titles, range=[series_colour(place) for place in places])
    shape = alt.Scale(domain=titles, range=[series_shape(place) for place in places])
    return alt.Color("title:N", scale=colour), alt.Shape("title:N", scale=shape)


def on_x(scale: alt.Scale, axis: alt.Axis | None) -> ToX:
    """All layers of a chart must name the same scale and axis; this gives them to each field."""
    return lambda field: alt.X(f"{field}:Q", scale=scale, axis=axis)


def on_y(scale: alt.Scale, axis: alt.Axis | None) -> ToY:
    """As `on_x`, upright."""
    return lambda field: alt.Y(f"{field}:Q", scale=scale, axis=axis)


def singled_out(opacity: float) -> tuple[alt.Parameter, alt.Opacity]:
    """A click on a name in the legend leaves the others pale; the parameter belongs on one layer of the chart."""
    chosen = alt.selection_point(name="chosen", fields=["title"], bind="legend")
    return chosen, alt.when(chosen).then(alt.value(opacity)).otherwise(alt.value(opacity / 8))


def percent_axis(title: str | None = None, **settings: Any) -> alt.Axis:
    """An axis of percentages that are already times one hundred."""
    return alt.Axis(title=title, labelExpr="datum.label + '%'", tickCount=5, **settings)


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
