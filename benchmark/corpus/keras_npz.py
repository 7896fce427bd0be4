"""Keras's ``imdb.npz``: the reviews as ranks of words, with ``imdb_word_index.json`` beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from benchmark.corpus.encoding import Progress, RawCorpus, RawSplit
from benchmark.corpus.vocabulary import FIRST_WORD_ID, START_ID, Vocabulary
from benchmark.errors import UserError

NPZ_NAME = "imdb.npz"
WORD_INDEX_NAME = "imdb_word_index.json"
NPZ_HASH = "sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
WORD_INDEX_HASH = "md5:bfafd718b763782e994055a2d397834f"


def read_keras_npz(npz: Path, progress: Progress) -> RawCorpus:
    """Read Keras's two files as Keras publishes them.

    The reviews of the npz are pickled, and unpickling runs whatever a pickle asks for: only the file with the
    published hash is read. The result has no text.

    Raises
    ------
    UserError
        If a file is not the published one.
    """
    progress(f"Reading {npz.name}")
    word_index = npz.with_name(WORD_INDEX_NAME)
    for path, published in ((npz, NPZ_HASH), (word_index, WORD_INDEX_HASH)):
        algorithm, _, digest = published.partition(":")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, algorithm).hexdigest()
        if found != digest:
            raise UserError(
                f"{path} is not the file that Keras publishes, and no other is read: it holds pickled objects; "
                "give reviews of your own as a .csv, .parquet or .jsonl table"
            )
    ranks = json.loads(word_index.read_text("utf-8"))
    with np.load(npz, allow_pickle=True) as arrays:
        train = _split("train", arrays["x_train"], arrays["y_train"])
        test = _split("test", arrays["x_test"], arrays["y_test"])
    return RawCorpus(train, test, vocabulary=Vocabulary(sorted(ranks, key=ranks.__getitem__)))


def keras_order(split: str, reviews: int) -> list[str]:
    """Return the review ids in the order of Keras's file: positive before negative, by file name as text.

    Checked against what Keras's documentation and examples print: the lengths and labels of the first ten reviews of
    both splits, and the texts of eleven.
    """
    numbers = sorted(range(reviews // 2), key=lambda number: f"{number}_")
    return [f"{split}/{label}/{number}" for label in ("pos", "neg") for number in numbers]


def _split(name: str, reviews: np.ndarray, labels: np.ndarray) -> RawSplit:
    shift = FIRST_WORD_ID - 1
    ids = []
    for ranks in reviews:
        ids.append([START_ID, *(rank + shift for rank in ranks)])
    return RawSplit(labels.astype(np.int64), keras_order(name, len(reviews)), ids=ids)
