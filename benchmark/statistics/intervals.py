"""Intervals of medians over seeds, and of their differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np

from benchmark.statistics.variance import (
    ERROR_RATE,
    ErrorSource,
    Floats,
    Interval,
    RightCounts,
    review_error,
)

WIDE_GAP = 3.0  # times the half width from all other sources


def typical_interval(counts: RightCounts, error_rate: float = ERROR_RATE) -> Interval:
    """Interval of the accuracy of the typical training, within 0 and 1: over other seeds and reviews like these.

    With one seed of a network it is of this one trained model, over reviews like these.
    """
    reviews = review_error(counts.mean_right, counts.reviews)
    low, high = median_interval([counts.accuracies], reviews, error_rate)
    return Interval(max(low, 0.0), min(high, 1.0))


def median_interval(sides: Sequence[Floats], reviews: ErrorSource, error_rate: float) -> Interval:
    """Interval of the sum of medians over seeds; a difference has the negative accuracies of its second side.

    Each source of error has a distance below and above the estimate at this error rate; sources are combined in
    quadrature (MOVER: Zou and Donner 2008, Construction of confidence limits about effect measures, Statistics in
    Medicine 27(10), 1693-1702). The seeds of a side are a source by their order statistics, which hold for any
    distribution. Where so few seeds have none at this rate, Student's interval around the mean is the source, for two
    such sides Welch's.

    Parameters
    ----------
    sides : sequence of array
        Accuracies of an architecture's seeds; a single value has no error from seeds.
    """
    estimate = 0.0
    few_seeds: list[Floats] = []
    below, above = [], []
    for accuracies in sides:
        bounds = order_statistics(accuracies, error_rate)
        if bounds is None:
            few_seeds.append(accuracies)
            estimate += float(accuracies.mean())
        else:
            middle = median(accuracies.tolist())
            estimate += middle
            below.append(_reach(accuracies, bounds.low, middle))
            above.append(_reach(accuracies, middle, bounds.high))
    others = math.hypot(mean_half_width(few_seeds, error_rate), reviews.half_width(error_rate))
    return Interval(estimate - _combined(below, others), estimate + _combined(above, others))


def _reach(accuracies: Floats, low: float, high: float) -> tuple[float, float]:
    """How far one side's seeds reach from their median, and the widest gap on the way."""
    between = np.sort(accuracies).clip(low, high)
    return high - low, float(np.diff(between).max())


def _combined(reaches: Sequence[tuple[float, float]], others: float) -> float:
    """Combine sources in quadrature.

    Where some seeds fail, the median may lie on either side of a gap, which says nothing of the error beyond it: there
    the other sources are added in full.
    """
    total = math.hypot(others, *(distance for distance, _ in reaches))
    combined = total
    for distance, gap in reaches:
        if gap > WIDE_GAP * others:
            rest = math.sqrt(max(total**2 - distance**2, 0.0))
            combined = max(combined, distance + rest)
    return combined


def order_statistics(accuracies: Floats, error_rate: float) -> Interval | None:
    """Interval of the median from the ranks of the seeds alone; None where there are too few.

    Between two ranks it is interpolated (Hettmansperger and Sheather 1986, Confidence intervals based on interpolated
    order statistics, Statistics and Probability Letters 4(2), 75-79): the same holds for nearly any distribution.
    """
    from scipy.special import bdtr

    upwards = np.sort(accuracies)
    downwards = upwards[::-1]
    n = len(upwards)
    beyond = 2 * bdtr(np.arange(n // 2 + 1), n, 0.5)  # how often the median lies outside the ranks 1, 2, ...
    rank = int(np.sum(beyond <= error_rate))
    if not rank:
        return None
    outer, inner = rank - 1, rank
    step = (error_rate - beyond[outer]) / (beyond[inner] - beyond[outer])
    inwards = (n - rank) * step / (rank + (n - 2 * rank) * step)
    low = upwards[outer] + inwards * (upwards[inner] - upwards[outer])
    high = downwards[outer] - inwards * (downwards[outer] - downwards[inner])
    return Interval(float(low), float(high))


def mean_half_width(sides: Sequence[Floats], error_rate: float) -> float:
    """Half of the interval of a sum of means over seeds (Welch 1947, Biometrika 34(1/2), 28-35)."""
    variances = spread_of_freedom = 0.0
    for accuracies in sides:
        n = len(accuracies)
        if n > 1:
            variance = float(accuracies.var(ddof=1)) / n
            variances += variance
            spread_of_freedom += variance**2 / (n - 1)
    if not variances:
        return 0.0
    freedom = variances**2 / spread_of_freedom
    return ErrorSource(variances, freedom).half_width(error_rate)
