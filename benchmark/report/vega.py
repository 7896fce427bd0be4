"""Drawings from Vega-Lite specifications, and the pieces that charts share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from benchmark.report.theme import CHART_CONFIG

Spec = dict[str, Any]
Mark = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
PERCENT_AXIS = {"title": None, "labelExpr": "datum.label + '%'", "tickCount": 5}
FIT = {"autosize": {"type": "fit", "contains": "padding"}}
OWN_COLOUR = {"field": "colour", "type": "nominal", "scale": None, "legend": None}


def to_svg(spec: Spec, name: str) -> str:
    """Draw a Vega-Lite specification, with ids that are unique in a page with other charts."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg({"$schema": SCHEMA, **spec, "config": CHART_CONFIG})
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    numbers: dict[str, int] = {}

    def own_id(match: re.Match[str]) -> str:
        number = numbers.setdefault(match[2], len(numbers))  # Vega counts through all charts of a process
        return f"{match[1]}{name}-{number}"

    return re.sub(r'(id="|url\(#)((?:clip|gradient)\w*)', own_id, svg)


def layer(values: Iterable[Mark], mark: str, settings: Spec, **encoding: Any) -> Spec:
    """Draw one mark for each of the values."""
    rounded = []
    for value in values:
        rounded.append({key: round(part, 3) if isinstance(part, float) else part for key, part in value.items()})
    return {"data": {"values": rounded}, "mark": {"type": mark, **settings}, "encoding": encoding}


def linear(field: str, domain: Sequence[float], axis: Spec) -> Spec:
    """A quantitative axis with exactly this domain."""
    scale = {"domain": list(domain), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def nominal(field: str, domain: Sequence[Any], values: Sequence[str], legend: Spec | None = None) -> Spec:
    """One value for each member of the domain."""
    scale = {"domain": list(domain), "range": list(values)}
    return {"field": field, "type": "nominal", "scale": scale, "legend": legend}


def around(values: Iterable[float]) -> list[float]:
    """A domain with some room at both ends."""
    inside = list(values)
    return [round(min(inside) - 0.5, 2), round(max(inside) + 0.5, 2)]
