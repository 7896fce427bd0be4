"""The trainings of one architecture together, as one model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from benchmark.statistics.scores import correct
from benchmark.statistics.variance import RightCounts, count_right


def together(label: ArrayLike, probability: ArrayLike, groups: ArrayLike | None = None) -> RightCounts:
    """Take the average of the seeds' probabilities as one model, without randomness: its interval is of these models.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    groups : array of int, shape (n_reviews,), optional
        As for `count_right`.
    """
    exact = np.asarray(probability, dtype=np.float64)
    right = correct(label, exact.mean(axis=0))
    return count_right(right, groups, deterministic=True)
