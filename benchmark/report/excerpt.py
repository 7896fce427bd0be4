"""The part of a review that decided, with its words marked."""

from __future__ import annotations

import re

from benchmark.report.markdown import Markup, escape
from benchmark.report.report_types import ReviewErrors
from benchmark.report.wording import printable

MAX_WORDS = 30


def excerpt(review: ReviewErrors) -> Markup:
    """Quote the part with the strongest words: bold if they pushed to the wrong label, in italics to the right one."""
    text = printable(re.sub(r"<br\s*/?>", " ", review.text or ""))
    effects = {phrase.lower(): effect for phrase, effect in review.word_effects if phrase.strip()}
    longest_first = sorted(effects, key=lambda phrase: (-len(phrase), phrase))
    # a phrase is the words as the vocabulary has them, without the punctuation between them
    patterns = [r"[\W_]+".join(map(re.escape, phrase.split())) for phrase in longest_first]
    found = list(re.finditer(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", text, re.IGNORECASE)) if patterns else []
    effect_at = {match.span(): effects.get(" ".join(re.split(r"[\W_]+", match[0].lower())), 0.0) for match in found}
    start, end = _window(text, effect_at)
    parts, place = [], start
    for (first, last), effect in effect_at.items():
        if start <= first and last <= end:
            mark = "**" if (effect > 0) == (review.label == 0) else "*"
            parts += [escape_inside(text[place:first]), f"{mark}{escape(text[first:last])}{mark}"]
            place = last
    parts.append(escape_inside(text[place:end]))
    return Markup(f"{'… ' if start else ''}{''.join(parts).strip()}{' …' if end < len(text) else ''}")


def escape_inside(text: str) -> str:
    """Escape a piece of a line and keep the spaces at its ends."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{escape(text)}{after}"


def _window(text: str, effect_at: dict[tuple[int, int], float]) -> tuple[int, int]:
    """Start and end of the words with the largest sum of effects; the first of equal ones."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    if len(words) <= MAX_WORDS:
        return 0, len(text)

    def weight(place: int) -> float:
        start, end = words[place][0], words[place + MAX_WORDS - 1][1]
        inside = (abs(effect) for (first, last), effect in effect_at.items() if start <= first and last <= end)
        return round(sum(inside), 6)

    place = max(range(len(words) - MAX_WORDS + 1), key=weight)
    return (words[place][0] if place else 0), words[place + MAX_WORDS - 1][1]
