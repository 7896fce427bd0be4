"""From raw labelled reviews to a folder of encoded, permuted arrays."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, array_file
from benchmark.corpus.facts import CorpusFacts, CorpusKind
from benchmark.corpus.films import films_of
from benchmark.corpus.vocabulary import START_ID, Vocabulary
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "abae9df5eacbcf6b9ee9ca1bf6938a0c7ab90f11db0707b5482ca6dc78581fa6"
SYNTHETIC_NAME = "synthetic"
MAX_BYTES = 2_000_000_000  # of all reviews; IMDB's archive has 500 MB
MAX_REVIEWS = 2_000_000
SMALL_FILES = 20_000_000  # bytes: they may hold one text any number of times
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RawSplit:
    """A split as its source has it, in the order that defines a word's first appearance.

    Attributes
    ----------
    labels : array of int64, shape (n_reviews,)
    review_ids : sequence of str
    texts : sequence of str
    groups : array of int32, shape (n_reviews,), or None
        Equal numbers, same group; None where each review is its own.
    """

    labels: NDArray[np.int64]
    review_ids: Sequence[str]
    texts: Sequence[str]
    groups: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def in_order(self, order: NDArray[np.int64]) -> RawSplit:
        """Return the reviews in another order, without their groups."""
        reviews = order.tolist()
        return RawSplit(
            labels=self.labels[order],
            review_ids=[self.review_ids[review] for review in reviews],
            texts=[self.texts[review] for review in reviews],
        )


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
    note : str
        ``; ``, and how the reviews were split, where the source does not say it.
    """

    train: RawSplit
    test: RawSplit
    labels: tuple[str, str] = ("negative", "positive")
    unlabelled: Sequence[str] = ()
    note: str = ""


def encode_corpus(
    raw: RawCorpus,
    folder: Path,
    name: str,
    source: str,
    progress: Progress,
) -> None:
    """Rank the training split's words, encode and permute both splits, and write what `open_corpus` opens.

    Parameters
    ----------
    raw : RawCorpus
    folder : Path
        Exists.
    name, source : str
        See `CorpusFacts`; the whole of IMDB is known by its digest.
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
    vocabulary = rank_words(raw.train.texts)
    train_order, test_order = permutations(len(raw.train), len(raw.test))
    train = raw.train.in_order(train_order)
    test = raw.test.in_order(test_order)
    if not len(vocabulary):
        raise UserError("the training reviews have no words")
    vocabulary.save(folder / VOCABULARY_FILE)

    # texts before ids: what they need of memory is free again
    _save_texts(folder, "train", train.texts)
    _save_texts(folder, "test", test.texts)
    digest = hashlib.sha256(b"corpus 1\n")
    none = np.empty(0, np.int64)
    train_hashes, _, _ = _write_reviews(folder, "train", train, vocabulary, digest, none)
    _, in_train, repeated = _write_reviews(folder, "test", test, vocabulary, digest, train_hashes)
    digest.update(vocabulary.digest.encode())
    unlabelled_digest = None
    if raw.unlabelled:
        with_unlabelled = digest.copy()
        _write_ids(folder, "unlabelled", map(vocabulary.ids, raw.unlabelled), with_unlabelled)
        unlabelled_digest = with_unlabelled.hexdigest()

    # the digest tells whether the films are known
    is_imdb = digest.hexdigest() == STANFORD_DIGEST
    train_groups, test_groups, number_of_groups = _groups(raw, is_imdb)
    _save(folder, "train", groups=train_groups[train_order])
    _save(folder, "test", groups=test_groups[test_order])
    if number_of_groups is not None and not is_imdb:  # they decide intervals
        digest.update(train_groups.astype("<i4").tobytes())
        digest.update(test_groups.astype("<i4").tobytes())
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
        train_reviews=len(train),
        test_reviews=len(test),
        vocabulary_words=len(vocabulary),
        labels=raw.labels,
        groups=number_of_groups,
        test_reviews_in_train=in_train,
        repeated_test_reviews=repeated,
    )
    (folder / FACTS_FILE).write_text(facts.model_dump_json(indent=2) + "\n", "utf-8")


def max_bytes(files: Iterable[Path]) -> int:
    """Return how many bytes of text are read from files, at most."""
    if sum(path.stat().st_size for path in files) < SMALL_FILES:
        return MAX_BYTES // 4
    return MAX_BYTES


def permutations(train_reviews: int, test_reviews: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the orders in which keras.datasets.imdb.load_data returns the reviews of its file."""
    state = np.random.RandomState(PERMUTATION_SEED)
    train, test = np.arange(train_reviews), np.arange(test_reviews)
    state.shuffle(train)
    state.shuffle(test)
    return train, test


def rank_words(texts: Iterable[str]) -> Vocabulary:
    """Return the words of the texts, the most frequent first; of equally frequent ones the first that appears."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(Vocabulary.split(text))
    return Vocabulary(word for word, _ in counts.most_common())


def _groups(raw: RawCorpus, is_imdb: bool) -> tuple[NDArray[np.int32], NDArray[np.int32], int | None]:
    """Return the films or groups of both splits, and how many the test split has; None where each review is its own."""
    train, test = raw.train.groups, raw.test.groups
    if is_imdb:
        train = films_of(raw.train.review_ids)
        test = films_of(raw.test.review_ids)
    if train is not None and test is not None:
        return train, test, len(np.unique(test))
    first_of_test = len(raw.train)
    each_its_own = np.arange(first_of_test + len(raw.test), dtype=np.int32)
    return each_its_own[:first_of_test], each_its_own[first_of_test:], None


def _write_reviews(
    folder: Path,
    name: str,
    split: RawSplit,
    vocabulary: Vocabulary,
    digest: Any,
    train_hashes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], int, int]:
    """Write a split, and add it to the corpus's digest.

    Returns
    -------
    hashes : array of int64, shape (n_reviews,)
        Of the ids of each review.
    in_train, repeated : int
        How many of the reviews are among those of `train_hashes`, and how many repeat an earlier one.
    """
    digest.update(f"{len(split)} reviews\n".encode())
    hashes = _write_ids(folder, name, map(vocabulary.ids, split.texts), digest)
    digest.update(split.labels.astype("<i8"))
    if (hashes == hash((START_ID,))).all():
        raise UserError(f"the {name} split has no word that the training split has")
    in_train = np.isin(hashes, train_hashes)
    repeated = np.ones(len(hashes), bool)
    repeated[np.unique(hashes, return_index=True)[1]] = False
    _save(
        folder,
        name,
        labels=split.labels,
        review_ids=np.array(split.review_ids, np.str_),
        in_train=in_train,
        repeated=repeated,
    )
    return hashes, int(in_train.sum()), int(repeated.sum())


def _write_ids(
    folder: Path,
    name: str,
    rows: Iterable[list[int]],
    digest: Any,
) -> NDArray[np.int64]:
    """Write the ids of reviews, add them to a digest, and return a hash of each review's ids."""
    flat = array("i")
    offsets = [0]
    hashes = []
    for row in rows:
        flat.fromlist(row)
        offsets.append(len(flat))
        hashes.append(hash(tuple(row)))
    ids = np.frombuffer(flat, np.int32)
    digest.update(np.diff(offsets).astype("<i8"))
    digest.update(ids.astype("<i4", copy=False))
    _save(folder, name, ids=ids, offsets=np.array(offsets))
    return np.array(hashes)


def _save_texts(folder: Path, name: str, texts: Sequence[str]) -> None:
    """Write the texts one after another."""
    joined = bytearray()
    offsets = [0]
    for text in texts:
        joined += text.encode()
        offsets.append(len(joined))
    _save(folder, name, text=np.frombuffer(joined, np.uint8), text_offsets=np.array(offsets))


def _save(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    for name, values in arrays.items():
        np.save(array_file(folder, split, name), values, allow_pickle=False)
