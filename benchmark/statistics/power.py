"""How many seeds it would take to decide, if the difference and the spread are those observed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmark.statistics.crossed import critical_value
from benchmark.statistics.verdict import ERROR_RATE

POWER = 0.8
MOST_SEEDS = 1000


def power_of_difference(
    seeds: NDArray[np.int64], difference: float, variance_between_seeds: float, known_variance: float
) -> NDArray[np.float64]:
    """Probability that the interval leaves zero out, for each number of seeds.

    Approximate: the statistic is taken as noncentral t with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    seeds : array of int, shape (n,)
        Each at least 2.
    difference : float
        The true one.
    variance_between_seeds : float
        Of one seed's accuracy.
    known_variance : float
        Of the mean, whatever the number of seeds.

    References
    ----------
    Johnson and Welch (1940), Applications of the non-central t-distribution, Biometrika 31(3/4), 362-389.
    """
    error, critical, freedom = _at(seeds, variance_between_seeds, known_variance, 1 - ERROR_RATE)
    return _upper_tail(critical, freedom, difference / error) + _upper_tail(critical, freedom, -difference / error)


def power_of_equivalence(
    seeds: NDArray[np.int64], difference: float, variance_between_seeds: float, known_variance: float, margin: float
) -> NDArray[np.float64]:
    """Probability that both one-sided tests reject, at the least (Bonferroni); parameters as `power_of_difference`."""
    error, critical, freedom = _at(seeds, variance_between_seeds, known_variance, 1 - 2 * ERROR_RATE)
    both = _upper_tail(critical, freedom, (margin + difference) / error)
    both += _upper_tail(critical, freedom, (margin - difference) / error)
    return np.clip(both - 1, 0, 1)


def seeds_for_difference(
    difference: float, variance_between_seeds: float, known_variance: float, most: int = MOST_SEEDS
) -> int | None:
    """Fewest seeds with a power of 80% to show a difference; None if `most` are not enough."""
    seeds = np.arange(2, most + 1)
    return _first(seeds, power_of_difference(seeds, difference, variance_between_seeds, known_variance))


def seeds_for_equivalence(
    difference: float, variance_between_seeds: float, known_variance: float, margin: float, most: int = MOST_SEEDS
) -> int | None:
    """Fewest seeds with a power of 80% to show equivalence; None if `most` are not enough."""
    seeds = np.arange(2, most + 1)
    return _first(seeds, power_of_equivalence(seeds, difference, variance_between_seeds, known_variance, margin))


def hidden_by_known_variance(difference: float, known_variance: float) -> bool:
    """Whether even endless seeds have no power of 80% to show the difference."""
    needed = stats.norm.isf(ERROR_RATE / 2) + stats.norm.isf(1 - POWER)
    return bool(abs(difference) < needed * known_variance**0.5)


def _at(
    seeds: NDArray[np.int64], variance_between_seeds: float, known_variance: float, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    of_seeds = variance_between_seeds / seeds
    total = np.maximum(of_seeds + known_variance, np.finfo(float).tiny)
    share = of_seeds / total
    freedom = (seeds - 1) / np.maximum(share, 1e-6) ** 2
    return np.sqrt(total), critical_value(share, seeds, level), freedom


def _upper_tail(
    critical: NDArray[np.float64], freedom: NDArray[np.float64], noncentrality: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(T > critical) of noncentral t; by the normal where SciPy's series would not end."""
    tail = stats.norm.sf((critical - noncentrality) / np.sqrt(1 + critical**2 / (2 * freedom)))
    exact = (freedom < 1e4) & (np.abs(noncentrality) < 30)
    tail[exact] = stats.nct.sf(critical[exact], freedom[exact], noncentrality[exact])
    return tail


def _first(seeds: NDArray[np.int64], power: NDArray[np.float64]) -> int | None:
    enough = np.flatnonzero(power >= POWER)
    return int(seeds[enough[0]]) if enough.size else None
