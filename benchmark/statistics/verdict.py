"""Verdict on a typical training against a reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.intervals import Kind, judge
from benchmark.statistics.variance import ERROR_RATE, Interval, ReviewError, RightCounts, review_error

VerdictKind = Kind


@dataclass(frozen=True)
class Verdict:
    """Where the typical training of an architecture stands against a reference.

    Attributes
    ----------
    difference : float
        Median minus reference, a fraction.
    interval : Interval
        Of the difference, with the reference's own error.
    """

    kind: VerdictKind
    difference: float
    interval: Interval


def decide(
    counts: RightCounts,
    reference: float,
    margin: float,
    *,
    reference_reviews: int | None = None,
    error_rate: float = ERROR_RATE,
) -> Verdict:
    """Give the verdict on the typical training; one seed of a network decides nothing.

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
        reviews = ReviewError(reviews.variance + own_error, reviews.freedom)
    kind, interval = judge([counts.accuracies, np.array([-reference])], reviews, margin, error_rate)
    if counts.one_model:
        kind = "undecided"
    return Verdict(kind, counts.median - reference, interval)


def decide_change(before: RightCounts, after: RightCounts, margin: float, *, error_rate: float = ERROR_RATE) -> Verdict:
    """Give the verdict on what other reviews do to the same trained models, seed by seed: the median change.

    Parameters
    ----------
    before, after : RightCounts
        Of the same seeds and groups.
    """
    change = RightCounts(after.right - before.right, before.reviews, before.deterministic)
    return decide(change, 0.0, margin, error_rate=error_rate)
