"""Figures that one wild seed cannot move, and how to see such a seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

OUTLIER_DEVIATIONS = 3.0


def outliers(by_seed: Mapping[int, float], smallest: float) -> tuple[int, ...]:
    """Seeds far from the median: more than three scaled median absolute deviations, and more than `smallest`.

    The second condition is there because with three seeds two can agree by chance, which makes the third look wild.

    Parameters
    ----------
    by_seed : mapping of seed to accuracy
    smallest : float
        A deviation up to this does not matter, in the unit of the accuracies.

    References
    ----------
    Leys et al. (2013), Detecting outliers: do not use standard deviation around the mean, use absolute deviation
    around the median, Journal of Experimental Social Psychology 49(4), 764-766.
    """
    if len(by_seed) < 3:
        return ()
    values = np.array(list(by_seed.values()))
    limit = max(OUTLIER_DEVIATIONS * stats.median_abs_deviation(values, scale="normal"), smallest)
    far = np.abs(values - np.median(values)) > limit
    return tuple(seed for seed, is_far in zip(by_seed, far, strict=True) if is_far)


def median_seed(by_seed: Mapping[int, float]) -> int:
    """The seed in the middle by accuracy: with an even number the worse of the two, among equals the smallest seed."""
    ranked = sorted(by_seed, key=lambda seed: (by_seed[seed], seed))
    return ranked[(len(ranked) - 1) // 2]
