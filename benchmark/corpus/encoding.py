"""From raw labelled reviews to a folder of encoded, permuted arrays."""

from __future__ import annotations

import hashlib
import itertools
from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, array_file
from benchmark.corpus.facts import CorpusFacts, CorpusKind
from benchmark.corpus.films import films_of
from benchmark.corpus.vocabulary import FIRST_WORD_ID, START_ID, Vocabulary
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "abae9df5eacbcf6b9ee9ca1bf6938a0c7ab90f11db0707b5482ca6dc78581fa6"
SYNTHETIC_NAME = "synthetic"
MAX_BYTES = 2_000_000_000  # of all reviews; IMDB's archive has 500 MB
MAX_REVIEWS = 2_000_000
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data

Progress = Callable[[str], None]
Encode = Callable[[int], list[int]]


@dataclass(frozen=True)
class RawSplit:
    """A split as its source has it, in the order that defines a word's first appearance.

    Attributes
    ----------
    labels : array of int64, shape (n_reviews,)
    review_ids : sequence of str
    texts : sequence of str
    ids : sequence of lists of int
        Instead of texts: already encoded, each review beginning with the start id.
    groups : array of int32, shape (n_reviews,), or None
        Equal numbers, same group; None where each review is its own.
    """

    labels: NDArray[np.int64]
    review_ids: Sequence[str]
    texts: Sequence[str] = ()
    ids: Sequence[list[int]] = ()
    groups: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class RawCorpus:
    """What a source gives.

    Attributes
    ----------
    train, test : RawSplit
    labels : tuple of str
        Names of the labels 0 and 1.
    unlabelled : sequence of str
        Texts to learn words from.
    vocabulary : Vocabulary, or None
        Of a source of ids.
    note : str
        ``; ``, and how the reviews were split, where the source does not say it.
    """

    train: RawSplit
    test: RawSplit
    labels: tuple[str, str] = ("negative", "positive")
    unlabelled: Sequence[str] = ()
    vocabulary: Vocabulary | None = None
    note: str = ""


def encode_corpus(raw: RawCorpus, folder: Path, name: str, source: str, progress: Progress) -> None:
    """Rank the training split's words, encode and permute both splits, and write what `open_corpus` opens.

    Parameters
    ----------
    raw : RawCorpus
    folder : Path
        Exists.
    name, source : str
        See `CorpusFacts`. A source of ids is always the whole of IMDB; of texts the digest tells.
    progress : callable
        Called with a line for the user.

    Raises
    ------
    UserError
        If nothing could be learned or tested with these reviews.
    """
    for split_name, split in (("test", raw.test), ("train", raw.train)):
        for label, label_name in enumerate(raw.labels):
            if label not in split.labels:
                raise UserError(f"the {split_name} split has no review with the label {label_name!r}; it needs both")
    progress("Encoding the reviews")
    train_order, test_order = permutations(len(raw.train), len(raw.test))
    for split_name, split, order in (("train", raw.train, train_order), ("test", raw.test, test_order)):
        if split.texts:  # first, while no ids are in memory
            _save_texts(folder, split_name, split.texts, order)
    vocabulary, encode_train, encode_test = _encoders(raw)
    if not len(vocabulary):
        raise UserError("the training reviews have no words")
    vocabulary.save(folder / VOCABULARY_FILE)

    # the reviews
    digest = hashlib.sha256(b"corpus 1\n")
    train_hashes = _write_split(folder, "train", raw.train, train_order, encode_train, digest)
    test_hashes = _write_split(folder, "test", raw.test, test_order, encode_test, digest)
    digest.update(vocabulary.digest.encode())
    unlabelled_digest = None
    if raw.unlabelled:
        unlabelled_digest = _write_unlabelled(folder, raw.unlabelled, vocabulary, digest.copy())

    # their films or groups
    is_imdb = raw.vocabulary is not None or digest.hexdigest() == STANFORD_DIGEST
    train_groups, test_groups = raw.train.groups, raw.test.groups
    if is_imdb:
        train_groups, test_groups = films_of(raw.train.review_ids), films_of(raw.test.review_ids)
    number_of_groups = None
    if train_groups is None or test_groups is None:  # each review is its own
        train_groups = np.arange(len(raw.train), dtype=np.int32)
        test_groups = np.arange(len(raw.test), dtype=np.int32) + np.int32(len(raw.train))
    else:
        number_of_groups = len(np.unique(test_groups))

    # and which come again
    in_train = np.isin(test_hashes, train_hashes)
    repeated = _repeats(test_hashes)
    none = np.zeros(len(raw.train), bool)
    _save(folder, "train", groups=train_groups[train_order], in_train=none, repeated=_repeats(train_hashes))
    _save(folder, "test", groups=test_groups[test_order], in_train=in_train, repeated=repeated)

    kind: CorpusKind = "custom"
    if is_imdb:
        kind = name = "imdb"
    elif name == SYNTHETIC_NAME:
        kind = "synthetic"
    facts = CorpusFacts(
        kind=kind,
        name=name,
        digest=digest.hexdigest(),
        unlabelled_digest=unlabelled_digest,
        source=source + raw.note,
        train_reviews=len(raw.train),
        test_reviews=len(raw.test),
        vocabulary_words=len(vocabulary),
        labels=raw.labels,
        groups=number_of_groups,
        test_reviews_in_train=int(in_train.sum()),
        repeated_test_reviews=int(repeated.sum()),
    )
    (folder / FACTS_FILE).write_text(facts.model_dump_json(indent=2) + "\n", "utf-8")


def permutations(train_reviews: int, test_reviews: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the orders in which keras.datasets.imdb.load_data returns the reviews of its file."""
    state = np.random.RandomState(PERMUTATION_SEED)
    train, test = np.arange(train_reviews), np.arange(test_reviews)
    state.shuffle(train)
    state.shuffle(test)
    return train, test


def _encoders(raw: RawCorpus) -> tuple[Vocabulary, Encode, Encode]:
    """Return the vocabulary, and functions from a training and a test review's position to its ids."""
    train, test = raw.train, raw.test
    if raw.vocabulary is not None:
        return raw.vocabulary, train.ids.__getitem__, test.ids.__getitem__
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # of each word, by first appearance
    rows = []
    for text in train.texts:
        words = Vocabulary.split(text)
        rows.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
    counts = np.zeros(len(numbers), np.int64)
    for row in rows:
        np.add.at(counts, row, 1)
    by_rank = np.argsort(-counts, kind="stable")
    id_of = np.empty(len(numbers), np.int32)
    id_of[by_rank] = np.arange(len(numbers)) + FIRST_WORD_ID
    by_number = list(numbers)
    vocabulary = Vocabulary(by_number[number] for number in by_rank.tolist())

    def train_ids(review: int) -> list[int]:
        return [START_ID, *id_of[rows[review]].tolist()]

    def test_ids(review: int) -> list[int]:
        return vocabulary.ids(test.texts[review])

    return vocabulary, train_ids, test_ids


def _write_split(
    folder: Path, name: str, split: RawSplit, order: NDArray[np.int64], encode: Encode, digest: Any
) -> NDArray[np.int64]:
    """Write a split's reviews in `order`, add them to the corpus's digest, and return a hash of each one's ids."""
    flat = array("i")
    offsets = [0]
    hashes = []
    for review in order.tolist():
        row = encode(review)
        flat.fromlist(row)
        offsets.append(len(flat))
        hashes.append(hash(tuple(row)))
    if len(flat) == len(split):
        raise UserError(f"the {name} split has no word that the training split has")
    ids = np.frombuffer(flat, np.int32)
    labels = split.labels[order]
    digest.update(f"{len(split)} reviews\n".encode())
    digest.update(np.diff(offsets).astype("<i8"))
    digest.update(ids.astype("<i4", copy=False))
    digest.update(labels.astype("<i8"))
    review_ids = np.array(split.review_ids, np.str_)[order]
    _save(folder, name, ids=ids, offsets=np.array(offsets), labels=labels, review_ids=review_ids)
    return np.array(hashes)


def _write_unlabelled(folder: Path, texts: Sequence[str], vocabulary: Vocabulary, digest: Any) -> str:
    """Write the known words of the unlabelled reviews as those of a split; return a digest of them and the corpus."""
    flat = array("i")
    offsets = [0]
    for text in texts:
        flat.fromlist(vocabulary.ids(text))
        offsets.append(len(flat))
    ids = np.frombuffer(flat, np.int32)
    _save(folder, "unlabelled", ids=ids, offsets=np.array(offsets))
    digest.update(np.diff(offsets).astype("<i8"))
    digest.update(ids.astype("<i4", copy=False))
    return digest.hexdigest()


def _save_texts(folder: Path, name: str, texts: Sequence[str], order: NDArray[np.int64]) -> None:
    text = bytearray()
    offsets = [0]
    for review in order.tolist():
        text += texts[review].encode()
        offsets.append(len(text))
    _save(folder, name, text=np.frombuffer(text, np.uint8), text_offsets=np.array(offsets))


def _save(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    for name, values in arrays.items():
        np.save(array_file(folder, split, name), values, allow_pickle=False)


def _repeats(hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
    repeated = np.ones(len(hashes), bool)
    repeated[np.unique(hashes, return_index=True)[1]] = False
    return repeated
