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
from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.films import films_of
from benchmark.corpus.vocabulary import FIRST_WORD_ID, START_ID, Vocabulary
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "abae9df5eacbcf6b9ee9ca1bf6938a0c7ab90f11db0707b5482ca6dc78581fa6"
SYNTHETIC_NAME = "synthetic"
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data
_COUNT_REVIEWS = 5_000  # whose words are counted at once

Progress = Callable[[str], None]
Encode = Callable[[int], list[int]]


@dataclass(frozen=True)
class RawSplit:
    """A split as its source has it, in the order that defines a word's first appearance.

    Attributes
    ----------
    labels : array of int64, shape (n_reviews,)
    review_ids : sequence of str
    texts : sequence of str, or None
    ids : sequence of lists of int, or None
        Instead of texts: already encoded, each review beginning with the start id.
    groups : array of int32, shape (n_reviews,), or None
        Equal numbers, same group; None where each review is its own.
    """

    labels: NDArray[np.int64]
    review_ids: Sequence[str]
    texts: Sequence[str] | None = None
    ids: Sequence[list[int]] | None = None
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
    splits = {"train": raw.train, "test": raw.test}
    for split_name, split in splits.items():
        for label, label_name in enumerate(raw.labels):
            if label not in split.labels:
                raise UserError(f"the {split_name} split has no review with the label {label_name!r}; it needs both")
    progress(f"Encoding {len(raw.train) + len(raw.test):,} reviews")
    vocabulary, *encoders = _encoders(raw)
    if not len(vocabulary):
        raise UserError("the training reviews have no words")
    vocabulary.save(folder / VOCABULARY_FILE)
    digest = hashlib.sha256(b"corpus 1\n")
    orders = permutations(len(raw.train), len(raw.test))
    in_train, in_test = (
        _write_split(folder, split_name, split, order, encode, digest)
        for (split_name, split), order, encode in zip(splits.items(), orders, encoders, strict=True)
    )
    digest.update(vocabulary.digest.encode())
    is_imdb = raw.vocabulary is not None or digest.hexdigest() == STANFORD_DIGEST

    groups: list[Any] = [films_of(split.review_ids) if is_imdb else split.groups for split in splits.values()]
    if not (has_groups := groups[0] is not None):  # each review is its own
        groups = np.split(np.arange(len(raw.train) + len(raw.test), dtype=np.int32), [len(raw.train)])
    seen, repeated = np.isin(in_test, in_train), _repeats(in_test)
    none = np.zeros(len(raw.train), bool)
    _save(folder, "train", groups=groups[0][orders[0]], in_train=none, repeated=_repeats(in_train))
    _save(folder, "test", groups=groups[1][orders[1]], in_train=seen, repeated=repeated)
    facts = CorpusFacts(
        kind="synthetic" if name == SYNTHETIC_NAME else "imdb" if is_imdb else "custom",
        name="imdb" if is_imdb else name,
        digest=digest.hexdigest(),
        source="; ".join(filter(None, (source, raw.note))),
        train_reviews=len(raw.train),
        test_reviews=len(raw.test),
        vocabulary_words=len(vocabulary),
        labels=raw.labels,
        groups=len(np.unique(groups[1])) if has_groups else None,
        test_reviews_in_train=int(seen.sum()),
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
    if raw.vocabulary is not None and train.ids is not None and test.ids is not None:
        return raw.vocabulary, train.ids.__getitem__, test.ids.__getitem__
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # of each word, by first appearance
    rows = [np.fromiter(map(numbers.__getitem__, Vocabulary.split(text)), np.int32) for text in train.texts or ()]
    counts = np.zeros(len(numbers), np.int64)
    for start in range(0, len(rows), _COUNT_REVIEWS):
        counts += np.bincount(np.concatenate(rows[start : start + _COUNT_REVIEWS]), minlength=len(numbers))
    by_rank = np.argsort(-counts, kind="stable")
    id_of = np.empty(len(numbers), np.int32)
    id_of[by_rank] = np.arange(len(numbers)) + FIRST_WORD_ID
    words = list(numbers)
    vocabulary = Vocabulary(words[number] for number in by_rank.tolist())
    return (
        vocabulary,
        lambda i: [START_ID, *id_of[rows[i]].tolist()],
        lambda i: vocabulary.ids(test.texts[i]),  # type: ignore[index]
    )


def _write_split(
    folder: Path, name: str, split: RawSplit, order: NDArray[np.int64], encode: Encode, digest: Any
) -> NDArray[np.int64]:
    """Write a split's reviews in `order`, add them to the corpus's digest, and return a hash of each one's ids."""
    if split.texts is not None:
        _save_texts(folder, name, split.texts, order)
    flat, ends, hashes = array("i"), [0], []
    for i in order.tolist():
        row = encode(i)
        flat.extend(row)
        ends.append(len(flat))
        hashes.append(hash(tuple(row)))
    if len(flat) == len(split):
        raise UserError(f"the {name} split has no word that the training split has")
    ids, offsets, labels = np.frombuffer(flat, np.int32), np.array(ends), split.labels[order]
    digest.update(f"{len(split)} reviews\n".encode())
    for part in (np.diff(offsets).astype("<i8"), ids.astype("<i4", copy=False), labels.astype("<i8")):
        digest.update(part.data)
    review_ids = np.array(split.review_ids, np.str_)[order]
    _save(folder, name, ids=ids, offsets=offsets, labels=labels, review_ids=review_ids)
    return np.array(hashes)


def _save_texts(folder: Path, name: str, texts: Sequence[str], order: NDArray[np.int64]) -> None:
    text, ends = bytearray(), [0]
    for i in order.tolist():
        text += texts[i].encode()
        ends.append(len(text))
    _save(folder, name, text=np.frombuffer(text, np.uint8), text_offsets=np.array(ends))


def _save(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    for name, values in arrays.items():
        np.save(array_file(folder, split, name), values, allow_pickle=False)


def _repeats(hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
    repeated = np.ones(len(hashes), bool)
    repeated[np.unique(hashes, return_index=True)[1]] = False
    return repeated
