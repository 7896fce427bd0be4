"""Files like Keras's imdb.npz, of random words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WORDS = [f"word{rank}" for rank in range(1, 1001)]


def ragged(rows: list[list[int]]) -> np.ndarray:
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


def write_npz(path: Path, **changes) -> Path:
    """Write 40 + 30 reviews of random words as Keras does, with `changes` to the arrays."""
    random = np.random.RandomState(0)
    arrays = {}
    for half, reviews in (("train", 40), ("test", 30)):
        rows = [random.randint(1, len(WORDS) + 1, random.randint(1, 60)).tolist() for _ in range(reviews)]
        arrays |= {f"x_{half}": ragged(rows), f"y_{half}": random.randint(0, 2, reviews)}
    arrays |= changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    path.with_name("imdb_word_index.json").write_text(json.dumps({word: i for i, word in enumerate(WORDS, start=1)}))
    return path
