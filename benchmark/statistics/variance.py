"""Mean accuracy with its uncertainty from seeds and test reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ERROR_RATE = 0.05


class Interval(NamedTuple):
    """Both ends, in the unit of the estimate: accuracies are fractions, not points."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class RightCounts:
    """Right answers of each seed in each group of reviews: all that the intervals need.

    Attributes
    ----------
    right : array of int, shape (n_seeds, n_groups)
    reviews : array of int, shape (n_groups,)
        Reviews of each group.
    deterministic : bool
        A model without randomness: its one row has no variance between seeds.
    """

    right: NDArray[np.int64]
    reviews: NDArray[np.int64]
    deterministic: bool = False

    def __getitem__(self, seeds: slice | Sequence[int] | NDArray) -> RightCounts:
        """The same for some of the seeds: positions, a slice or a mask."""
        raise NotImplementedError

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """One accuracy a seed."""
        raise NotImplementedError


def count_right(right: ArrayLike, groups: ArrayLike | None = None, deterministic: bool = False) -> RightCounts:
    """Count right answers by seed and group.

    Parameters
    ----------
    right : array of bool, shape (n_seeds, n_reviews)
        See `benchmark.statistics.scores.correct`.
    groups : array of int, shape (n_reviews,), optional
        The film of each review; without it each review is a group of its own.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class MeanEstimate:
    """A mean accuracy over seeds, and its uncertainty from the choice of seeds and of test reviews.

    Attributes
    ----------
    mean : float
    interval : Interval
        Within 0 and 1. With one seed of a network it is of this one trained model, over reviews like these.
    standard_error : float
    seed_sd : float or None
        Standard deviation of the seeds' accuracies; None with one seed.
    n : int
        Seeds.
    seed_variance : float or None
        Part of the variance of the mean that more seeds reduce; None with one seed of a network, 0 if deterministic.
    review_variance : float
        The other part, from the finite test split.
    groups : int
        Films; reviews where films are unknown.
    error_rate : float
        0.05 for a 95% interval.
    """

    mean: float
    interval: Interval
    standard_error: float
    seed_sd: float | None
    n: int
    seed_variance: float | None
    review_variance: float
    groups: int
    error_rate: float = ERROR_RATE


def estimate_mean(counts: RightCounts, error_rate: float = ERROR_RATE) -> MeanEstimate:
    """Estimate the mean accuracy over seeds and reviews like these."""
    raise NotImplementedError


def student_interval(values: Sequence[float], error_rate: float = ERROR_RATE) -> Interval | None:
    """Student's interval of the mean of one figure a seed; None for one value."""
    raise NotImplementedError


def median_interval(values: Sequence[float], error_rate: float = ERROR_RATE) -> Interval | None:
    """Interval of the median seed by order statistics, for any distribution, on these test reviews; None below six seeds."""
    raise NotImplementedError


def prediction_interval(values: Sequence[float], error_rate: float = ERROR_RATE) -> Interval | None:
    """Where one more seed would lie, for example on another processor; None for one value."""
    raise NotImplementedError
