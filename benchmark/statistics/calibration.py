"""Whether a probability of 80% is right in 80% of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ReliabilityBin:
    low: float
    high: float
    predictions: int
    mean_probability: float
    positive_share: float


def reliability_bins(
    label: NDArray[np.int8], probability: NDArray[np.float32], bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Compare predicted probabilities with how often they come true, in equally wide bins; empty ones are left out.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_predictions,)
    probability : array, shape (n_predictions,)
        Of label 1.

    References
    ----------
    Niculescu-Mizil and Caruana (2005), Predicting good probabilities with supervised learning, ICML, 625-632.
    """
    place = np.minimum((probability.astype(np.float64) * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    total = np.bincount(place, weights=probability, minlength=bins)
    positive = np.bincount(place, weights=label, minlength=bins)
    return tuple(
        ReliabilityBin(
            low=index / bins,
            high=(index + 1) / bins,
            predictions=int(count[index]),
            mean_probability=float(total[index] / count[index]),
            positive_share=float(positive[index] / count[index]),
        )
        for index in np.flatnonzero(count).tolist()
    )


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Mean gap between predicted and seen share, weighted by predictions.

    References
    ----------
    Guo et al. (2017), On calibration of modern neural networks, ICML, 1321-1330.
    """
    predictions = sum(one.predictions for one in bins)
    return sum(one.predictions * abs(one.mean_probability - one.positive_share) for one in bins) / predictions
