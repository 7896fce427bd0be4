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
        films = dict(arrays)
    found = []
    for review_id in review_ids:
        folder, _, number = review_id.rpartition("/")
        found.append(films[folder][int(number)])
    return np.array(found, np.int32)
