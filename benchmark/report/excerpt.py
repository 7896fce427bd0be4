"""The part of a review that decided, with its strongest words marked."""

from __future__ import annotations

import re

from benchmark.report.report_types import ReviewErrors
from benchmark.wording import Markup, escape_inside, escape_start, printable

MAX_WORDS = 30
MAX_MARKED = 8


def excerpt(review: ReviewErrors) -> Markup:
    """Quote the part with the strongest words: bold if they pushed to the wrong label, in italics to the right one."""
    text = re.sub(r"<br\s*/?>", " ", review.text)
    words = printable(text).split()

    # The words to mark, and where most of their effect lies
    effects: dict[str, float] = {}
    strongest_first = sorted(review.word_effects, key=lambda pair: -abs(pair[1]))
    for word, effect in strongest_first:
        if word.strip() and effect and len(effects) < MAX_MARKED:
            effects.setdefault(word.lower(), effect)
    longest_first = sorted(effects, key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first)) or "(?!)"
    marked = re.compile(rf"(?<!\w)({pattern})(?!\w)", re.IGNORECASE)
    weights = []
    for word in words:
        found = marked.findall(word.lower())
        weights.append(sum(abs(effects.get(match, 0.0)) for match in found))
    start, most = 0, 0.0
    for place in range(len(words) - MAX_WORDS + 1):
        weight = round(sum(weights[place : place + MAX_WORDS]), 6)
        if weight > most:
            start, most = place, weight
    end = start + MAX_WORDS

    # Every second piece is one of these words
    quoted = "… " if start else ""
    pieces = marked.split(" ".join(words[start:end]))
    for place, piece in enumerate(pieces):
        mark = ""
        if place % 2:
            to_positive = effects.get(piece.lower(), 0.0) > 0
            mark = "**" if to_positive == (review.label == 0) else "*"
        quoted += f"{mark}{escape_inside(piece)}{mark}"
    if end < len(words):
        quoted += " …"
    return escape_start(quoted)
