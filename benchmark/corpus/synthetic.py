"""The synthetic corpus: reviews from a seeded grammar.

English-like text with IMDB's class balance and spread of lengths. It shows that the benchmark runs; its accuracies say
nothing about IMDB.
"""

from __future__ import annotations

import numpy as np

from benchmark.corpus.encoding import RawCorpus, RawSplit
from benchmark.corpus.grammar import (
    COMPLAINING,
    COMPLAINING_VERDICTS,
    PRAISING,
    PRAISING_VERDICTS,
    TELLING,
    Grammar,
)

REVIEWS_PER_SPLIT = 1500
SEED = 2011
VERSION = 2  # raise it with every change of the text, so that no cached corpus of an older grammar is taken

# Words of IMDB's training reviews at each 5% of the reviews, from the shortest to the longest; the last is cut short.
_LENGTHS = (10, 65, 92, 110, 122, 129, 136, 145, 154, 165, 177, 192, 209, 231, 256, 290, 330, 383, 466, 609, 1000)
_OPINIONS = 0.4  # of the sentences
_PARAGRAPHS = 0.12  # of the sentences begin a new one
_EXTRA_WORDS = 15  # that the last sentence and the verdict bring on average
_VERDICTS = 0.7  # of the reviews end with one
_SINCERE_VERDICTS = 0.9  # of the verdicts share the review's label, the others are irony


def synthetic_corpus(reviews_per_split: int = REVIEWS_PER_SPLIT, seed: int = SEED) -> RawCorpus:
    """Generate both splits, negative before positive, by ascending number.

    Parameters
    ----------
    reviews_per_split : int
        Even, at least 2: half of them are positive.
    seed : int
        The same seed gives the same bytes on every machine.
    """
    if reviews_per_split < 2 or reviews_per_split % 2:
        raise ValueError(f"reviews_per_split is {reviews_per_split}; it must be even and at least 2")
    grammar = Grammar(seed)
    reviews_per_label = reviews_per_split // 2
    labels = np.repeat([0, 1], reviews_per_label)
    train, test = (
        RawSplit(
            labels=labels,
            review_ids=[f"{split}/{label}/{number}" for label in ("neg", "pos") for number in range(reviews_per_label)],
            texts=[_review(grammar, label).encode() for label in labels.tolist()],
        )
        for split in ("train", "test")
    )
    return RawCorpus(train, test)


def _review(grammar: Grammar, label: int) -> str:
    agreement = 0.6 + 0.4 * grammar.random()  # how many of its opinions share the review's label
    words_wanted = _length(grammar.random()) - _EXTRA_WORDS
    sentences: list[str] = []
    words = 0
    while not sentences or words < words_wanted:
        templates = TELLING
        if grammar.random() < _OPINIONS:
            templates = PRAISING if (grammar.random() < agreement) == bool(label) else COMPLAINING
        sentence = grammar.sentence(templates)
        words += sentence.count(" ") + 1
        if sentences and grammar.random() < _PARAGRAPHS:
            sentence = f"<br /><br />{sentence}"
        sentences.append(sentence)
    if grammar.random() < _VERDICTS:
        positive = (grammar.random() < _SINCERE_VERDICTS) == bool(label)
        sentences.append(grammar.sentence(PRAISING_VERDICTS if positive else COMPLAINING_VERDICTS))
    return " ".join(sentences)


def _length(fraction: float) -> int:
    position = fraction * (len(_LENGTHS) - 1)
    left = int(position)
    return int(_LENGTHS[left] + (position - left) * (_LENGTHS[left + 1] - _LENGTHS[left]))
