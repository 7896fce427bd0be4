"""A corpus: two splits of labelled reviews, and their vocabulary."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.vocabulary import Vocabulary, cut_and_pad
from benchmark.errors import UserError

FACTS_FILE = "facts.json"
VOCABULARY_FILE = "vocabulary.txt"


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
    text : array of uint8, shape (n_bytes,)
        The reviews' UTF-8 text one after another.
    text_offsets : array of int64, shape (n_reviews + 1,)
        The text of review ``i`` is ``text[text_offsets[i]:text_offsets[i + 1]]``.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    review_ids: NDArray[np.str_]
    groups: NDArray[np.int32]
    text: NDArray[np.uint8]
    text_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def raw_texts(self) -> dict[str, str]:
        """Return the raw text of each review by its id."""
        texts = np.split(self.text, self.text_offsets[1:-1])
        return {name: text.tobytes().decode() for name, text in zip(self.review_ids.tolist(), texts, strict=True)}

    def rows(self, max_reviews: int | None = None) -> list[NDArray[np.int32]]:
        """Return the ids of each of the first `max_reviews` reviews."""
        return np.split(self.ids, self.offsets[1:-1])[:max_reviews]


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """What a network trains and tests on: ids of shape (n_reviews, max_length), and labels."""

    x_train: NDArray[np.int32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.int32]
    y_test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """A corpus as its cache folder holds it; the arrays are mapped from disk, not read."""

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
        """Return the arrays that a network trains on, of the first `max_reviews` reviews of each split.

        Ids from `vocabulary_size` on become 2; longer reviews than `max_length` lose their front, shorter ones are
        padded with 0 at the front.
        """
        return EncodedCorpus(
            x_train=cut_and_pad(self.train.rows(max_reviews), vocabulary_size, max_length),
            y_train=np.array(self.train.labels[:max_reviews]),
            x_test=cut_and_pad(self.test.rows(max_reviews), vocabulary_size, max_length),
            y_test=np.array(self.test.labels[:max_reviews]),
        )

    def texts(self, split: Split, words: int | None = None, max_reviews: int | None = None) -> list[str]:
        """Return the first `max_reviews` reviews as a baseline takes them, as `Vocabulary.words_of` gives them."""
        return [self.vocabulary.join(ids[1:].tolist(), words) for ids in split.rows(max_reviews)]

    def drawn(self, reviews: int | None, seed: int | None) -> slice | NDArray[np.bool_]:
        """Return which training reviews are drawn with a seed, as an index; all of them where there is no number.

        Raises
        ------
        UserError
            If they have one label only.
        """
        if reviews is None or seed is None:
            return slice(None)
        is_drawn = draw_groups(self.train.groups, reviews, seed)
        if len(np.unique(self.train.labels[is_drawn])) < 2:
            raise UserError(
                f"--train-reviews: {reviews} reviews drawn with seed {seed} have one label; give a larger number"
            )
        return is_drawn

    def with_unlabelled(self) -> Corpus:
        """Return the corpus with the unlabelled reviews at the end of the training split, with the label -1."""
        ids = np.load(self.folder / "unlabelled_ids.npy")
        offsets = np.load(self.folder / "unlabelled_offsets.npy")
        split = replace(
            self.train,
            ids=np.concatenate([self.train.ids, ids]),
            offsets=np.concatenate([self.train.offsets, self.train.offsets[-1] + offsets[1:]]),
            labels=np.concatenate([self.train.labels, np.full(len(offsets) - 1, -1)]),
        )
        return replace(self, train=split)


def draw_groups(groups: NDArray[np.int32], reviews: int, seed: int) -> NDArray[np.bool_]:
    """Draw whole groups at random, up to the one with which the number of reviews is reached.

    With one seed, fewer reviews are a part of more. NumPy keeps the raw numbers of a generator the same in all versions
    and on all machines.
    """
    group = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(group)
    order = np.argsort(np.random.Philox(key=seed).random_raw(len(sizes)), kind="stable")
    reached = np.cumsum(sizes[order])
    is_drawn = np.zeros(len(sizes), bool)
    is_drawn[order[reached - sizes[order] < reviews]] = True
    return is_drawn[group]


def open_corpus(folder: Path) -> Corpus:
    """Open a corpus that `load_corpus` has cached, in any process.

    Raises
    ------
    OSError, ValueError
        If the folder is not a complete corpus, or its files have not the digest that was written with them.
    """
    facts = read_facts(folder)
    unlabelled = facts.unlabelled_digest is not None
    if digest_of(folder, facts.labels, unlabelled) != facts.digest_with(unlabelled):
        raise ValueError(f"{folder} is not the corpus that was written there")
    return Corpus(
        facts=facts,
        vocabulary=Vocabulary.load(folder / VOCABULARY_FILE),
        train=_open_split(folder, "train"),
        test=_open_split(folder, "test"),
        folder=folder,
    )


def read_facts(folder: Path) -> CorpusFacts:
    """Read the facts of a cached corpus; an OSError or ValueError where it is not complete."""
    return CorpusFacts.model_validate_json((folder / FACTS_FILE).read_bytes())


def digest_of(folder: Path, labels: tuple[str, str], unlabelled: bool = False) -> str:
    """Return the digest of a corpus: SHA-256 of the names of its labels, its vocabulary and all of its arrays.

    Parameters
    ----------
    unlabelled : bool
        Of the unlabelled reviews too.
    """
    digest = hashlib.sha256(repr(labels).encode())
    for path in sorted(folder.iterdir()):
        if path.name != FACTS_FILE and (unlabelled or not path.name.startswith("unlabelled")):
            with path.open("rb") as file:
                file_digest = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.name} {file_digest}\n".encode())
    return digest.hexdigest()


def _open_split(folder: Path, split: str) -> Split:
    arrays = {}
    for field in fields(Split):
        path = folder / f"{split}_{field.name}.npy"
        arrays[field.name] = np.asarray(np.load(path, mmap_mode="r"))
    return Split(**arrays)
