"""What a second benchmark changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.intervals import mean_half_width
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts, review_error

MIN_BLOCKS = 3  # two seeds give intervals of a thousandfold


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


def accuracy_change(before: RightCounts, now: RightCounts, *, tolerated: float = 0.0, tests: int = 1) -> Change:
    """Judge the mean accuracy of all seeds against the one before, on the same reviews.

    The mean and not the median: a gate asks what a change costs on average, and a fifth of failed trainings costs.

    Parameters
    ----------
    tolerated : float
        A true loss up to this is no regression; a fraction.
    tests : int
        Architectures that are judged; they share the false-alarm rate.
    """
    change = float(now.accuracies.mean() - before.accuracies.mean())
    if before.one_model or now.one_model:
        return Change(change)
    reviews = review_error(now.mean_right - before.mean_right, now.reviews)

    def half_width(error_rate: float) -> float:
        seeds = mean_half_width([now.accuracies, before.accuracies], error_rate)
        return float(np.hypot(seeds, reviews.half_width(error_rate)))

    half = half_width(ERROR_RATE)
    threshold = tolerated + half_width(2 * ERROR_RATE / tests)
    return Change(change, Interval(change - half, change + half), threshold, -change > threshold)


def time_change(before: Sequence[float], now: Sequence[float], *, tolerated: float = 1.0, tests: int = 1) -> Change:
    """Judge seconds against those before, seed by seed: the same seed at the same place is one block.

    Parameters
    ----------
    tolerated : float
        A true ratio up to this is no regression.
    """
    logs = np.log(np.asarray(now, dtype=np.float64)) - np.log(np.asarray(before, dtype=np.float64))
    ratio = float(np.exp(logs.mean()))
    if len(logs) < MIN_BLOCKS:
        return Change(ratio)
    factor = float(np.exp(mean_half_width([logs], ERROR_RATE)))
    threshold = tolerated * float(np.exp(mean_half_width([logs], 2 * ERROR_RATE / tests)))
    return Change(ratio, Interval(ratio / factor, ratio * factor), threshold, ratio > threshold)
