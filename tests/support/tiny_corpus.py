"""A corpus of random words in which a few tell the label: learnable in seconds, and padded like real reviews."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus import EncodedCorpus

VOCABULARY_SIZE = 200
REVIEW_LENGTH = 40


def tiny_corpus(reviews: int = 300, seed: int = 0) -> EncodedCorpus:
    generator = np.random.default_rng(seed)
    x_train, y_train, _ = _half(generator, reviews)
    x_test, y_test, test_words = _half(generator, reviews)
    return EncodedCorpus(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        train_ids=np.array([f"train/pos/{number}" for number in range(reviews)]),
        test_ids=np.array([f"test/pos/{number}" for number in range(reviews)]),
        test_words=test_words,
        digest="0" * 64,
    )


def padded_reviews(lengths: NDArray[np.integer], review_length: int, seed: int = 0) -> NDArray[np.int32]:
    """Reviews of random words, cut and padded at the front."""
    generator = np.random.default_rng(seed)
    x = np.zeros((len(lengths), review_length), np.int32)
    for row, words in zip(x, np.minimum(lengths, review_length), strict=True):
        row[review_length - words :] = generator.integers(1, VOCABULARY_SIZE, words)
    return x


def _half(
    generator: np.random.Generator, reviews: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    words = generator.integers(1, REVIEW_LENGTH + 10, reviews)
    labels = generator.integers(0, 2, reviews)
    x = padded_reviews(words, REVIEW_LENGTH, seed=int(generator.integers(1000)))
    tells_the_label = (x != 0) & (generator.random(x.shape) < 0.3)
    return np.where(tells_the_label, 5 + labels[:, None], x).astype(np.int32), labels, words.astype(np.int32)
