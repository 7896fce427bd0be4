"""Calibration: whether a probability of 80% is right in 80% of cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Average gap between predicted probability and observed frequency.

    Attributes
    ----------
    error : float
        Mean over the seeds.
    curves : tuple of tuple of (float, float)
        For each seed, mean probability and observed frequency in each of ten equally wide bins that has predictions.
    """

    error: float
    error_by_seed: tuple[float, ...]
    curves: tuple[tuple[tuple[float, float], ...], ...]


def calibrate(label: ArrayLike, probability: ArrayLike) -> Calibration:
    """Measure the calibration of each seed, then average: opposite errors of two seeds do not cancel.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    """
    truth = np.asarray(label, dtype=np.float64)
    errors, curves = [], []
    for predicted in np.atleast_2d(np.asarray(probability, dtype=np.float64)):
        place = np.minimum((predicted * BINS).astype(np.int64), BINS - 1)
        count = np.bincount(place, minlength=BINS)
        sums = np.stack([np.bincount(place, weights=values, minlength=BINS) for values in (predicted, truth)])
        errors.append(float(np.abs(sums[0] - sums[1]).sum()) / len(truth))
        means = (sums[:, count > 0] / count[count > 0]).T.tolist()
        curves.append(tuple((mean, share) for mean, share in means))
    return Calibration(float(np.mean(errors)), tuple(errors), tuple(curves))
