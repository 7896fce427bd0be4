"""From raw labelled reviews to ranked, encoded and permuted halves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import Half
from benchmark.corpus.vocabulary import RANK_OFFSET, START_ID, Vocabulary, split_utf8

PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data


@dataclass(frozen=True)
class Review:
    """A review as its source has it; `text` is UTF-8."""

    review_id: str
    label: int
    text: bytes


@dataclass(frozen=True)
class EncodedReviews:
    """Both halves with their vocabulary: all of a corpus but its name."""

    vocabulary: Vocabulary
    train: Half
    test: Half

    def digest(self) -> str:
        """SHA-256 of every id, label and vocabulary word, in order; the same on every machine."""
        digest = hashlib.sha256(b"corpus 1\n")
        for half in (self.train, self.test):
            digest.update(f"{len(half)} reviews\n".encode())
            digest.update(np.diff(half.offsets).astype("<i8").tobytes())
            digest.update(half.ids.astype("<i4", copy=False).tobytes())
            digest.update(half.labels.astype("<i8", copy=False).tobytes())
        digest.update(self.vocabulary.digest.encode())
        return digest.hexdigest()


class _FirstAppearance(dict[bytes, int]):
    """Numbers each new word as it is looked up."""

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        return number


def encode_reviews(train: Sequence[Review], test: Sequence[Review]) -> EncodedReviews:
    """Rank the training half's words, encode both halves with them, and permute each.

    Parameters
    ----------
    train, test : sequence of Review
        In the order that defines a word's first appearance: negative before positive, by ascending id.
    """
    numbers = _FirstAppearance()
    train_words = [_number_words(review.text, numbers) for review in train]
    counts = np.bincount(np.concatenate([np.empty(0, np.int32), *train_words]), minlength=len(numbers))
    by_rank = np.argsort(-counts, kind="stable")
    seen = list(numbers)
    vocabulary = Vocabulary(seen[number].decode("utf-8") for number in by_rank)

    test_words = [_number_words(review.text, numbers) for review in test]
    word_ids = np.zeros(len(numbers), np.int32)  # 0 for a word that only the test half has
    word_ids[by_rank] = np.arange(len(by_rank)) + RANK_OFFSET + 1

    train_order, test_order = permutations(len(train), len(test))
    return EncodedReviews(
        vocabulary,
        _half([train[i] for i in train_order], [train_words[i] for i in train_order], word_ids),
        _half([test[i] for i in test_order], [test_words[i] for i in test_order], word_ids),
    )


def permutations(train_reviews: int, test_reviews: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the orders in which keras.datasets.imdb.load_data returns the reviews of its file."""
    state = np.random.RandomState(PERMUTATION_SEED)
    train, test = np.arange(train_reviews), np.arange(test_reviews)
    state.shuffle(train)
    state.shuffle(test)
    return train, test


def join(rows: Sequence[NDArray]) -> tuple[NDArray, NDArray[np.int64]]:
    """Put arrays one after another; returns them and the offsets at which each begins and the last ends."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return np.concatenate(rows), offsets


def _number_words(text: bytes, numbers: _FirstAppearance) -> NDArray[np.int32]:
    words = split_utf8(text)
    return np.fromiter(map(numbers.__getitem__, words), np.int32, len(words))


def _half(reviews: Sequence[Review], words: Sequence[NDArray[np.int32]], word_ids: NDArray[np.int32]) -> Half:
    rows = []
    for numbers in words:
        ids = word_ids[numbers]
        rows.append(np.concatenate([[START_ID], ids[ids > 0]], dtype=np.int32))
    ids, offsets = join(rows)
    text, text_offsets = join([np.frombuffer(review.text, np.uint8) for review in reviews])
    return Half(
        ids,
        offsets,
        np.array([review.label for review in reviews], np.int64),
        np.array([review.review_id for review in reviews], np.str_),
        text,
        text_offsets,
    )
