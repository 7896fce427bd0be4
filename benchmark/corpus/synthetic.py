"""The synthetic corpus: made-up reviews of praise and complaint.

They have IMDB's class balance and about its lengths, and show that the benchmark runs. Accuracies on them say nothing
about IMDB.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from benchmark.corpus.encoding import RawCorpus, Review

REVIEWS_PER_SPLIT = 1500
SEED = 2011

_LISTS = (
    """
    wonderful brilliant superb excellent charming moving gripping beautiful fresh touching clever delightful
    powerful memorable perfect fantastic terrific engaging funny stunning heartfelt amazing lovely great
    fascinating haunting refreshing honest hilarious warm
    """,
    """
    awful terrible boring dull stupid pointless lame predictable tedious wooden ridiculous weak poor horrible
    laughable forgettable cheap clumsy annoying lifeless pathetic shallow bland confusing flat painful
    disappointing amateurish silly empty
    """,
    """
    the a of and to is in it, this that film was as with for movie, but on are his have be one he all at by an who
    they from so like or just about out her has if some there what very when more she no up my time. which only
    really their see story had can we me been much get people. first make way could plot. scene actor doesn't
    don't ending. music character director, script village detective summer letter family war.
    """,
)
PRAISE, COMPLAINT, PLAIN = (words.split() for words in _LISTS)
OPINIONS = 0.08  # of the words
RARE = 0.04
NEGATIONS = 0.1  # of the opinions: "not awful" is praise

Draw = Callable[[], float]


def synthetic_corpus(reviews_per_split: int = REVIEWS_PER_SPLIT) -> RawCorpus:
    """Make both splits, negative before positive; half of each is positive.

    The bytes are the same on every machine: Python promises the sequence of `random.Random.random`.
    """
    draw = random.Random(SEED).random
    train = _split("train", reviews_per_split // 2, draw)
    test = _split("test", reviews_per_split // 2, draw)
    return RawCorpus(train, test, kind="synthetic")


def _split(name: str, reviews: int, draw: Draw) -> list[Review]:
    split = []
    for label, label_name in enumerate(("neg", "pos")):
        for number in range(reviews):
            split.append(Review(f"{name}/{label_name}/{number}", label, _text(label == 1, draw)))
    return split


def _text(is_positive: bool, draw: Draw) -> str:
    agreement = 0.55 + 0.45 * draw()  # share of its opinions that are those of its label
    words = []
    for _ in range(20 + int(900 * draw() * draw())):
        kind = draw()
        if kind < OPINIONS:
            is_praise = (draw() < agreement) == is_positive
            if draw() < NEGATIONS:
                words.append("not")
                is_praise = not is_praise
            words.append(_pick(PRAISE if is_praise else COMPLAINT, draw))
        elif kind < OPINIONS + RARE:
            words.append(_pick(PLAIN, draw) + _pick(PLAIN, draw))
        else:
            words.append(_pick(PLAIN, draw))
    return " ".join(words).capitalize()


def _pick(choices: Sequence[str], draw: Draw) -> str:
    return choices[int(draw() * len(choices))]
