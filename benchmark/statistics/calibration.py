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
    curves: tuple[tuple[tuple[float, float], ...], ...]


def calibrate(label: ArrayLike, probability: ArrayLike) -> Calibration:
    """Measure the calibration of each seed, then average: opposite errors of two seeds do not cancel.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    """
    truth = np.asarray(label, dtype=np.float64)
    errors = []
    curves = []
    for predicted in np.asarray(probability, dtype=np.float64):
        place = (predicted * BINS).astype(np.int64).clip(max=BINS - 1)
        count = np.bincount(place, minlength=BINS)
        expected = np.bincount(place, weights=predicted, minlength=BINS)
        observed = np.bincount(place, weights=truth, minlength=BINS)
        gaps = np.abs(expected - observed)
        errors.append(float(gaps.sum()) / len(truth))
        filled = count > 0
        means = expected[filled] / count[filled]
        shares = observed[filled] / count[filled]
        curve = zip(means.tolist(), shares.tolist(), strict=True)
        curves.append(tuple(curve))
    return Calibration(float(np.mean(errors)), tuple(curves))
