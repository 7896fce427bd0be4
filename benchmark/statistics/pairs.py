"""Differences between architectures, and between benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts


@dataclass(frozen=True)
class Difference:
    """Mean accuracy of the first minus the second's.

    Attributes
    ----------
    difference : float
        A fraction.
    interval : Interval
        Excludes 0 just where `significant`. With scope "models" it is of these trained models, over reviews like these.
    standard_error : float
    p_value : float or None
        None with scope "models".
    significant : bool
        Never with scope "models".
    scope : {"architectures", "models"}
        What it is about: "models" where a network has one seed.
    error_rate : float
        1 minus the level of the interval; smaller than 0.05 where several pairs are tested (Holm).
    """

    difference: float
    interval: Interval
    standard_error: float
    p_value: float | None
    significant: bool
    scope: Literal["architectures", "models"]
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
    raise NotImplementedError


def holm(differences: Sequence[Difference], error_rate: float = ERROR_RATE) -> list[Difference]:
    """Adjust p-values, decisions and intervals for the number of pairs with scope "architectures" (Holm 1979)."""
    raise NotImplementedError


@dataclass(frozen=True)
class McNemar:
    """Two trained models on the same reviews: what just one of them gets right, and the mid-p-value of no difference."""

    first_only_right: int
    second_only_right: int
    p_value: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """McNemar's test with the mid-p-value; says nothing of other seeds."""
    raise NotImplementedError


@dataclass(frozen=True)
class Change:
    """What the second benchmark changed, tested one-sided for the worse.

    Attributes
    ----------
    change : float
        Of accuracy, a fraction, negative for the worse; of time the ratio, above 1 for the worse.
    interval : Interval or None
        95%, two-sided; None with one seed.
    threshold : float or None
        The smallest loss (accuracy) or ratio (time) that counts as a regression; None with one seed.
    regression : bool
        Never with one seed.
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
    raise NotImplementedError


def time_change(before: Sequence[float], now: Sequence[float], *, tolerated: float = 1.0, tests: int = 1) -> Change:
    """Judge seconds against those before, seed by seed: the same seed at the same place is one block.

    Parameters
    ----------
    tolerated : float
        A true ratio up to this is no regression.
    """
    raise NotImplementedError
