"""The part of a review that decided, with its strongest words marked."""

from __future__ import annotations

import re

from benchmark.report.markdown import Markup, escape_inside, escape_start
from benchmark.report.report_types import ReviewErrors
from benchmark.wording import printable

MAX_WORDS = 30
MAX_MARKED = 8


def excerpt(review: ReviewErrors) -> Markup:
    """Quote the part with the strongest words: bold if they pushed to the wrong label, in italics to the right one."""
    words = printable(re.sub(r"<br\s*/?>", " ", review.text or "")).split()
    weakest_first = sorted(review.word_effects, key=lambda one: abs(one[1]))
    effects = {word.lower(): effect for word, effect in weakest_first if word.strip() and effect}
    strongest = sorted(effects, key=lambda word: -abs(effects[word]))[:MAX_MARKED]
    pattern = "|".join(map(re.escape, sorted(strongest, key=len, reverse=True))) or "(?!)"
    marked = re.compile(rf"(?<!\w)({pattern})(?!\w)", re.IGNORECASE)
    weights = [sum(abs(effects.get(found.lower(), 0.0)) for found in marked.findall(word)) for word in words]
    starts = range(max(len(words) - MAX_WORDS, 0) + 1)
    start = max(starts, key=lambda place: round(sum(weights[place : place + MAX_WORDS]), 6))
    pieces = marked.split(" ".join(words[start : start + MAX_WORDS]))
    for place, piece in enumerate(pieces):
        mark = ""
        if place % 2:  # the words between the other pieces
            mark = "**" if (effects.get(piece.lower(), 0.0) > 0) == (review.label == 0) else "*"
        pieces[place] = f"{mark}{escape_inside(piece)}{mark}"
    end = " …" if start + MAX_WORDS < len(words) else ""
    return escape_start(f"{'… ' if start else ''}{''.join(pieces)}{end}")
