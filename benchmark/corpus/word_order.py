"""Reviews with their words in random order, the same order everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.vocabulary import START_ID


def random_order(review: int, words: int) -> NDArray[np.intp]:
    """Return a random order of the last words of a review.

    It depends on nothing but the review: fewer of its last words come in the same order among themselves. NumPy keeps
    the raw numbers of a generator the same in all versions and on all machines.

    Parameters
    ----------
    review : int
        Its place in its split.
    """
    keys = np.random.Philox(key=review).random_raw(words)
    return np.argsort(keys[::-1], kind="stable")  # the first key is that of the last word


def shuffle_ids(encoded: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return encoded reviews, shape (n_reviews, max_length), with their words shuffled; padding and start id stay."""
    shuffled = encoded.copy()
    for review, row in enumerate(shuffled):
        places = np.flatnonzero(row > START_ID)
        row[places] = row[places[random_order(review, len(places))]]
    return shuffled


def shuffle_texts(texts: Sequence[str]) -> list[str]:
    """Return texts of words and single spaces with their words shuffled."""
    shuffled = []
    for review, text in enumerate(texts):
        words = text.split(" ")
        order = random_order(review, len(words)).tolist()
        shuffled.append(" ".join([words[place] for place in order]))
    return shuffled
