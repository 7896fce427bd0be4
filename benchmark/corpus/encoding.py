"""From raw labelled reviews to a folder of encoded, permuted arrays."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, Split, array_file, digest_of
from benchmark.corpus.facts import CorpusFacts, CorpusKind
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "c775a9cf15034a1081b15778cf0e3e11bd0b21fb837fbe1d578b988bbc9baad4"
SYNTHETIC_NAME = "synthetic"
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data


@dataclass(frozen=True)
class RawSplit:
    """A split as its source has it, in the order that defines a word's first appearance.

    Attributes
    ----------
    labels : array of int64, shape (n_reviews,)
    review_ids : sequence of str
    texts : sequence of str
    groups : array, shape (n_reviews,), or None
        Names or numbers; None where each review is its own group.
    """

    labels: NDArray[np.int64]
    review_ids: Sequence[str]
    texts: Sequence[str]
    groups: NDArray[Any] | None = None

    @classmethod
    def of(cls, split: Split) -> RawSplit:
        """Return a split of a cached corpus as a source gives it."""
        return cls(split.labels, split.review_ids.tolist(), list(split.raw_texts().values()), split.groups)

    def __len__(self) -> int:
        return len(self.labels)

    def in_order(self, order: NDArray[np.int64]) -> RawSplit:
        """Return the reviews in another order."""
        return RawSplit(
            labels=self.labels[order],
            review_ids=[self.review_ids[review] for review in order.tolist()],
            texts=[self.texts[review] for review in order.tolist()],
            groups=None if self.groups is None else self.groups[order],
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
    held_out_of : str or None
        Kind of the corpus whose training split both splits are parts of.
    """

    train: RawSplit
    test: RawSplit
    labels: tuple[str, str] = ("negative", "positive")
    unlabelled: Sequence[str] = ()
    note: str = ""
    held_out_of: CorpusKind | None = None


def encode_corpus(raw: RawCorpus, folder: Path, name: str, source: str) -> None:
    """Rank the training split's words, encode and permute both splits, and write what `open_corpus` opens.

    Parameters
    ----------
    raw : RawCorpus
    folder : Path
        Exists.
    name, source : str
        See `CorpusFacts`; the whole of IMDB is known by its digest.

    Raises
    ------
    UserError
        If nothing could be learned or tested with these reviews.
    """
    for split_name, split in (("test", raw.test), ("train", raw.train)):
        for label, label_name in enumerate(raw.labels):
            if label not in split.labels:
                raise UserError(f"the {split_name} split has no review with the label {label_name!r}; it needs both")
    vocabulary = rank_words(raw.train.texts)
    vocabulary.save(folder / VOCABULARY_FILE)

    # The splits
    train_order, test_order = permutations(len(raw.train), len(raw.test))
    train = raw.train.in_order(train_order)
    test = raw.test.in_order(test_order)
    train_groups, test_groups = _number_groups(train, test)
    write_split(folder, "train", train, train_groups, vocabulary)
    write_split(folder, "test", test, test_groups, vocabulary)
    if raw.unlabelled:
        ids, offsets = _joined("i", map(vocabulary.ids, raw.unlabelled))
        save_arrays(folder, "unlabelled", ids=ids, offsets=offsets)

    # What they are
    trained = set(train.texts)
    digest = digest_of(folder, raw.labels)
    kind: CorpusKind = raw.held_out_of or "custom"
    if digest == STANFORD_DIGEST:
        kind = name = "imdb"
    elif name == SYNTHETIC_NAME:
        kind = "synthetic"
    facts = CorpusFacts(
        kind=kind,
        name=name,
        digest=digest,
        held_out=raw.held_out_of is not None,
        unlabelled_digest=digest_of(folder, raw.labels, unlabelled=True) if raw.unlabelled else None,
        source=source + raw.note,
        train_reviews=len(train),
        test_reviews=len(test),
        vocabulary_words=len(vocabulary),
        labels=raw.labels,
        groups=None if test.groups is None else len(np.unique(test_groups)),
        test_reviews_in_train=sum(text in trained for text in test.texts),
        repeated_test_reviews=len(test) - len(set(test.texts)),
    )
    (folder / FACTS_FILE).write_text(facts.model_dump_json(indent=2) + "\n", "utf-8")


def permutations(train_reviews: int, test_reviews: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the orders in which keras.datasets.imdb.load_data returns the reviews of its file."""
    state = np.random.RandomState(PERMUTATION_SEED)
    return state.permutation(train_reviews), state.permutation(test_reviews)


def rank_words(texts: Iterable[str]) -> Vocabulary:
    """Return the words of the texts, the most frequent first; of equally frequent ones the first that appears."""
    counts = Counter(chain.from_iterable(map(Vocabulary.split, texts)))
    return Vocabulary(word for word, _ in counts.most_common())


def write_split(folder: Path, name: str, split: RawSplit, groups: NDArray[np.int32], vocabulary: Vocabulary) -> None:
    """Encode a split and write it."""
    text, text_offsets = _joined("B", map(str.encode, split.texts))
    save_arrays(folder, name, text=text, text_offsets=text_offsets, groups=groups)
    del text  # the ids need as much memory
    ids, offsets = _joined("i", map(vocabulary.ids, split.texts))
    if len(ids) == len(split):  # each review has its start id alone
        raise UserError(f"the {name} split has no word of the training reviews")
    review_ids = np.array(split.review_ids, np.str_)
    save_arrays(folder, name, ids=ids, offsets=offsets, labels=split.labels, review_ids=review_ids)


def _number_groups(train: RawSplit, test: RawSplit) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the groups of both splits as numbers, in the order of their names."""
    if train.groups is None or test.groups is None:
        numbers = np.arange(len(train) + len(test))
    else:
        numbers = np.unique(np.concatenate([train.groups, test.groups]), return_inverse=True)[1]
    return numbers[: len(train)].astype(np.int32), numbers[len(train) :].astype(np.int32)


def _joined(kind: str, rows: Iterable[bytes | list[int]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return rows one after another, and where each begins and the last one ends."""
    joined = array(kind)
    offsets = [0]
    for row in rows:
        joined += array(kind, row)
        offsets.append(len(joined))
    return np.frombuffer(joined, kind), np.array(offsets)


def save_arrays(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    """Write arrays of a split, each to a file of its name."""
    for name, values in arrays.items():
        np.save(array_file(folder, split, name), values, allow_pickle=False)
