"""Typical training of an architecture: the median over its seeds."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.statistics.intervals import median_interval
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts, review_error


@dataclass(frozen=True)
class Typical:
    """Accuracy of the typical training: half of the seeds do better.

    Attributes
    ----------
    interval : Interval
        Within 0 and 1, over other seeds and over reviews like these. With one seed of a network it is of this one
        trained model, over reviews like these.
    n : int
        Seeds.
    one_model : bool
        One seed of an architecture that has several: nothing is known of the others.
    """

    accuracy: float
    interval: Interval
    n: int
    one_model: bool
    error_rate: float = ERROR_RATE


def estimate_typical(counts: RightCounts, error_rate: float = ERROR_RATE) -> Typical:
    """Estimate the median accuracy over seeds and over reviews like these."""
    reviews = review_error(counts.mean_right, counts.reviews)
    low, high = median_interval([counts.accuracies], reviews, error_rate)
    return Typical(
        accuracy=counts.median,
        interval=Interval(max(low, 0.0), min(high, 1.0)),
        n=len(counts.accuracies),
        one_model=counts.one_model,
        error_rate=error_rate,
    )
