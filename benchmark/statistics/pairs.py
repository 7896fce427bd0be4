"""Differences between architectures, and between benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.statistics.variance import (
    ERROR_RATE,
    Interval,
    RightCounts,
    Uncertainty,
    estimate_mean,
    group_deviations,
    group_variance,
)

MIN_BLOCKS = 3  # two seeds give intervals of a thousandfold


@dataclass(frozen=True)
class Difference:
    """Mean accuracy of the first minus the second's, as a fraction.

    Attributes
    ----------
    interval : Interval
        Excludes 0 just where `significant`, unless `about_models`.
    about_models : bool
        One of the two is a network with one seed: the interval is of these trained models, and nothing is significant.
    """

    difference: float
    interval: Interval
    significant: bool
    about_models: bool
    uncertainty: Uncertainty


def compare(
    first: RightCounts, second: RightCounts, *, same_reviews: bool = True, error_rate: float = ERROR_RATE
) -> Difference:
    """Compare two architectures, or one in two benchmarks: Welch's test over seeds, on the same reviews.

    Parameters
    ----------
    first, second : RightCounts
        Of the seeds that did not collapse; with `same_reviews`, with the same groups in the same order.
    """
    if same_reviews and not np.array_equal(first.reviews, second.reviews):
        raise ValueError("both need the same groups of the same reviews in the same order")
    sides = [estimate_mean(side) for side in (first, second)]
    difference = sides[0].mean - sides[1].mean
    about_models = any(side.one_model for side in sides)
    (shared, interaction), (other_shared, other_interaction) = group_deviations(first), group_deviations(second)
    if same_reviews:
        review_variance = group_variance(shared - other_shared, first.reviews)
    else:
        review_variance = group_variance(shared, first.reviews) + group_variance(other_shared, second.reviews)
    seed_variance, freedom = 0.0, 1.0
    if not about_models:
        # the seeds' variance holds these parts
        review_variance = max(review_variance - interaction - other_interaction, 0.0)
        parts = [side.uncertainty for side in sides]
        seed_variance = sum(part.seed_variance for part in parts)
        if seed_variance:  # Welch (1947), Biometrika 34(1/2), 28-35
            freedom = 1 / sum((part.seed_variance / seed_variance) ** 2 / part.seed_freedom for part in parts)
    groups = min(len(first.reviews), len(second.reviews))
    uncertainty = Uncertainty(seed_variance, freedom, review_variance, max(groups - 1, 1))
    interval = uncertainty.interval(difference, error_rate)
    significant = not about_models and not interval.contains(0)
    return Difference(difference, interval, significant, about_models, uncertainty)


def holm(family: Sequence[Difference], error_rate: float = ERROR_RATE) -> list[Difference]:
    """Adjust decisions and intervals for the number of comparisons of architectures (Holm 1979).

    All are tested at the error rate divided by their number, then those that are left, until none is significant. An
    interval has the level of the last test of its difference.
    """
    adjusted = list(family)
    left = [place for place, one in enumerate(family) if not one.about_models]
    found = True
    while left and found:
        for place in left:
            one = family[place]
            interval = one.uncertainty.interval(one.difference, error_rate / len(left))
            adjusted[place] = replace(one, interval=interval, significant=not interval.contains(0))
        found = any(adjusted[place].significant for place in left)
        left = [place for place in left if not adjusted[place].significant]
    return adjusted


@dataclass(frozen=True)
class Change:
    """What the second benchmark changed, tested one-sided for the worse at a false-alarm rate of 5%.

    Attributes
    ----------
    change : float
        Of accuracy, a fraction, negative for the worse; of time the ratio, above 1 for the worse.
    interval : Interval or None
        95%, two-sided; None with too few seeds.
    threshold : float or None
        The smallest loss (accuracy) or ratio (time) that counts as a regression; None with too few seeds.
    regression : bool
        Never with one seed; of times with two.
    """

    change: float
    interval: Interval | None = None
    threshold: float | None = None
    regression: bool = False


def accuracy_change(
    before: RightCounts, now: RightCounts, *, tolerated: float = 0.0, same_reviews: bool = True, tests: int = 1
) -> Change:
    """Judge an accuracy against the one before.

    Parameters
    ----------
    tolerated : float
        A true loss up to this is no regression; a fraction.
    tests : int
        Architectures that are judged; they share the false-alarm rate.
    """
    found = compare(now, before, same_reviews=same_reviews)
    if found.about_models:
        return Change(found.difference)
    threshold = tolerated + found.uncertainty.half_width(2 * ERROR_RATE / tests)
    return Change(found.difference, found.interval, threshold, -found.difference > threshold)


def time_change(before: Sequence[float], now: Sequence[float], *, tolerated: float = 1.0, tests: int = 1) -> Change:
    """Judge seconds against those before, seed by seed: the same seed at the same place is one block.

    Parameters
    ----------
    tolerated : float
        A true ratio up to this is no regression.
    """
    logs = np.log(np.asarray(now, dtype=np.float64)) - np.log(np.asarray(before, dtype=np.float64))
    n, ratio = len(logs), float(np.exp(logs.mean()))
    if n < MIN_BLOCKS:
        return Change(ratio)
    uncertainty = Uncertainty(float(logs.var(ddof=1)) / n, n - 1, 0.0, 1)
    low, high = np.exp(uncertainty.interval(float(logs.mean()), ERROR_RATE))
    threshold = tolerated * float(np.exp(uncertainty.half_width(2 * ERROR_RATE / tests)))
    return Change(ratio, Interval(float(low), float(high)), threshold, ratio > threshold)
