"""Which words moved a prediction: each word is hidden in turn, and what that changes is its effect (occlusion).

A word is hidden by the id of rare words, so that every other word stays where it is. Words that the model does not
see have no effect: unknown and rare ones, and those before the last `review_length`.

References
----------
Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2 (for images);
Li, Monroe and Jurafsky, "Understanding Neural Networks through Representation Erasure", 2016 (for words).
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.numbers import signed

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel
    from rich.text import Text

RARE_ID = 2
TOP_WORDS = 5
POSITIVE_RGB, NEGATIVE_RGB = (0, 158, 115), (213, 94, 0)  # told apart by colour-blind people, too


@dataclass(frozen=True)
class WordEffect:
    """A word of the text and what it does.

    Attributes
    ----------
    start, stop : int
        Where it stands in the text.
    effect : float
        Probability of being positive with the word, less that with the word hidden. 0 where the model does not see it.
    """

    start: int
    stop: int
    effect: float


@dataclass(frozen=True)
class Explanation:
    """A prediction with the effect of every word on it."""

    text: str
    label: str
    probability: float
    words: tuple[WordEffect, ...]

    @property
    def strongest(self) -> list[tuple[str, float]]:
        """The words of most effect, either way, those of most first."""
        ranked = sorted((word for word in self.words if word.effect), key=lambda word: -abs(word.effect))
        return [(self.text[word.start : word.stop], word.effect) for word in ranked[:TOP_WORDS]]


def explain(model: PyFuncModel, text: str) -> Explanation:
    """Hide every word in turn.

    Parameters
    ----------
    model : mlflow.pyfunc.PyFuncModel
        As `tracking.model_lookup.load_model` gives it.
    """
    classifier = model.unwrap_python_model()
    spans = word_spans(text, classifier.vocabulary)
    known = [span for span in spans if classifier.vocabulary.words_known(text[slice(*span)])]
    (ids,) = classifier.encode([text])
    first_seen = len(known) - min(len(known), classifier.review_length)
    columns = classifier.review_length - len(known) + np.arange(len(known))  # the last word stands last
    seen = [index for index in range(first_seen, len(known)) if ids[columns[index]] != RARE_ID]
    variants = np.repeat(ids[np.newaxis], len(seen) + 1, axis=0)
    variants[np.arange(len(seen)), columns[seen]] = RARE_ID
    *hidden, whole = classifier.probabilities(variants).tolist()
    effects = {known[index]: whole - probability for index, probability in zip(seen, hidden, strict=True)}
    words = tuple(WordEffect(*span, effects.get(span, 0.0)) for span in spans)
    return Explanation(text, "positive" if whole > 0.5 else "negative", whole, words)


def word_spans(text: str, vocabulary: Any) -> list[tuple[int, int]]:
    """Give start and stop of every word, by the vocabulary's own rules."""
    separates = {character for character in set(text) if not vocabulary.split(character)}
    spans, start = [], None
    for position, character in enumerate([*text, None]):
        inside = character is not None and character not in separates
        if inside and start is None:
            start = position
        elif not inside and start is not None:
            spans.append((start, position))
            start = None
    return spans


def as_terminal_text(explanation: Explanation) -> Text:
    """Colour every word by its effect, for `rich.print`: towards positive green, towards negative orange."""
    from rich.style import Style
    from rich.text import Text

    coloured = Text()
    for piece, strength in _pieces(explanation):
        rgb = POSITIVE_RGB if strength > 0 else NEGATIVE_RGB
        style = Style(color=f"rgb({','.join(map(str, rgb))})", bold=abs(strength) > 0.5) if abs(strength) > 0.1 else ""
        coloured.append(piece, style)
    coloured.append(f"\n\n{explanation.label}, probability of positive {explanation.probability:.1%}\n", "bold")
    for word, effect in explanation.strongest:
        coloured.append(f"{signed(100 * effect, 1):>6} points  {word}\n")
    return coloured


def as_html(explanation: Explanation) -> str:
    """Give a whole page that needs nothing else."""
    body = []
    for piece, strength in _pieces(explanation):
        text = html.escape(piece)
        if strength:
            rgb = POSITIVE_RGB if strength > 0 else NEGATIVE_RGB
            colour = f"rgba({rgb[0]},{rgb[1]},{rgb[2]},{abs(strength):.2f})"
            text = f'<span style="background:{colour}">{text}</span>'
        body.append(text)
    rows = "".join(
        f"<tr><td>{html.escape(word)}</td><td>{signed(100 * effect, 1)} points</td></tr>"
        for word, effect in explanation.strongest
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Which words moved it</title>'
        "<style>body{font:1rem/1.7 system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
        "p{white-space:pre-wrap}span{border-radius:.2em}td{padding-right:1.5rem}caption{text-align:left;white-space:nowrap}</style>"
        f"<h1>{explanation.label}, probability of positive {explanation.probability:.1%}</h1>"
        f"<p>{''.join(body)}</p>"
        f"<table><caption>Words of most effect on that probability</caption>{rows}</table>"
        "<p>Green moved it towards positive, orange towards negative: the change when the word is hidden.</p></html>\n"
    )


def _pieces(explanation: Explanation) -> Iterator[tuple[str, float]]:
    """Cut the text into words and what is between them, each with its effect from -1 to 1 of the strongest one's."""
    strongest = max((abs(word.effect) for word in explanation.words), default=0.0) or 1.0
    position = 0
    for word in explanation.words:
        if word.start > position:
            yield explanation.text[position : word.start], 0.0
        yield explanation.text[word.start : word.stop], word.effect / strongest
        position = word.stop
    if position < len(explanation.text):
        yield explanation.text[position:], 0.0
