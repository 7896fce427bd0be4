"""Charts from templates of Vega-Lite specifications."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Spec = dict[str, Any]
Mark = dict[str, Any]

TEMPLATES = Path(__file__).parent / "templates" / "charts"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


class Chart(NamedTuple):
    """A drawing with CSS variables as colours; `narrow` replaces it on a phone."""

    svg: str
    alt: str
    narrow: str | None = None


def draw(template: str, name: str, alt: str, **values: Any) -> Chart:
    """Fill ``templates/charts/TEMPLATE.yaml`` and draw it, once for each of its layouts.

    Parameters
    ----------
    values
        What is put where their names stand: ``$domain``.
    """
    spec = _read(template)
    del spec["definitions"]  # pieces that YAML has put in already
    wide, narrow = spec.pop("wide", {}), spec.pop("narrow", None)
    drawing = to_svg(_filled(spec, values | _filled(wide, values)), name)
    if narrow is None:
        return Chart(drawing, alt)
    return Chart(drawing, alt, to_svg(_filled(spec, values | _filled(narrow, values)), f"{name}-narrow"))


def to_svg(spec: Spec, name: str) -> str:
    """Draw a specification, with ids that are unique in a page with other charts."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg({"$schema": SCHEMA, **spec, "config": _read("config")})
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    numbers: dict[str, int] = {}

    def own_id(match: re.Match[str]) -> str:
        number = numbers.setdefault(match[2], len(numbers))  # Vega counts through all charts of a process
        return f"{match[1]}{name}-{number}"

    return re.sub(r'(id="|url\(#)((?:clip|gradient)\w*)', own_id, svg)


def _read(template: str) -> Spec:
    return yaml.safe_load((TEMPLATES / f"{template}.yaml").read_text(encoding="utf-8"))


def _filled(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, str) and node.startswith("$"):
        return values[node[1:]]
    if isinstance(node, dict):
        return {key: _filled(part, values) for key, part in node.items()}
    if isinstance(node, list):
        return [_filled(part, values) for part in node]
    return node
