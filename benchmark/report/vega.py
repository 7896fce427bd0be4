"""Charts from templates of Vega-Lite specifications."""

from __future__ import annotations

import json
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
    wide = _filled(spec.pop("wide", {}), values)
    narrow = _filled(spec.pop("narrow", {}), values)
    drawing = to_svg(_filled(spec, values | wide), name)
    if not narrow:
        return Chart(drawing, alt)
    for_a_phone = to_svg(_filled(spec, values | narrow), f"{name}-narrow")
    return Chart(drawing, alt, for_a_phone)


def to_svg(spec: Spec, name: str) -> str:
    """Draw a specification, with ids that are unique in a page with other charts."""
    import vl_convert

    shared = {"$schema": SCHEMA, "config": _read("config")}
    svg = vl_convert.vegalite_to_svg(shared | spec)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    # Vega counts through all charts of a process
    ids = dict.fromkeys(re.findall(r'id="((?:clip|gradient)\w*)"', svg))
    for number, found in enumerate(ids):
        svg = re.sub(rf'(id="|url\(#){found}\b', rf"\g<1>{name}-{number}", svg)
    return svg


def _read(template: str) -> Spec:
    return yaml.safe_load((TEMPLATES / f"{template}.yaml").read_text(encoding="utf-8"))


def _filled(spec: Spec, values: dict[str, Any]) -> Spec:
    def value(name: re.Match[str]) -> str:
        return json.dumps(values[name[1]])

    return json.loads(re.sub(r'"\$(\w+)"', value, json.dumps(spec)))
