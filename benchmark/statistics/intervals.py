"""Intervals with one source of uncertainty: seeds alone, or test reviews alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95


class Bounds(NamedTuple):
    """The two ends of an interval, in the unit of what it is an interval of."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside, ends included."""
        return self.low <= value <= self.high


def student_t_interval(values: Sequence[float], level: float = LEVEL) -> Bounds | None:
    """Interval of the mean of independent, roughly normal values, such as one accuracy a seed.

    Parameters
    ----------
    values : sequence of float, length n

    Returns
    -------
    Bounds or None
        None for a single value: its spread is unknown, not zero.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6(1), 1-25.
    """
    if len(values) < 2:
        return None
    half = stats.t.ppf(0.5 + level / 2, len(values) - 1) * stats.sem(values)
    mean = float(np.mean(values))
    return Bounds(mean - half, mean + half)


def wilson_interval(right: int, reviews: int, level: float = LEVEL) -> Bounds:
    """Interval of one trained model's accuracy over reviews like these.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158), 209-212.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(right, reviews, alpha=1 - level, method="wilson")
    return Bounds(float(low), float(high))


def prediction_interval(values: Sequence[float], level: float = LEVEL) -> Bounds | None:
    """Where one more value from the same normal distribution would lie; None for a single value.

    References
    ----------
    Hahn and Meeker (1991), Statistical Intervals, section 4.7.
    """
    if len(values) < 2:
        return None
    half = stats.t.ppf(0.5 + level / 2, len(values) - 1) * _prediction_se(values)
    mean = float(np.mean(values))
    return Bounds(mean - half, mean + half)


def prediction_p_value(values: Sequence[float], published: float) -> float | None:
    """Two-sided p-value of `published` being one more value from the same distribution; None if that is unknown."""
    if len(values) < 2 or min(values) == max(values):
        return None
    return float(2 * stats.t.sf(abs(published - np.mean(values)) / _prediction_se(values), len(values) - 1))


def _prediction_se(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) * math.sqrt(1 + 1 / len(values))
