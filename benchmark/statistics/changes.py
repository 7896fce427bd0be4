"""What a second benchmark changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.intervals import mean_half_width
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts, review_error

MIN_SEEDS_TIMED = 3  # two give intervals of a thousandfold


@dataclass(frozen=True)
class Change:
    """Change of a mean accuracy, tested one-sided for the worse at a false-alarm rate of 5%.

    Attributes
    ----------
    change : float
        A fraction, negative for the worse.
    interval : Interval or None
        95%, two-sided; None with one seed of a network.
    threshold : float or None
        The smallest loss that counts as a regression; None with one seed of a network.
    """

    change: float
    interval: Interval | None = None
    threshold: float | None = None

    @property
    def regression(self) -> bool:
        """Never with one seed."""
        return self.threshold is not None and -self.change > self.threshold


@dataclass(frozen=True)
class Slowdown:
    """Ratio of two times, tested as a `Change` is, and the smallest one that counts as a regression."""

    ratio: float
    threshold: float

    @property
    def regression(self) -> bool:
        return self.ratio > self.threshold


def accuracy_change(
    before: RightCounts,
    now: RightCounts,
    *,
    tolerated: float = 0.0,
    tests: int = 1,
) -> Change:
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
        from_seeds = mean_half_width([now.accuracies, before.accuracies], error_rate)
        return float(np.hypot(from_seeds, reviews.half_width(error_rate)))

    half = half_width(ERROR_RATE)
    one_sided = half_width(2 * ERROR_RATE / tests)
    interval = Interval(change - half, change + half)
    return Change(change, interval, tolerated + one_sided)


def time_change(
    before: Mapping[object, float],
    now: Mapping[object, float],
    *,
    tolerated: float = 1.0,
    tests: int = 1,
) -> Slowdown | None:
    """Judge seconds against those before, training by training; None where too few were trained in both.

    Parameters
    ----------
    before, now : mapping of object to float
        Seconds by what they depend on: the seed, the settings, the machine.
    tolerated : float
        A true ratio up to this is no regression.
    """
    ratios = [now[training] / before[training] for training in now if training in before]
    if len(ratios) < MIN_SEEDS_TIMED:
        return None
    logs = np.log(ratios)
    one_sided = mean_half_width([logs], 2 * ERROR_RATE / tests)
    ratio = math.exp(logs.mean())
    return Slowdown(ratio, tolerated * math.exp(one_sided))
