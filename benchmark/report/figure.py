"""A figure: one or more Altair panels with a caption, a text alternative and their data as a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from benchmark.report.table import Table
from benchmark.report.theme import chart_config, variable, with_light_colours

FONTS = Path(__file__).parent / "fonts"
FULL_WIDTH = 760
PIXELS_PER_UNIT = 2.0


@dataclass(frozen=True)
class Panel:
    """One chart of a figure.

    Attributes
    ----------
    title : str
        Empty where the figure has a single panel.
    chart : altair chart
        Without a width: the page fits it to the screen, a picture file has a fixed one.
    """

    title: str
    chart: alt.TopLevelMixin


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes
    ----------
    name : str
        Of its files and of its place in the page.
    alt : str
        What the picture shows, for those who do not see it.
    table : Table
        The numbers behind it.
    key : str
        What the marks mean, in a few words: written into the picture files, which travel without their caption.
    columns : int
        Panels side by side.
    """

    name: str
    title: str
    caption: str
    alt: str
    panels: tuple[Panel, ...]
    table: Table
    key: str = ""
    columns: int = 1

    def specs(self) -> list[dict[str, Any]]:
        """One Vega-Lite specification for each panel, as wide as the element that holds it."""
        return [_complete({**panel, "width": "container"}) for panel in self._drawn]

    def static_panels(self) -> list[str]:
        """One SVG for each panel, its colours CSS variables: what the page shows until its scripts have run."""
        width = FULL_WIDTH if self.columns == 1 else FULL_WIDTH // 2
        return [
            _svg(_complete({**panel, "width": width}), f"{self.name}-{index}")
            for index, panel in enumerate(self._drawn)
        ]

    def svg(self) -> str:
        """The whole figure with light colours on white, for papers and READMEs."""
        title = {"text": self.title, "subtitle": self.key, "fontSize": 15, "offset": 28 if self.key else 16}
        if len(self.panels) == 1:
            whole = {**self._drawn[0], "width": FULL_WIDTH, "title": title}
        else:
            width = FULL_WIDTH // self.columns - 60
            together = [
                {**drawn, "width": width, "title": panel.title}
                for panel, drawn in zip(self.panels, self._drawn, strict=True)
            ]
            # every panel has the colours of its own architecture
            apart = {"scale": {"color": "independent"}}
            whole = {"concat": together, "columns": self.columns, "title": title, "resolve": apart}
        specification = _complete(whole)
        specification["background"] = variable("paper")
        specification["config"]["padding"] = 16
        return with_light_colours(_svg(specification, self.name))

    @cached_property
    def _drawn(self) -> list[dict[str, Any]]:
        with alt.data_transformers.enable(consolidate_datasets=False, max_rows=None):
            # a test validates the charts; doing it for every report would take longer than all the rest
            drawn = [panel.chart.to_dict(validate=False) for panel in self.panels]
        return [{key: value for key, value in one.items() if key not in ("$schema", "config")} for one in drawn]


def png(svg: str, pixels_per_unit: float = PIXELS_PER_UNIT) -> bytes:
    """Draw an SVG of `Figure.svg`; the font is this package's own, so that every machine gives the same bytes."""
    _register_fonts()
    return vl_convert.svg_to_png(svg, scale=pixels_per_unit)


def _complete(specification: dict[str, Any]) -> dict[str, Any]:
    return {**specification, "$schema": alt.SCHEMA_URL, "config": chart_config()}


def _svg(specification: dict[str, Any], name: str) -> str:
    _register_fonts()
    svg = vl_convert.vegalite_to_svg(specification)
    # Vega numbers its clip paths anew in every chart; in one page they need names of their own
    return re.sub(r'(id="|url\(#)((?:clip|gradient)\w*)', rf"\g<1>{name}-\g<2>", svg)


@cache
def _register_fonts() -> None:
    vl_convert.register_font_directory(str(FONTS))
