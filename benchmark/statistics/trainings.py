"""The trainings of one architecture: together as one model, and counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from benchmark.statistics.scores import correct
from benchmark.statistics.variance import ERROR_RATE, Floats, Interval, RightCounts, count_right


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


class Share(NamedTuple):
    """How many of the trainings, and the interval of their share among all seeds."""

    above: int
    trainings: int
    interval: Interval


def count_above(accuracies: Floats, bar: float, error_rate: float = ERROR_RATE) -> Share:
    """Count the trainings above an accuracy on these test reviews (Clopper and Pearson 1934, Biometrika 26(4))."""
    from scipy.stats import binomtest

    above = int((accuracies > bar).sum())
    trainings = len(accuracies)
    low, high = binomtest(above, trainings).proportion_ci(1 - error_rate)
    return Share(above, trainings, Interval(float(low), float(high)))
