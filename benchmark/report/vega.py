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


class Chart(NamedTuple):
    """A drawing with CSS variables as colours, and its content in words."""

    svg: str
    alt: str


def draw(template: str, name: str, alt: str, **values: Any) -> Chart:
    """Fill ``templates/charts/TEMPLATE.yaml`` and draw it.

    Parameters
    ----------
    values
        What is put where their names stand: ``$domain``.
    """
    spec = _read(template)
    del spec["definitions"]  # pieces that YAML has put in already
    filled = re.sub(r'"\$(\w+)"', lambda found: json.dumps(values[found[1]]), json.dumps(spec))
    return Chart(to_svg(json.loads(filled), name), alt)


def to_svg(spec: Spec, name: str) -> str:
    """Draw a specification, with ids that are unique in a page with other charts."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(_read("shared") | spec)
    # Vega counts through all charts of a process
    ids = dict.fromkeys(re.findall(r'id="((?:clip|gradient)\w*)"', svg))
    for number, found in enumerate(ids):
        svg = re.sub(rf'(id="|url\(#){found}\b', rf"\g<1>{name}-{number}", svg)
    return svg


def _read(template: str) -> Spec:
    return yaml.safe_load((TEMPLATES / f"{template}.yaml").read_text(encoding="utf-8"))
