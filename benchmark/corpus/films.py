"""The film of each review of IMDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILMS_FILE = Path(__file__).with_name("films.npz")  # made by scripts/make_films.py


def films_of(review_ids: Sequence[str]) -> NDArray[np.int32]:
    """Return the number of each review's film: equal numbers, same film.

    Parameters
    ----------
    review_ids : sequence of str
        Of IMDB: ``train/neg/123``.
    """
    with np.load(FILMS_FILE, allow_pickle=False) as arrays:
        films = {name: arrays[name].tolist() for name in arrays.files}
    split_at = [review_id.rpartition("/") for review_id in review_ids]
    return np.array([films[folder][int(number)] for folder, _, number in split_at], np.int32)
