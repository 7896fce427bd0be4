"""Differences between architectures, and between benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
    """Mean accuracy of the first minus the second's.

    Attributes
    ----------
    difference : float
        A fraction.
    interval : Interval
        Excludes 0 just where `significant`. With scope "models" it is of these trained models, over reviews like these.
    p_value : float or None
        None with scope "models".
    significant : bool
        Never with scope "models".
    scope : {"architectures", "models"}
        What it is about: "models" where a network has one seed.
    uncertainty : Uncertainty
    error_rate : float
        1 minus the level of the interval; smaller than 0.05 where several pairs are tested (Holm).
    """

    difference: float
    interval: Interval
    p_value: float | None
    significant: bool
    scope: Literal["architectures", "models"]
    uncertainty: Uncertainty
    error_rate: float = ERROR_RATE


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
    parts = [estimate_mean(side, error_rate) for side in (first, second)]
    difference = parts[0].mean - parts[1].mean
    one_model = any(part.one_model for part in parts)
    (shared, interaction), (other_shared, other_interaction) = group_deviations(first), group_deviations(second)
    if same_reviews:
        known = group_variance(shared - other_shared, first.reviews)
    else:
        known = group_variance(shared, first.reviews) + group_variance(other_shared, second.reviews)
    seed_variance, freedom = 0.0, 1.0
    if not one_model:
        known = max(known - interaction - other_interaction, 0.0)  # these parts are in the seeds' variance
        variances = [part.uncertainty.seed_variance for part in parts]
        seed_variance = sum(variances)
        if seed_variance:  # Welch (1947), Biometrika 34(1/2), 28-35
            terms = zip(variances, (part.uncertainty.seed_freedom for part in parts), strict=True)
            freedom = 1 / sum((variance / seed_variance) ** 2 / its for variance, its in terms)
    groups = min(len(first.reviews), len(second.reviews))
    uncertainty = Uncertainty(seed_variance, freedom, known, max(groups - 1, 1))
    interval = uncertainty.interval(difference, error_rate)
    return Difference(
        difference=difference,
        interval=interval,
        p_value=None if one_model else uncertainty.p_value(difference),
        significant=not one_model and not interval.contains(0),
        scope="models" if one_model else "architectures",
        uncertainty=uncertainty,
        error_rate=error_rate,
    )


def holm(differences: Sequence[Difference], error_rate: float = ERROR_RATE) -> list[Difference]:
    """Adjust p-values, decisions and intervals for the number of pairs with scope "architectures" (Holm 1979)."""
    places = [place for place, one in enumerate(differences) if one.p_value is not None]
    places.sort(key=lambda place: differences[place].p_value or 0.0)
    adjusted, smallest, rejecting = list(differences), 0.0, True
    rate = error_rate
    for rank, place in enumerate(places):
        one = differences[place]
        if rejecting:  # the first that is not significant ends the steps, and all later ones share its level
            rate = error_rate / (len(places) - rank)
        interval = one.uncertainty.interval(one.difference, rate)
        rejecting = rejecting and not interval.contains(0)
        smallest = max(smallest, min(1.0, (one.p_value or 0.0) * (len(places) - rank)))
        adjusted[place] = replace(one, interval=interval, p_value=smallest, significant=rejecting, error_rate=rate)
    return adjusted


@dataclass(frozen=True)
class McNemar:
    """Two trained models on the same reviews: how many just one gets right, and the mid-p-value of no difference."""

    first_only_right: int
    second_only_right: int
    p_value: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """McNemar's test with the mid-p-value; says nothing of other seeds."""
    from scipy.stats import binom

    first_only, second_only = int((first & ~second).sum()), int((second & ~first).sum())
    fewer, all_of = min(first_only, second_only), first_only + second_only
    p_value = 2 * binom.cdf(fewer, all_of, 0.5) - binom.pmf(fewer, all_of, 0.5)
    return McNemar(first_only, second_only, min(1.0, float(p_value)))


@dataclass(frozen=True)
class Change:
    """What the second benchmark changed, tested one-sided for the worse.

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
    false_alarm_rate : float
        Probability of a regression where nothing changed.
    """

    change: float
    interval: Interval | None
    threshold: float | None
    regression: bool
    false_alarm_rate: float


def accuracy_change(
    before: RightCounts, now: RightCounts, *, tolerated: float = 0.0, same_reviews: bool = True, tests: int = 1
) -> Change:
    """Judge an accuracy against the one before.

    Parameters
    ----------
    tolerated : float
        A true loss up to this is no regression; a fraction.
    tests : int
        Architectures that are judged; the false-alarm rate of 5% is shared among them.
    """
    found = compare(now, before, same_reviews=same_reviews)
    if found.scope == "models":
        return Change(found.difference, None, None, False, 0.0)
    threshold = tolerated + found.uncertainty.half_width(2 * ERROR_RATE / tests)
    return Change(found.difference, found.interval, threshold, -found.difference > threshold, ERROR_RATE)


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
        return Change(ratio, None, None, False, 0.0)
    uncertainty = Uncertainty(float(logs.var(ddof=1)) / n, n - 1, 0.0, 1)
    low, high = np.exp(uncertainty.interval(float(logs.mean()), ERROR_RATE))
    threshold = tolerated * float(np.exp(uncertainty.half_width(2 * ERROR_RATE / tests)))
    return Change(ratio, Interval(float(low), float(high)), threshold, ratio > threshold, ERROR_RATE)
