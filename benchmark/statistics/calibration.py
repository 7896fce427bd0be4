"""Calibration: whether a probability of 80% is right in 80% of cases."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


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
    """Measure the calibration of each seed, then average.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_seeds, n_reviews)
    """
    raise NotImplementedError
