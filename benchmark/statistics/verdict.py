"""Verdicts on differences of typical trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from benchmark.statistics.intervals import median_interval
from benchmark.statistics.variance import ERROR_RATE, ErrorSource, Floats, Interval, RightCounts, review_error

VerdictKind = Literal["above", "below", "equivalent", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """Where a typical training stands against a reference, or against another one.

    Attributes
    ----------
    difference : float
        Median minus reference, a fraction.
    interval : Interval
        Of the difference, within -1 and 1.
    one_seed : bool
        A side is one seed of a network: the interval is of this trained model, and nothing is decided.
    """

    kind: VerdictKind
    difference: float
    interval: Interval
    one_seed: bool

    @property
    def difference_points(self) -> float:
        """In percentage points."""
        return 100 * self.difference

    @property
    def result(self) -> str:
        """The kind, or why there is none."""
        return "one seed" if self.one_seed else self.kind


def decide(
    counts: RightCounts,
    reference: float,
    margin: float,
    *,
    reference_reviews: int | None = None,
    error_rate: float = ERROR_RATE,
) -> Verdict:
    """Give the verdict on the typical training.

    Parameters
    ----------
    reference, margin : float
        Fractions; the margin is set before the data are seen.
    reference_reviews : int, optional
        Test reviews of the reference, whose binomial error is then counted; None for an exact figure.
    """
    reviews = review_error(counts.mean_right, counts.reviews)
    if reference_reviews:
        own_error = reference * (1 - reference) / reference_reviews
        reviews = ErrorSource(reviews.variance + own_error, reviews.freedom)
    sides = [counts.accuracies, np.array([-reference])]
    return judge(sides, reviews, margin, error_rate, counts.one_seed)


def compare(
    first: RightCounts,
    second: RightCounts,
    margin: float,
    *,
    error_rate: float = ERROR_RATE,
) -> Verdict:
    """Compare two architectures on the same reviews: what is hard for both cancels out.

    Parameters
    ----------
    first, second : RightCounts
        With the same groups in the same order.
    margin : float
        A smaller difference counts as none; a fraction.
    """
    reviews = review_error(first.mean_right - second.mean_right, first.reviews)
    sides = [first.accuracies, -second.accuracies]
    return judge(sides, reviews, margin, error_rate, first.one_seed or second.one_seed)


def judge(
    sides: Sequence[Floats],
    reviews: ErrorSource,
    margin: float,
    error_rate: float,
    one_seed: bool = False,
) -> Verdict:
    """Say where the sum of the sides' medians lies, with its interval.

    "Equivalent" goes first: a difference shown to be smaller than the margin counts as none, even if it is not 0. It is
    shown by two one-sided tests: by the interval at twice the error rate.

    Parameters
    ----------
    sides : sequence of array
        As for `median_interval`.
    one_seed : bool
        A side is one seed of a network, which decides nothing.
    """
    difference = sum(median(accuracies.tolist()) for accuracies in sides)
    interval = median_interval(sides, reviews, error_rate)
    one_sided = median_interval(sides, reviews, 2 * error_rate)
    kind: VerdictKind = "below"
    if one_seed:
        kind = "undecided"
    elif -margin < one_sided.low and one_sided.high < margin:
        kind = "equivalent"
    elif interval.contains(0):
        kind = "undecided"
    elif interval.low > 0:
        kind = "above"
    low, high = max(interval.low, -1.0), min(interval.high, 1.0)
    return Verdict(kind, difference, Interval(low, high), one_seed)
