"""Comparing two sets of seeds by their means: of one figure a seed, or of a table of seeds by reviews."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.crossed import Crossed, MeanUncertainty, take_apart
from benchmark.statistics.intervals import LEVEL, Bounds


@dataclass(frozen=True)
class MeanDifference:
    """Mean of the first minus the second's; interval and p-value are None where one seed leaves them unknown."""

    difference: float
    interval: Bounds | None
    p_value: float | None


def paired_mean_difference(first: Sequence[float], second: Sequence[float], level: float = LEVEL) -> MeanDifference:
    """Compare two figures that share their seeds: Student's t on the differences.

    Parameters
    ----------
    first, second : sequence of float, length n_seeds
        The same seed at the same place.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6(1), 1-25.
    """
    differences = np.subtract(first, second)
    mean, seeds = float(np.mean(differences)), len(differences)
    if seeds < 2:
        return MeanDifference(mean, None, None)
    return _concluded(mean, MeanUncertainty(seeds, float(np.var(differences, ddof=1)) / seeds, 0.0), level)


def welch_difference(
    first: Sequence[float], second: Sequence[float], known_variance: float = 0.0, level: float = LEVEL
) -> MeanDifference:
    """Compare the means of two independent samples whose spreads may differ.

    Parameters
    ----------
    first, second : sequence of float, length n_first and n_second
    known_variance : float
        Of the difference, beyond what the two samples show: known as good as exactly, from thousands of reviews.

    References
    ----------
    Welch (1947), The generalization of "Student's" problem when several different population variances are involved,
    Biometrika 34(1/2), 28-35.
    """
    difference = float(np.mean(first) - np.mean(second))
    if len(first) < 2 or len(second) < 2:
        return MeanDifference(difference, None, None)
    variances = [float(np.var(sample, ddof=1)) / len(sample) for sample in (first, second)]
    total = sum(variances)
    freedom = float(min(len(first), len(second)) - 1)  # the fewest it can be, for samples that do not vary
    if total:
        terms = zip(variances, (first, second), strict=True)
        freedom = 1 / sum((variance / total) ** 2 / (len(sample) - 1) for variance, sample in terms)
    return _concluded(difference, MeanUncertainty(freedom + 1, total, known_variance), level)


def unpaired_accuracy_difference(
    first: NDArray[np.bool_], second: NDArray[np.bool_], same_reviews: bool, level: float = LEVEL
) -> MeanDifference:
    """Compare two accuracies that do not share their seeds: Welch's test over seeds, with the test reviews' part added.

    Parameters
    ----------
    first : array of bool, shape (n_first_seeds, n_first_reviews)
        Which review is right.
    second : array of bool, shape (n_second_seeds, n_second_reviews)
    same_reviews : bool
        A column is the same review in both.
    """
    parts = take_apart(first), take_apart(second)
    if same_reviews:
        by_review = first.mean(axis=0) - second.mean(axis=0)
        fixed_seeds = float(np.var(by_review, ddof=1)) / len(by_review)
        # what a single seed makes of a single review is in the seeds' spread already
        known = max(fixed_seeds - sum(_counted_with_seeds(one) for one in parts), 0.0)
    else:
        known = sum(one.variance_from_reviews for one in parts)
    return welch_difference(parts[0].seed_means.tolist(), parts[1].seed_means.tolist(), known, level)


def log_ratio(first: Sequence[float], second: Sequence[float], level: float = LEVEL) -> MeanDifference:
    """Compare positive quantities such as seconds: Welch's test on their logarithms.

    The exponential of the difference is the ratio of the geometric means, those of the ends are its interval.
    """
    return welch_difference([math.log(value) for value in first], [math.log(value) for value in second], level=level)


def _concluded(difference: float, uncertainty: MeanUncertainty, level: float) -> MeanDifference:
    return MeanDifference(difference, uncertainty.interval(difference, level), uncertainty.p_value(difference))


def _counted_with_seeds(parts: Crossed) -> float:
    return parts.variance_fixed_seeds - parts.variance_from_reviews
