"""Comparing two architectures: the same seeds and the same reviews, so paired."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmark.statistics.crossed import take_apart
from benchmark.statistics.intervals import LEVEL, Bounds

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class PairedDifference:
    """Mean accuracy of the first minus the second's.

    With one seed each, interval and p-value are of these two trained models, over reviews like these.
    """

    difference: float
    interval: Bounds
    p_value: float
    mcnemar: McNemar | None


@dataclass(frozen=True)
class McNemar:
    """Two trained models on the same reviews: those that just one of them gets right, and the exact test."""

    first_only_right: int
    second_only_right: int
    p_value: float


def paired_difference(first: NDArray[np.bool_], second: NDArray[np.bool_], level: float = LEVEL) -> PairedDifference:
    """Compare two architectures, seed by seed and review by review.

    Parameters
    ----------
    first, second : array of bool, shape (n_seeds, n_reviews)
        Which review is right; the same seed and review at the same place.
    """
    table = first.astype(np.int8) - second.astype(np.int8)
    parts = take_apart(table)
    if parts.uncertainty is not None:
        interval = parts.uncertainty.interval(parts.mean, level)
        return PairedDifference(parts.mean, interval, parts.uncertainty.p_value(parts.mean), None)
    half = float(stats.norm.ppf(0.5 + level / 2)) * parts.variance_fixed_seeds**0.5
    test = mcnemar_test(first[0], second[0])
    return PairedDifference(parts.mean, Bounds(parts.mean - half, parts.mean + half), test.p_value, test)


def mcnemar_test(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Exact test of two trained models being right equally often.

    Parameters
    ----------
    first, second : array of bool, shape (n_reviews,)

    References
    ----------
    McNemar (1947), Note on the sampling error of the difference between correlated proportions or percentages,
    Psychometrika 12(2), 153-157.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    first_only, second_only = int((first & ~second).sum()), int((second & ~first).sum())
    if not first_only + second_only:
        return McNemar(0, 0, 1.0)
    test = mcnemar([[0, first_only], [second_only, 0]], exact=True)
    return McNemar(first_only, second_only, min(1.0, float(test.pvalue)))


def probability_of_improvement(first: Sequence[float], second: Sequence[float]) -> float:
    """Share of all pairs of seeds in which the first architecture's accuracy is higher, ties half.

    References
    ----------
    Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice, NeurIPS 34; it is the
    Mann-Whitney statistic divided by the number of pairs.
    """
    signs = np.sign(np.subtract.outer(np.asarray(first), np.asarray(second)))
    return float((signs.mean() + 1) / 2)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for being the smallest of several.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 65-70.
    """
    from statsmodels.stats.multitest import multipletests

    return [float(value) for value in multipletests(list(p_values), method="holm")[1]] if len(p_values) else []


def holm_of_distinct(p_values: Mapping[Name, float | None], repeats: Mapping[Name, Name]) -> dict[Name, float | None]:
    """Adjust p-values for their number, where a test that repeats another is no further one.

    Parameters
    ----------
    p_values : mapping
        By test; None where there is none.
    repeats : mapping
        A test that has the data of another, and that other one, whose adjusted p-value it takes.
    """
    tested = {name: p for name, p in p_values.items() if p is not None and name not in repeats}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {name: adjusted.get(repeats.get(name, name)) for name in p_values}
