"""A corpus: two splits of labelled reviews, and their vocabulary."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.vocabulary import PADDING_ID, Vocabulary, replace_rare

FACTS_FILE = "facts.json"
VOCABULARY_FILE = "vocabulary.txt"


class DamagedCorpus(Exception):
    """A corpus folder is missing, incomplete or damaged."""


@dataclass(frozen=True, eq=False)
class Split:
    """The training or the test split, in the order in which it is trained or tested on.

    Attributes
    ----------
    ids : array of int32, shape (n_ids,)
        The ids of all reviews one after another, each review beginning with the start id; none is cut or replaced.
    offsets : array of int64, shape (n_reviews + 1,)
        Review ``i`` is ``ids[offsets[i]:offsets[i + 1]]``.
    labels : array of int64, shape (n_reviews,)
        0 or 1: the position in `CorpusFacts.labels`.
    review_ids : array of str, shape (n_reviews,)
        ``train/neg/123`` in IMDB; a table's own ids, or ``train/17`` by its row.
    groups : array of int32, shape (n_reviews,)
        The review's film. Where the source has no groups, each review is its own.
    in_train : array of bool, shape (n_reviews,)
        The test review has the same known words, in the same order, as a training review; False in the training split.
    repeated : array of bool, shape (n_reviews,)
        It has the same known words, in the same order, as an earlier review of its split.
    text : array of uint8, or None
        The reviews' UTF-8 text one after another, where the source has it.
    text_offsets : array of int64, shape (n_reviews + 1,), or None
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    review_ids: NDArray[np.str_]
    groups: NDArray[np.int32]
    in_train: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    text: NDArray[np.uint8] | None = None
    text_offsets: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def encode(self, vocabulary_size: int, max_length: int, max_reviews: int | None) -> NDArray[np.int32]:
        """Cut, pad and replace ids as `Vocabulary.encode` does; shape (n_reviews or max_reviews, max_length)."""
        offsets = self.offsets[: None if max_reviews is None else max_reviews + 1].tolist()
        encoded = np.full((len(offsets) - 1, max_length), PADDING_ID, dtype=np.int32)
        for row, start, stop in zip(encoded, offsets[:-1], offsets[1:], strict=True):
            kept = min(stop - start, max_length)
            row[max_length - kept :] = self.ids[stop - kept : stop]
        replace_rare(encoded, vocabulary_size)
        return encoded


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """What a network trains and tests on.

    Attributes
    ----------
    x_train, x_test : array of int32, shape (n_reviews, max_length)
    y_train, y_test : array of int64, shape (n_reviews,)
        0 or 1: the position in `CorpusFacts.labels`.
    train_ids, test_ids : array of str, shape (n_reviews,)
        The reviews' names.
    test_words : array of int32, shape (n_reviews,)
        Known words of each test review before it is cut.
    test_groups : array of int32, shape (n_reviews,)
        The film of each test review.
    test_in_train, test_repeated : array of bool, shape (n_reviews,)
        See `Split`.
    digest : str
        Of the whole corpus that this was encoded from, whatever `max_reviews`.
    """

    x_train: NDArray[np.int32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.int32]
    y_test: NDArray[np.int64]
    train_ids: NDArray[np.str_]
    test_ids: NDArray[np.str_]
    test_words: NDArray[np.int32]
    test_groups: NDArray[np.int32]
    test_in_train: NDArray[np.bool_]
    test_repeated: NDArray[np.bool_]
    digest: str


@dataclass(frozen=True, eq=False)
class Corpus:
    """A corpus as its cache folder holds it; the arrays are mapped from disk, not read.

    Attributes
    ----------
    facts : CorpusFacts
    vocabulary : Vocabulary
    train, test : Split
    folder : Path
        The cache folder; `open_corpus` opens it again, in any process.
    """

    facts: CorpusFacts
    vocabulary: Vocabulary
    train: Split
    test: Split
    folder: Path

    @property
    def vocabulary_file(self) -> Path:
        """The vocabulary as `Vocabulary.save` writes it."""
        return self.folder / VOCABULARY_FILE

    def encode(self, vocabulary_size: int, max_length: int, max_reviews: int | None = None) -> EncodedCorpus:
        """Return the arrays that a network trains on.

        Parameters
        ----------
        vocabulary_size : int
            Ids from here on become 2.
        max_length : int
            Longer reviews lose their front, shorter ones are padded with 0 at the front.
        max_reviews : int, optional
            Only the first so many reviews of each split.
        """
        train, test = self.train, self.test
        return EncodedCorpus(
            x_train=train.encode(vocabulary_size, max_length, max_reviews),
            y_train=np.array(train.labels[:max_reviews]),
            x_test=test.encode(vocabulary_size, max_length, max_reviews),
            y_test=np.array(test.labels[:max_reviews]),
            train_ids=np.array(train.review_ids[:max_reviews]),
            test_ids=np.array(test.review_ids[:max_reviews]),
            test_words=(np.diff(test.offsets)[:max_reviews] - 1).astype(np.int32),
            test_groups=np.array(test.groups[:max_reviews]),
            test_in_train=np.array(test.in_train[:max_reviews]),
            test_repeated=np.array(test.repeated[:max_reviews]),
            digest=self.facts.digest,
        )

    def texts(
        self, split: Literal["train", "test"], words: int | None = None, max_reviews: int | None = None
    ) -> list[str]:
        """Return the reviews as a baseline takes them: their known words, joined by spaces.

        The same for every source of the same reviews, and for one text the same as `Vocabulary.words_of`.

        Parameters
        ----------
        split : {"train", "test"}
        words : int, optional
            As in `Vocabulary.words_of`: with 5,000, what a network with 5,000 ids sees, and ``<unk>`` for its id 2.
        max_reviews : int, optional
            Only the first so many reviews.
        """
        chosen = self.train if split == "train" else self.test
        offsets = chosen.offsets[: None if max_reviews is None else max_reviews + 1].tolist()
        return [
            self.vocabulary.join(chosen.ids[start + 1 : stop].tolist(), words)
            for start, stop in itertools.pairwise(offsets)
        ]

    def text(self, review_id: str) -> str | None:
        """Return a review's raw text, or None where the corpus has no text.

        Raises
        ------
        KeyError
            If there is no such review.
        """
        for split in (self.train, self.test):
            (positions,) = np.nonzero(split.review_ids == review_id)
            if len(positions):
                if split.text is None or split.text_offsets is None:
                    return None
                start, stop = split.text_offsets[positions[0] : positions[0] + 2]
                return split.text[start:stop].tobytes().decode("utf-8")
        raise KeyError(review_id)


def open_corpus(folder: Path) -> Corpus:
    """Open a corpus that `load_corpus` has cached; takes milliseconds, in any process.

    Raises
    ------
    DamagedCorpus
        If the folder is not a complete corpus.
    """
    folder = Path(folder)
    try:
        facts = CorpusFacts.model_validate_json((folder / FACTS_FILE).read_bytes())
        corpus = Corpus(
            facts=facts,
            vocabulary=Vocabulary.load(folder / VOCABULARY_FILE),
            train=_open_split(folder, "train"),
            test=_open_split(folder, "test"),
            folder=folder,
        )
    except (OSError, ValueError) as error:
        raise DamagedCorpus(f"{folder} is not a complete corpus: {error}") from error
    sizes = (facts.train_reviews, facts.test_reviews, facts.vocabulary_words)
    if (len(corpus.train), len(corpus.test), len(corpus.vocabulary)) != sizes:
        raise DamagedCorpus(f"{folder} does not have the reviews and words that {FACTS_FILE} gives")
    return corpus


def array_file(folder: Path, split: str, field: str) -> Path:
    """Return where a split's array is kept."""
    return folder / f"{split}_{field}.npy"


def _open_split(folder: Path, split: str) -> Split:
    arrays = {}
    for field in fields(Split):
        path = array_file(folder, split, field.name)
        if field.name in ("text", "text_offsets") and not path.exists():
            continue
        arrays[field.name] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return Split(**arrays)
