"""How numbers and lists are written."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from benchmark.statistics.variance import Interval

MINUS = "\N{MINUS SIGN}"
MAX_INTERVAL_WIDTH = 0.4
TOO_WIDE = "wider than ±20"
# control characters, surrogates, and the marks that reorder or hide text
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]+")

# where they would start a tag or an entity; a backslash protects neither in every reader of Markdown
_HTML = re.compile(r"<(?=[a-zA-Z/!?]|$)|&(?=#?\w+;)")
# an underscore inside a word is no markup
_MARKUP = re.compile(r"[\\`*|~\[\]]|(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START = re.compile(r"^(\d*)([-+=#](?=[\s\-=#]|$)|>|[.)](?=\s|$))")


def visible(text: str) -> str:
    """What cannot be printed, and line breaks, become spaces: safe in a terminal and in a page."""
    return _UNPRINTABLE.sub(" ", text)


def printable(text: str) -> str:
    """One line that is safe, with single spaces."""
    return " ".join(visible(text).split())


class Markup(str):
    """Text that is Markdown already."""


def escape(text: str) -> Markup:
    """Show the text as it is in Markdown: reviews, titles and error messages may hold anything."""
    without_tags = _HTML.sub(lambda found: html.escape(found[0]), printable(text))
    escaped = _MARKUP.sub(r"\\\g<0>", without_tags)
    return Markup(_BLOCK_START.sub(r"\1\\\2", escaped))


def percent(fraction: float) -> str:
    """``0.8829`` is ``88.29%``."""
    return f"{fraction * 100:.2f}%"


def signed(value: float) -> str:
    """With its sign, and a real minus: ``+1.27``; what is not zero has the decimals that show it: ``+0.003``."""
    sign = MINUS if value < 0 else "+"
    for decimals in (2, 3, 4):
        if round(value, decimals):
            return f"{sign}{abs(value):,.{decimals}f}"
    return "0.00"


def percent_interval(interval: Interval) -> str:
    """``87.02 to 88.23%``; no numbers where it is so wide that they say nothing."""
    if interval.high - interval.low > MAX_INTERVAL_WIDTH:
        return TOO_WIDE
    return f"{interval.low * 100:.2f} to {interval.high * 100:.2f}%"


def points_interval(interval: Interval) -> str:
    """Of a difference, in percentage points: ``+0.73 to +4.79``."""
    if interval.high - interval.low > MAX_INTERVAL_WIDTH:
        if interval.contains(0):
            return TOO_WIDE
        return f"{TOO_WIDE}, {'above' if interval.low > 0 else 'below'} 0"
    return f"{signed(100 * interval.low)} to {signed(100 * interval.high)}"


def signed_interval(difference: float, interval: Interval) -> str:
    """Of a difference of fractions, in percentage points: ``+2.76 (+0.73 to +4.79)``."""
    return f"{signed(100 * difference)} ({points_interval(interval)})"


def count(value: float) -> str:
    """``25000`` is ``25,000``."""
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """In the unit that a person would use."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    if seconds < 3570:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def plural(number: int, singular: str) -> str:
    """``1 seed``, ``3 seeds``."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def points(value: float) -> str:
    """``1 point``, ``0.50 points``: a distance, without its sign."""
    size = f"{abs(value):g}" if value == int(value) else f"{abs(value):.2f}"
    return f"{size} point{'' if size == '1' else 's'}"


def listing(items: Sequence[object], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; with semicolons where one of three has a comma."""
    texts = [str(item) for item in items]
    if len(texts) < 2:
        return "".join(texts)
    *first, last = texts
    if len(first) > 1 and any("," in text for text in texts):
        return f"{'; '.join(first)}; {word} {last}"
    return f"{', '.join(first)} {word} {last}"


def moment(text: str) -> str:
    """``2026-01-02T03:04:05+00:00`` is ``2026-01-02, 03:04 UTC``; all times are stored so."""
    return f"{text[:10]}, {text[11:16]} UTC"
