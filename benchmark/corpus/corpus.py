"""The corpus: two halves of labelled reviews as ids, with the vocabulary that made them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.vocabulary import PADDING_ID, Vocabulary, replace_rare
from benchmark.results import CorpusFacts

VOCABULARY_FILE = "vocabulary.txt"


@dataclass(frozen=True, eq=False)
class Half:
    """The training or the test half, in the order in which it is trained or tested on.

    Attributes
    ----------
    ids : array of int32, shape (n_ids,)
        The ids of all reviews one after another, each review beginning with the start id; none is cut or replaced.
    offsets : array of int64, shape (n_reviews + 1,)
        Review ``i`` is ``ids[offsets[i]:offsets[i + 1]]``.
    labels : array of int64, shape (n_reviews,)
        1 is positive.
    review_ids : array of str, shape (n_reviews,)
        ``train/neg/123``, or ``train/123`` where the source has no file names.
    text : array of uint8, or None
        The reviews' UTF-8 text one after another, where the source has it.
    text_offsets : array of int64, shape (n_reviews + 1,), or None
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    review_ids: NDArray[np.str_]
    text: NDArray[np.uint8] | None = None
    text_offsets: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def encode(self, vocabulary_size: int, review_length: int, limit: int | None) -> NDArray[np.int32]:
        """Cut, pad and replace ids as `Vocabulary.encode` does; shape (n_reviews or limit, review_length)."""
        offsets = self.offsets[: None if limit is None else limit + 1].tolist()
        encoded = np.full((len(offsets) - 1, review_length), PADDING_ID, dtype=np.int32)
        for row, start, stop in zip(encoded, offsets[:-1], offsets[1:], strict=True):
            kept = min(stop - start, review_length)
            row[review_length - kept :] = self.ids[stop - kept : stop]
        replace_rare(encoded, vocabulary_size)
        return encoded


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """What a trial trains and tests on.

    Attributes
    ----------
    x_train, x_test : array of int32, shape (n_reviews, review_length)
    y_train, y_test : array of int64, shape (n_reviews,)
        1 is positive.
    train_ids, test_ids : array of str, shape (n_reviews,)
        The reviews' names.
    test_words : array of int32, shape (n_reviews,)
        Known words of each test review before it is cut.
    digest : str
        Of the whole corpus that this was encoded from, whatever the limit.
    """

    x_train: NDArray[np.int32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.int32]
    y_test: NDArray[np.int64]
    train_ids: NDArray[np.str_]
    test_ids: NDArray[np.str_]
    test_words: NDArray[np.int32]
    digest: str


@dataclass(frozen=True, eq=False)
class Corpus:
    """A corpus as its cache folder holds it; the arrays are mapped from disk, not read.

    Attributes
    ----------
    facts : CorpusFacts
    vocabulary : Vocabulary
    train, test : Half
    directory : Path
        The cache folder; `open_cached_corpus` opens it again, in any process.
    """

    facts: CorpusFacts
    vocabulary: Vocabulary
    train: Half
    test: Half
    directory: Path

    @property
    def vocabulary_file(self) -> Path:
        """The vocabulary as `Vocabulary.save` writes it."""
        return self.directory / VOCABULARY_FILE

    def encode(self, vocabulary_size: int, review_length: int, limit: int | None = None) -> EncodedCorpus:
        """Give the arrays that a model trains on.

        Parameters
        ----------
        vocabulary_size : int
            Ids from here on become 2.
        review_length : int
            Longer reviews lose their front, shorter ones are padded with 0 at the front.
        limit : int or None
            Only the first so many reviews of each half.
        """
        return EncodedCorpus(
            x_train=self.train.encode(vocabulary_size, review_length, limit),
            y_train=np.array(self.train.labels[:limit]),
            x_test=self.test.encode(vocabulary_size, review_length, limit),
            y_test=np.array(self.test.labels[:limit]),
            train_ids=np.array(self.train.review_ids[:limit]),
            test_ids=np.array(self.test.review_ids[:limit]),
            test_words=(np.diff(self.test.offsets)[:limit] - 1).astype(np.int32),
            digest=self.facts.digest,
        )

    def text(self, review_id: str) -> str | None:
        """Give a review's raw text, or None where the corpus has no text.

        Raises
        ------
        KeyError
            If there is no such review.
        """
        half, position = self._positions[review_id]
        if half.text is None or half.text_offsets is None:
            return None
        start, stop = half.text_offsets[position : position + 2]
        return half.text[start:stop].tobytes().decode("utf-8")

    @cached_property
    def _positions(self) -> dict[str, tuple[Half, int]]:
        return {
            review_id: (half, position)
            for half in (self.train, self.test)
            for position, review_id in enumerate(half.review_ids.tolist())
        }
