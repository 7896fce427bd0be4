"""Calibration: whether a probability of 80% is right in 80% of cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10


@dataclass(frozen=True)
class CalibrationBin:
    """One of ten equally wide bins of the predicted probability, over all seeds."""

    low: float
    high: float
    predictions: int
    mean_probability: float
    positive_share: float


@dataclass(frozen=True)
class Calibration:
    """Average gap between predicted probability and observed frequency.

    Attributes
    ----------
    error : float
        Mean over the seeds.
    error_by_seed : tuple of float
    bins : tuple of tuple of CalibrationBin
        For each seed, the bins that hold predictions.
    """

    error: float
    error_by_seed: tuple[float, ...]
    bins: tuple[tuple[CalibrationBin, ...], ...]


def calibrate(label: ArrayLike, probability: ArrayLike) -> Calibration:
    """Measure the calibration of each seed, then average: opposite errors of two seeds do not cancel.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    """
    truth = np.asarray(label, dtype=np.float64)
    bins = tuple(_bins(truth, row) for row in np.atleast_2d(np.asarray(probability, dtype=np.float64)))
    errors = tuple(
        sum(one.predictions * abs(one.mean_probability - one.positive_share) for one in found) / len(truth)
        for found in bins
    )
    return Calibration(float(np.mean(errors)), errors, bins)


def _bins(truth: NDArray[np.float64], probability: NDArray[np.float64]) -> tuple[CalibrationBin, ...]:
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    total = np.bincount(place, weights=probability, minlength=BINS)
    positive = np.bincount(place, weights=truth, minlength=BINS)
    return tuple(
        CalibrationBin(
            low=index / BINS,
            high=(index + 1) / BINS,
            predictions=int(count[index]),
            mean_probability=float(total[index] / count[index]),
            positive_share=float(positive[index] / count[index]),
        )
        for index in np.flatnonzero(count).tolist()
    )
