"""From raw labelled reviews to a folder of encoded, permuted arrays."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, array_file
from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.films import films_of
from benchmark.corpus.vocabulary import FIRST_WORD_ID, START_ID, Vocabulary, split_utf8
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "abae9df5eacbcf6b9ee9ca1bf6938a0c7ab90f11db0707b5482ca6dc78581fa6"
SYNTHETIC_NAME = "synthetic"
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data
_COUNT_REVIEWS = 5_000  # whose words are counted at once
_HEADER_BYTES = 128
_START = np.array([START_ID], np.int32)

Progress = Callable[[str], None]
Encode = Callable[[int], NDArray[np.int32]]


class StoredTexts(Sequence[bytes]):
    """Texts in a file, read one at a time, so that a large corpus is never in memory."""

    def __init__(self, file: IO[bytes], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        self._file = file  # kept open
        self._starts, self._stops = starts, stops

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: Any) -> Any:
        start = int(self._starts[index])
        return os.pread(self._file.fileno(), int(self._stops[index]) - start, start)


@dataclass(frozen=True)
class RawSplit:
    """A split as its source has it, in the order that defines a word's first appearance.

    Attributes
    ----------
    labels : array of int64, shape (n_reviews,)
    review_ids : sequence of str
    texts : sequence of bytes, or None
        UTF-8.
    ids : sequence of arrays of int32, or None
        Instead of texts: already encoded, each review beginning with the start id.
    groups : sequence of str, or None
        What the reviews of one film have in common; None where each review is its own group.
    """

    labels: NDArray[np.int64]
    review_ids: Sequence[str]
    texts: Sequence[bytes] | None = None
    ids: Sequence[NDArray[np.int32]] | None = None
    groups: Sequence[str] | None = None

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
    vocabulary : Vocabulary, or None
        Of a source of ids.
    note : str
        How the reviews were split, where the source does not say it.
    """

    train: RawSplit
    test: RawSplit
    labels: tuple[str, str] = ("negative", "positive")
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
    _check_labels(raw)
    progress(f"Encoding {len(raw.train) + len(raw.test):,} reviews")
    vocabulary, *encoders = _encoders(raw)
    if not len(vocabulary):
        raise UserError("the training reviews have no words")
    vocabulary.save(folder / VOCABULARY_FILE)
    digest = hashlib.sha256(b"corpus 1\n")
    orders = permutations(len(raw.train), len(raw.test))
    hashes = [
        _write_split(folder, split_name, split, order, encode, digest)
        for split_name, split, order, encode in zip(
            ("train", "test"), (raw.train, raw.test), orders, encoders, strict=True
        )
    ]
    digest.update(vocabulary.digest.encode())
    is_imdb = raw.vocabulary is not None or digest.hexdigest() == STANFORD_DIGEST

    numbers, groups = _number_groups(raw, is_imdb)
    in_train, repeated = np.isin(hashes[1], hashes[0]), _repeats(hashes[1])
    none = np.zeros(len(raw.train), bool)
    _save(folder, "train", groups=numbers[0][orders[0]], in_train=none, repeated=_repeats(hashes[0]))
    _save(folder, "test", groups=numbers[1][orders[1]], in_train=in_train, repeated=repeated)
    facts = CorpusFacts(
        kind="synthetic" if name == SYNTHETIC_NAME else "imdb" if is_imdb else "custom",
        name="imdb" if is_imdb else name,
        digest=digest.hexdigest(),
        source="; ".join(filter(None, (source, raw.note))),
        train_reviews=len(raw.train),
        test_reviews=len(raw.test),
        vocabulary_words=len(vocabulary),
        labels=raw.labels,
        groups=groups,
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


def _check_labels(raw: RawCorpus) -> None:
    for split_name, split in (("train", raw.train), ("test", raw.test)):
        for label, label_name in enumerate(raw.labels):
            if not (split.labels == label).any():
                raise UserError(f"the {split_name} split has no review with the label {label_name!r}; it needs both")


class _FirstAppearance(dict[bytes, int]):
    """Numbers each new word as it is looked up."""

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        return number


def _encoders(raw: RawCorpus) -> tuple[Vocabulary, Encode, Encode]:
    """Return the vocabulary, and functions from a training and a test review's position to its ids."""
    if raw.vocabulary is not None and raw.train.ids is not None and raw.test.ids is not None:
        return raw.vocabulary, raw.train.ids.__getitem__, raw.test.ids.__getitem__
    train_texts, test_texts = raw.train.texts or (), raw.test.texts or ()
    numbers = _FirstAppearance()
    rows: list[NDArray[np.int32]] = []
    counts = np.zeros(0, np.int64)
    for start in range(0, len(train_texts), _COUNT_REVIEWS):
        for i in range(start, min(start + _COUNT_REVIEWS, len(train_texts))):
            words = split_utf8(train_texts[i])
            rows.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
        more = np.bincount(np.concatenate(rows[start:]), minlength=len(numbers))
        more[: len(counts)] += counts
        counts = more
    by_rank = np.argsort(-counts, kind="stable")
    word_ids = np.empty(len(numbers), np.int32)
    word_ids[by_rank] = np.arange(len(by_rank)) + FIRST_WORD_ID
    seen = list(numbers)
    ranked = [seen[number] for number in by_rank.tolist()]
    get_id = dict(zip(ranked, count(FIRST_WORD_ID), strict=False)).get
    del numbers, seen

    def encode_train(i: int) -> NDArray[np.int32]:
        return np.concatenate([_START, word_ids[rows[i]]])

    def encode_test(i: int) -> NDArray[np.int32]:
        words = split_utf8(test_texts[i])
        ids = np.fromiter(map(get_id, words, repeat(0)), np.int32, len(words))
        return np.concatenate([_START, ids[ids > 0]])

    return Vocabulary(word.decode("utf-8") for word in ranked), encode_train, encode_test


def _write_split(
    folder: Path, name: str, split: RawSplit, order: NDArray[np.int64], encode: Encode, digest: Any
) -> NDArray[np.uint64]:
    """Write a split's reviews in `order`, add them to the corpus's digest, and return a hash of each one's ids."""
    hashes: list[bytes] = []

    def ids() -> Iterator[NDArray[np.int32]]:
        for i in order.tolist():
            row = encode(i)
            hashes.append(hashlib.blake2b(row.data, digest_size=8).digest())
            yield row

    ids_file = array_file(folder, name, "ids")
    labels = split.labels[order]
    offsets = _write_rows(ids_file, ids(), np.int32)
    if offsets[-1] == len(split):
        raise UserError(f"the {name} split has no word that the training split has")
    _save(folder, name, offsets=offsets, labels=labels, review_ids=np.array(split.review_ids, np.str_)[order])
    if split.texts is not None:
        texts = (np.frombuffer(split.texts[i], np.uint8) for i in order.tolist())
        _save(folder, name, text_offsets=_write_rows(array_file(folder, name, "text"), texts, np.uint8))
    digest.update(f"{len(split)} reviews\n".encode())
    digest.update(np.diff(offsets).astype("<i8").data)
    with ids_file.open("rb") as file:
        file.seek(_HEADER_BYTES)
        while block := file.read(1 << 20):
            digest.update(block)
    digest.update(labels.astype("<i8").data)
    return np.frombuffer(b"".join(hashes), np.uint64)


def _write_rows(path: Path, rows: Iterable[NDArray[Any]], dtype: type) -> NDArray[np.int64]:
    """Write rows one after another as one ``.npy`` array; return their offsets."""
    lengths = []
    with path.open("wb") as file:
        file.write(bytes(_HEADER_BYTES))
        for row in rows:
            lengths.append(len(row))
            file.write(row.data)
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        header = io.BytesIO()
        facts = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (int(offsets[-1]),)}
        np.lib.format.write_array_header_1_0(header, facts)
        assert len(header.getvalue()) == _HEADER_BYTES
        file.seek(0)
        file.write(header.getvalue())
    return offsets


def _save(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    for name, array in arrays.items():
        np.save(array_file(folder, split, name), array, allow_pickle=False)


def _repeats(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    repeated = np.ones(len(hashes), bool)
    repeated[np.unique(hashes, return_index=True)[1]] = False
    return repeated


def _number_groups(raw: RawCorpus, is_imdb: bool) -> tuple[list[NDArray[np.int32]], int | None]:
    """Return the groups of both splits, and how many the test split has; None where the source has none."""
    reviews, has_groups = len(raw.train), True
    if raw.train.groups is not None and raw.test.groups is not None:
        groups = np.array([*raw.train.groups, *raw.test.groups], np.str_)
        numbers = np.unique(groups, return_inverse=True)[1].astype(np.int32)
    elif is_imdb:
        numbers = films_of([*raw.train.review_ids, *raw.test.review_ids])
    else:
        numbers, has_groups = np.arange(reviews + len(raw.test), dtype=np.int32), False
    test_numbers = numbers[reviews:]
    return [numbers[:reviews], test_numbers], len(np.unique(test_numbers)) if has_groups else None
