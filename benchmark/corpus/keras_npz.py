"""Keras's ``imdb.npz``: the reviews as ranks of words, with ``imdb_word_index.json`` beside it."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import Half
from benchmark.corpus.pickled_lists import read_integer_lists
from benchmark.corpus.reviews import EncodedReviews, join, permutations
from benchmark.corpus.vocabulary import RANK_OFFSET, START_ID, Vocabulary
from benchmark.errors import UserError

NPZ_NAME = "imdb.npz"
WORD_INDEX_NAME = "imdb_word_index.json"
LARGEST_ARRAY_BYTES = 100_000_000  # unpacked; 25,000 reviews take about 15 MB

_NPY_HEADER = re.compile(
    rb"\x93NUMPY(?:\x01.{3}|[\x02\x03].{5})"
    rb"\{'descr': '(?P<descr>[ -~]{2,3})', 'fortran_order': False, 'shape': \((?P<length>\d{1,9})L?,\), \} *\n",
    re.DOTALL,
)
# What zipfile, numpy and the reader of lists raise for a damaged file.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, RuntimeError, ArithmeticError)


def read_keras_npz(npz: Path, word_index: Path) -> EncodedReviews:
    """Read Keras's two files, and permute each half as ``keras.datasets.imdb.load_data`` does.

    Nothing is unpickled. The result has no text; its review ids are like ``train/12``, by position in the file.

    Raises
    ------
    UserError
        If a file is damaged, hostile, or holds something else.
    """
    vocabulary = _read_word_index(word_index)
    try:
        with zipfile.ZipFile(npz) as archive:
            train_ranks, train_labels = _read_half(archive, "train")
            test_ranks, test_labels = _read_half(archive, "test")
    except _DAMAGED as error:
        reason = " ".join(str(error).strip("\"'").split()) or type(error).__name__
        raise UserError(f"{npz} is refused: {reason}; it takes an {NPZ_NAME} as Keras publishes it") from None
    for ranks in (train_ranks, test_ranks):
        if any(row.size and not 1 <= row.min() <= row.max() <= len(vocabulary) for row in ranks):
            raise UserError(f"{npz} is refused: it has words that {word_index.name} does not have")
    train_order, test_order = permutations(len(train_ranks), len(test_ranks))
    return EncodedReviews(
        vocabulary,
        _half("train", train_ranks, train_labels, train_order),
        _half("test", test_ranks, test_labels, test_order),
    )


def _read_word_index(path: Path) -> Vocabulary:
    try:
        ranks = json.loads(path.read_text("utf-8"))
        if not isinstance(ranks, dict):
            raise ValueError("it does not give a rank for each word")
        words = sorted(ranks, key=ranks.__getitem__)
        if [ranks[word] for word in words] != list(range(1, len(words) + 1)):
            raise ValueError(f"the ranks are not 1 to {len(words):,}")
        return Vocabulary(words)
    except (ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is not a word index as Keras publishes it: {error}") from None


def _read_half(archive: zipfile.ZipFile, half: str) -> tuple[list[NDArray[np.int32]], NDArray[np.int64]]:
    descr, reviews, pickle = _read_array(archive, f"x_{half}.npy")
    if descr != "|O":
        raise ValueError(f"the reviews of x_{half} are not lists of whole numbers")
    ranks = [np.array(row, np.int32) for row in read_integer_lists(pickle)]
    if not ranks:
        raise ValueError(f"x_{half} has no reviews")
    if len(ranks) != reviews:
        raise ValueError(f"x_{half} does not have the reviews that its header announces")
    descr, count, content = _read_array(archive, f"y_{half}.npy")
    if not re.fullmatch(r"<[iu][248]|\|[iu]1", descr) or count != reviews:
        raise ValueError(f"y_{half} is not a 0 or 1 for each review of x_{half}")
    labels = np.frombuffer(content, descr)
    if len(labels) != count or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"y_{half} is not a 0 or 1 for each review of x_{half}")
    return ranks, labels.astype(np.int64)


def _read_array(archive: zipfile.ZipFile, name: str) -> tuple[str, int, bytes]:
    """Take a one-dimensional ``.npy`` array apart: its type, its length, and what follows its header.

    NumPy's own reader would unpickle objects, and evaluates the header.
    """
    if archive.getinfo(name).file_size > LARGEST_ARRAY_BYTES:
        raise ValueError(f"{name} unpacks to more than {LARGEST_ARRAY_BYTES:,} bytes")
    header = _NPY_HEADER.match(content := archive.read(name))
    if header is None:
        raise ValueError(f"{name} is not a one-dimensional array")
    return header["descr"].decode(), int(header["length"]), content[header.end() :]


def _half(name: str, ranks: Sequence[NDArray[np.int32]], labels: NDArray[np.int64], order: NDArray[np.int64]) -> Half:
    ids, offsets = join([np.concatenate([[START_ID], ranks[i] + RANK_OFFSET], dtype=np.int32) for i in order])
    return Half(ids, offsets, labels[order], np.array([f"{name}/{i}" for i in order], np.str_))
