"""Differences between architectures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from benchmark.statistics.intervals import judge
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts, review_error

PairKind = Literal["better", "worse", "equivalent", "undecided"]
PAIR_KINDS: dict[str, PairKind] = {
    "above": "better",
    "below": "worse",
    "equivalent": "equivalent",
    "undecided": "undecided",
}


@dataclass(frozen=True)
class Difference:
    """Typical training of the first minus the second's, as a fraction.

    Attributes
    ----------
    kind : {"better", "worse", "equivalent", "undecided"}
        What the first is, compared with the second.
    about_models : bool
        One of the two is a network with one seed: the interval is of this trained model, and nothing is decided.
    """

    difference: float
    interval: Interval
    kind: PairKind
    about_models: bool


def compare(first: RightCounts, second: RightCounts, margin: float, *, error_rate: float = ERROR_RATE) -> Difference:
    """Compare two architectures on the same reviews: what is hard for both cancels out.

    Parameters
    ----------
    first, second : RightCounts
        With the same groups in the same order.
    margin : float
        A smaller difference counts as none; a fraction.
    """
    if not np.array_equal(first.reviews, second.reviews):
        raise ValueError("both need the same groups of the same reviews in the same order")
    reviews = review_error(first.mean_right - second.mean_right, first.reviews)
    kind, interval = judge([first.accuracies, -second.accuracies], reviews, margin, error_rate)
    about_models = first.one_model or second.one_model
    if about_models:
        kind = "undecided"
    return Difference(first.median - second.median, interval, PAIR_KINDS[kind], about_models)


def compare_all(
    counts: Sequence[RightCounts], margin: float, error_rate: float = ERROR_RATE
) -> dict[tuple[int, int], Difference]:
    """Compare each with each: all intervals hold together at the error rate, which the pairs share (Bonferroni).

    The best may be picked with the same data, since its pairs are among them.
    """
    places = list(combinations(range(len(counts)), 2))
    differences = {}
    for i, j in places:
        differences[i, j] = compare(counts[i], counts[j], margin, error_rate=error_rate / len(places))
    return differences
