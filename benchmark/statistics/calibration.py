"""Calibration: whether a probability of 80% is right in 80% of cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

BINS = 10


def calibration_gap(label: ArrayLike, probability: ArrayLike) -> float:
    """Return the average gap between predicted probability and observed frequency, in ten equally wide bins.

    It is that of each seed, averaged: opposite errors of two seeds do not cancel.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    """
    truth = np.asarray(label, dtype=np.float64)
    gaps = []
    for predicted in np.asarray(probability, dtype=np.float64):
        bins = (predicted * BINS).astype(np.int64).clip(max=BINS - 1)
        too_much = np.bincount(bins, weights=predicted - truth)
        gaps.append(np.abs(too_much).sum() / len(truth))
    return float(np.mean(gaps))
