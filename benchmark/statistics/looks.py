"""The plan of seeds before training."""

from __future__ import annotations

import math

from benchmark.statistics.variance import ERROR_RATE

POWER = 0.8
TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of an accuracy from 25,000 reviews of 3,581 films


def detectable_difference(
    seeds: int, seed_sd: float, review_error: float = TYPICAL_REVIEW_ERROR, error_rate: float = ERROR_RATE
) -> float:
    """True difference to a reference that so many seeds show in 80% of cases; for a plan before training.

    Parameters
    ----------
    seeds : int
        At least 2; taken to scatter normally.
    seed_sd : float
        Standard deviation over seeds, from earlier benchmarks or `TYPICAL_SDS`.
    """
    from scipy.special import ndtri, stdtrit

    if 2 * 0.5**seeds <= error_rate:  # the median has order statistics; its error is that of large samples
        seed_error = math.sqrt(math.pi / 2 / seeds) * seed_sd
        freedom = math.inf
    else:
        seed_error = seed_sd / math.sqrt(seeds)
        freedom = seeds - 1
    standard_error = math.hypot(seed_error, review_error)
    from_seeds = stdtrit(freedom, error_rate / 2) * seed_error
    from_reviews = ndtri(error_rate / 2) * review_error
    freedom *= (standard_error / max(seed_error, 1e-9)) ** 4  # Satterthwaite
    beyond = float(stdtrit(freedom, POWER)) * standard_error
    return math.hypot(from_seeds, from_reviews) + beyond
