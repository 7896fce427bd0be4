"""The report as one HTML file that needs nothing else: no network, no storage, no other file.

Every chart is in the page twice: as a picture that is there at once and without scripts, and as a specification that
the inlined Vega-Embed draws in its place. A content security policy shuts out everything that the page did not bring
along.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

import jinja2
import vl_convert
from markupsafe import Markup, escape

from benchmark.numbers import moment
from benchmark.report.document import Document
from benchmark.report.figure import FONTS
from benchmark.report.theme import DARK, LIGHT

WEB_ADDRESS = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:)])")
TEMPLATES = Path(__file__).parent / "templates"


def render_html(document: Document) -> str:
    """Render the page; all text is escaped, whatever it holds."""
    specifications = {
        f"{figure.name}-{index}": specification
        for figure in document.figures
        for index, specification in enumerate(figure.specs())
    }
    scripts = [_vega(), (TEMPLATES / "report.js").read_text(encoding="utf-8")]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            document=document,
            style=Markup(_style()),
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts),
            specifications=Markup(_json_in_html(specifications)),
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["moment"] = moment
    environment.filters["linked"] = _linked
    environment.filters["drawn"] = Markup  # a picture of ours, whose texts Vega has escaped
    return environment


def _linked(text: str) -> Markup:
    """Escape a text, and make its web addresses links."""
    pieces = WEB_ADDRESS.split(text)
    return Markup("").join(
        Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )


def _style() -> str:
    fonts = "".join(
        f"@font-face{{font-family:'Report Sans';font-weight:{weight};font-display:block;"
        f"src:url(data:font/woff2;base64,{_base64(FONTS / f'ReportSans-{name}.woff2')})}}\n"
        for name, weight in (("Regular", "400"), ("SemiBold", "600"))
    )
    return fonts + _variables() + (TEMPLATES / "report.css").read_text(encoding="utf-8")


def _variables() -> str:
    def values(colours: dict[str, str]) -> str:
        return "".join(f"--{name}:{value};" for name, value in colours.items())

    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{values(DARK)}}}}}"
    return f":root{{{values(LIGHT)}}}\n{dark}\n"


def _policy(scripts: list[str]) -> str:
    allowed = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _json_in_html(value: object) -> str:
    # "<" could end the script element that holds the text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub omits the defaults
    if "</script" in bundle.lower():
        raise ValueError("the Vega bundle holds the end of a script element and cannot be inlined")
    return bundle
