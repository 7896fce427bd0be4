"""From raw labelled reviews to a folder of encoded, permuted arrays."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, digest_of
from benchmark.corpus.facts import CorpusFacts, CorpusKind
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.errors import UserError

# All 50,000 labelled reviews of Stanford's archive, as this package encodes them.
STANFORD_DIGEST = "c775a9cf15034a1081b15778cf0e3e11bd0b21fb837fbe1d578b988bbc9baad4"
PERMUTATION_SEED = 113  # keras.datasets.imdb.load_data


class Review(NamedTuple):
    """A review as its source has it; where the source has no groups, it is its own."""

    review_id: str
    label: int
    text: str
    group: Any = None


@dataclass(frozen=True)
class RawCorpus:
    """What a source gives.

    Attributes
    ----------
    train, test : sequence of Review
        In the order that defines a word's first appearance.
    labels : tuple of str
        Names of the labels 0 and 1.
    unlabelled : sequence of str
        Texts to learn words from.
    kind : {"imdb", "synthetic", "custom"}
        The whole of IMDB is known by its digest.
    held_out : bool
        Both splits are parts of a training split.
    note : str
        ``; ``, and how the reviews were split, where the source does not say it.
    """

    train: Sequence[Review]
    test: Sequence[Review]
    labels: tuple[str, str] = ("negative", "positive")
    unlabelled: Sequence[str] = ()
    kind: CorpusKind = "custom"
    held_out: bool = False
    note: str = ""


def encode_corpus(raw: RawCorpus, folder: Path, name: str, source: str) -> None:
    """Rank the training split's words, encode and permute both splits, and write what `open_corpus` opens.

    Parameters
    ----------
    folder : Path
        Exists.
    name, source : str
        See `CorpusFacts`.

    Raises
    ------
    UserError
        If nothing could be learned or tested with these reviews.
    """
    for split, reviews in (("test", raw.test), ("train", raw.train)):
        labels = {review.label for review in reviews}
        for label, label_name in enumerate(raw.labels):
            if label not in labels:
                raise UserError(f"the {split} split has no review with the label {label_name!r}; it needs both")
    # The words, the most frequent first; of equally frequent ones the first that appears
    counts = Counter(chain.from_iterable(Vocabulary.split(review.text) for review in raw.train))
    vocabulary = Vocabulary(word for word, _ in counts.most_common())
    vocabulary.save(folder / VOCABULARY_FILE)

    # The splits, in the order in which keras.datasets.imdb.load_data returns the reviews of its file
    state = np.random.RandomState(PERMUTATION_SEED)
    train = [raw.train[place] for place in state.permutation(len(raw.train))]
    test = [raw.test[place] for place in state.permutation(len(raw.test))]
    groups = np.arange(len(train) + len(test))
    has_groups = test[0].group is not None
    if has_groups:
        groups = np.unique([review.group for review in train + test], return_inverse=True)[1]
    train_groups, test_groups = np.split(groups.astype(np.int32), [len(train)])
    _write_split(folder, "train", train, train_groups, vocabulary)
    _write_split(folder, "test", test, test_groups, vocabulary)
    if raw.unlabelled:
        ids, offsets = _joined("i", map(vocabulary.ids, raw.unlabelled))
        _save_arrays(folder, "unlabelled", ids=ids, offsets=offsets)

    # What they are
    kind, digest = raw.kind, digest_of(folder, raw.labels)
    if digest == STANFORD_DIGEST:
        kind = name = "imdb"
    trained = {review.text for review in train}
    tested = [review.text for review in test]
    facts = CorpusFacts(
        kind=kind,
        name=name,
        digest=digest,
        held_out=raw.held_out,
        unlabelled_digest=digest_of(folder, raw.labels, unlabelled=True) if raw.unlabelled else None,
        source=source + raw.note,
        train_reviews=len(train),
        test_reviews=len(test),
        vocabulary_words=len(vocabulary.words),
        labels=raw.labels,
        groups=len(np.unique(test_groups)) if has_groups else None,
        test_reviews_in_train=sum(text in trained for text in tested),
        repeated_test_reviews=len(tested) - len(set(tested)),
    )
    (folder / FACTS_FILE).write_text(facts.model_dump_json(indent=2) + "\n", "utf-8")


def _write_split(
    folder: Path, split: str, reviews: Sequence[Review], groups: NDArray[np.int32], vocabulary: Vocabulary
) -> None:
    """Encode a split and write it."""
    text, text_offsets = _joined("B", (review.text.encode() for review in reviews))
    _save_arrays(folder, split, text=text, text_offsets=text_offsets, groups=groups)
    del text  # the ids need as much memory
    ids, offsets = _joined("i", (vocabulary.ids(review.text) for review in reviews))
    if len(ids) == len(reviews):  # each review has its start id alone
        raise UserError(f"the {split} split has no word of the training reviews")
    labels = np.array([review.label for review in reviews])
    review_ids = np.array([review.review_id for review in reviews])
    _save_arrays(folder, split, ids=ids, offsets=offsets, labels=labels, review_ids=review_ids)


def _joined(kind: str, rows: Iterable[bytes | list[int]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return rows one after another, and where each begins and the last one ends."""
    joined = array(kind)
    offsets = [0]
    for row in rows:
        joined += array(kind, row)
        offsets.append(len(joined))
    return np.frombuffer(joined, kind), np.array(offsets)


def _save_arrays(folder: Path, split: str, **arrays: NDArray[Any]) -> None:
    """Write arrays of a split, each to a file of its name."""
    for name, values in arrays.items():
        np.save(folder / f"{split}_{name}.npy", values, allow_pickle=False)
