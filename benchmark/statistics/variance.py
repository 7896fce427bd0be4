"""Mean accuracy with its uncertainty from seeds and test reviews."""

from __future__ import annotations

import math
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
    deterministic : bool
        A model without randomness: its one row has no variance between seeds.
    """

    right: NDArray[np.int64]
    reviews: NDArray[np.int64]
    deterministic: bool = False

    def __getitem__(self, seeds: slice | Sequence[int] | NDArray) -> RightCounts:
        """The same for some of the seeds: positions, a slice or a mask."""
        return RightCounts(self.right[seeds], self.reviews, self.deterministic)

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """One accuracy a seed."""
        return self.right.sum(axis=1) / self.reviews.sum()


def count_right(right: ArrayLike, groups: ArrayLike | None = None, deterministic: bool = False) -> RightCounts:
    """Count right answers by seed and group.

    Parameters
    ----------
    right : array of bool, shape (n_seeds, n_reviews)
        See `benchmark.statistics.scores.correct`.
    groups : array of int, shape (n_reviews,), optional
        The film of each review; without it each review is a group of its own.
    """
    table = np.atleast_2d(np.asarray(right, dtype=np.int64))
    if groups is None:
        return RightCounts(table, np.ones(table.shape[1], dtype=np.int64), deterministic)
    _, group, reviews = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    counts = np.stack([np.bincount(group, weights=row) for row in table]).astype(np.int64)
    return RightCounts(counts, reviews, deterministic)


@dataclass(frozen=True)
class Uncertainty:
    """Variance of an estimate in its two parts, each with its degrees of freedom.

    The critical value is Student's quantiles of the two, weighted by the parts (Cochran 1964, Approximate significance
    levels of the Behrens-Fisher test, Biometrics 20(1), 191-195). Satterthwaite's is too small with few seeds.
    """

    seed_variance: float
    seed_freedom: float
    review_variance: float
    review_freedom: float

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.seed_variance + self.review_variance)

    def half_width(self, error_rate: float) -> float:
        """Half of the interval that leaves out the truth with `error_rate`, both sides together."""
        from scipy.special import stdtrit

        total = self.seed_variance + self.review_variance
        if not total:
            return 0.0
        quantiles = -stdtrit([self.seed_freedom, self.review_freedom], error_rate / 2)
        shares = self.seed_variance / total, self.review_variance / total
        return float(shares[0] * quantiles[0] + shares[1] * quantiles[1]) * math.sqrt(total)

    def interval(self, estimate: float, error_rate: float) -> Interval:
        half = self.half_width(error_rate)
        return Interval(estimate - half, estimate + half)


@dataclass(frozen=True)
class MeanEstimate:
    """A mean accuracy over seeds, and its uncertainty from the choice of seeds and of test reviews.

    Attributes
    ----------
    interval : Interval
        Within 0 and 1. With one seed of a network it is of this one trained model, over reviews like these.
    seed_sd : float or None
        Standard deviation of the seeds' accuracies; None with one seed.
    n : int
        Seeds.
    one_model : bool
        One seed of an architecture that has several: nothing is known of the others.
    """

    mean: float
    interval: Interval
    seed_sd: float | None
    n: int
    one_model: bool
    uncertainty: Uncertainty
    error_rate: float = ERROR_RATE


def estimate_mean(counts: RightCounts, error_rate: float = ERROR_RATE) -> MeanEstimate:
    """Estimate the mean accuracy over seeds and over reviews like these.

    Seeds and reviews are two crossed random effects, and reviews lie in groups. The variance between the seeds'
    accuracies holds what a single seed makes of a single group already, so that part is taken from the groups' variance
    (Hillis 2007, A comparison of denominator degrees of freedom methods for multiple observer ROC analysis, Statistics
    in Medicine 26(3), 596-619; here with groups).
    """
    accuracies = counts.accuracies
    n, mean = len(accuracies), float(accuracies.mean())
    by_group, interaction = group_deviations(counts)
    uncertainty = Uncertainty(
        seed_variance=float(accuracies.var(ddof=1)) / n if n > 1 else 0.0,
        seed_freedom=max(n - 1, 1),
        review_variance=max(group_variance(by_group, counts.reviews) - interaction, 0.0),
        review_freedom=max(len(counts.reviews) - 1, 1),
    )
    low, high = uncertainty.interval(mean, error_rate)
    return MeanEstimate(
        mean=mean,
        interval=Interval(max(low, 0.0), min(high, 1.0)),
        seed_sd=float(accuracies.std(ddof=1)) if n > 1 else None,
        n=n,
        one_model=n == 1 and not counts.deterministic,
        uncertainty=uncertainty,
        error_rate=error_rate,
    )


def group_deviations(counts: RightCounts) -> tuple[NDArray[np.float64], float]:
    """Split the seeds' deviations from their own accuracies into what they share and what they do not.

    Returns
    -------
    array of float, shape (n_groups,)
        Right answers of a group beyond those expected, mean over the seeds.
    float
        Variance of the mean from what each seed makes of each group.
    """
    deviation = counts.right - np.outer(counts.accuracies, counts.reviews)
    shared, n = deviation.mean(axis=0), len(deviation)
    if n == 1:
        return shared, 0.0
    return shared, group_variance(deviation - shared, counts.reviews) / (n * (n - 1))


def group_variance(deviations: NDArray[np.float64], reviews: NDArray[np.int64]) -> float:
    """Variance of a mean over reviews from the totals of their groups (cluster-robust)."""
    groups = len(reviews)
    return float(np.square(deviations).sum()) * groups / max(groups - 1, 1) / float(reviews.sum()) ** 2


def median_interval(values: Sequence[float], error_rate: float = ERROR_RATE) -> Interval | None:
    """Interval of the median seed on these test reviews, by order statistics; None below six seeds.

    It holds for any distribution over seeds, collapsed ones included.
    """
    from scipy.special import bdtr

    ranked = sorted(values)
    outside = int(np.sum(2 * bdtr(np.arange(len(ranked) // 2), len(ranked), 0.5) <= error_rate))
    return Interval(ranked[outside - 1], ranked[-outside]) if outside else None


def prediction_interval(values: Sequence[float], error_rate: float = ERROR_RATE) -> Interval | None:
    """Where one more seed would lie, for example on another processor; None for one value.

    Hahn and Meeker (1991), Statistical Intervals, section 4.7.
    """
    n = len(values)
    if n < 2:
        return None
    variance = float(np.var(values, ddof=1)) * (1 + 1 / n)
    return Uncertainty(variance, n - 1, 0.0, 1).interval(float(np.mean(values)), error_rate)
