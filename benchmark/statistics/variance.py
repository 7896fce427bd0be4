"""Right answers by seed and group, and the error from the test reviews."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ERROR_RATE = 0.05
MIN_GROUPS = 30
MIN_REVIEWS = 200
ADDED_REVIEWS = 2  # that differ from the rest


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
    deterministic : bool
        A model without randomness: its one row has no variance between seeds.
    """

    right: NDArray[np.int64]
    reviews: NDArray[np.int64]
    deterministic: bool = False

    @cached_property
    def accuracies(self) -> Floats:
        """One accuracy a seed."""
        return self.right.sum(axis=1) / self.reviews.sum()

    @cached_property
    def median(self) -> float:
        """Accuracy of the typical training."""
        return median(self.accuracies.tolist())

    @property
    def one_seed(self) -> bool:
        """One seed of an architecture that has several: nothing is known of the others."""
        return len(self.right) == 1 and not self.deterministic

    @cached_property
    def mean_right(self) -> Floats:
        """Right answers in each group, mean over the seeds."""
        return self.right.mean(axis=0)


def count_right(
    right: ArrayLike,
    groups: ArrayLike | None = None,
    deterministic: bool = False,
) -> RightCounts:
    """Count right answers by seed and group.

    Parameters
    ----------
    right : array of bool, shape (n_seeds, n_reviews)
        See `benchmark.statistics.scores.correct`.
    groups : array of int, shape (n_reviews,), optional
        The film of each review; without it each review is a group of its own.
    """
    table = np.atleast_2d(right)
    if groups is None:
        groups = np.arange(table.shape[1])
    _, group, reviews = np.unique(groups, return_inverse=True, return_counts=True)
    counts = [np.bincount(group, weights=seed) for seed in table]
    right_by_group = np.stack(counts).astype(np.int64)
    return RightCounts(right_by_group, reviews, deterministic)


def small_sample(counts: RightCounts) -> bool:
    """Whether the test reviews are too few for intervals to be trusted to a tenth of a point."""
    reviews = counts.reviews
    return len(reviews) < MIN_GROUPS or reviews.sum() < MIN_REVIEWS


class ErrorSource(NamedTuple):
    """Variance of an accuracy, or of a difference of two, from the choice of test reviews or of seeds."""

    variance: float
    freedom: float

    def half_width(self, error_rate: float) -> float:
        """Half of Student's interval that leaves out the truth with `error_rate`, both sides together."""
        from scipy.special import stdtrit

        quantile = float(stdtrit(self.freedom, error_rate / 2))
        return -quantile * math.sqrt(self.variance)


def review_error(right: Floats, reviews: NDArray[np.int64]) -> ErrorSource:
    """Estimate the error from the reviews by leaving out each group in turn.

    With few or unequal groups the usual cluster-robust error is too small: this is CR3 (Bell and McCaffrey 2002, Survey
    Methodology 28(2), 169-181), with fewer degrees of freedom for unequal groups. Two reviews more are taken to differ
    from the rest, as Agresti and Coull do for a share (1998, The American Statistician 52(2), 119-126) and Bonett and
    Price for a difference (2012, Journal of Educational and Behavioral Statistics 37(4), 479-488): no error among 100
    reviews does not show that there is none.

    Parameters
    ----------
    right : array of float, shape (n_groups,)
        Right answers of a model, or how many more they are than another one's.
    reviews : array of int, shape (n_groups,)
    """
    total = int(reviews.sum())
    if len(reviews) == 1:  # nothing is known of other groups
        return ErrorSource(math.inf, 1)
    expected = right.sum() / total * reviews
    without_group = (right - expected) / (total - reviews)
    variance = float(np.square(without_group).sum())
    variance += ADDED_REVIEWS / total**2
    squares = np.square(reviews / total)
    equal_groups = float(squares.sum() ** 2 / np.square(squares).sum())
    return ErrorSource(variance, max(equal_groups - 1, 1))
