"""Templates of Markdown; whatever they insert is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmark import wording
from benchmark.report import markdown, tables
from benchmark.report.excerpt import excerpt
from benchmark.report.vega import Chart
from benchmark.wording import Markup, escape

TEMPLATES = Path(__file__).parent / "templates"


def fill_template(name: str, charts: Mapping[str, Chart], **context: Any) -> str:
    """Fill one of the templates; a chart is a picture in ``charts/``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else escape(str(value)),
    )
    # every function of these modules is a filter
    environment.filters |= vars(tables) | vars(markdown) | vars(wording)
    environment.filters |= {"median": median, "excerpt": excerpt}
    environment.filters["chart"] = lambda chart: Markup(f"![{escape(charts[chart].alt)}](charts/{chart}.svg)")
    text = environment.get_template(name).render(charts=charts, **context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
