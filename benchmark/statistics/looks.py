"""The plan of seeds before training."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmark.statistics.intervals import ranks_outside
from benchmark.statistics.variance import ERROR_RATE

POWER = 0.8
TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of an accuracy from 25,000 reviews of 3,581 films


def look_error_rate(looks: Sequence[int]) -> float:
    """Error rate of each of the planned looks (`benchmark.config.LOOKS`): they share the usual one equally."""
    return ERROR_RATE / len(looks)


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

    outside = ranks_outside(seeds, error_rate)
    if outside:
        # expected order statistic (Blom 1958) and the median's standard error
        distance = -ndtri((outside - 0.375) / (seeds + 0.25)) * seed_sd
        seed_error = math.sqrt(math.pi / 2 / seeds) * seed_sd
    else:
        seed_error = seed_sd / math.sqrt(seeds)
        distance = -stdtrit(seeds - 1, error_rate / 2) * seed_error
    half = math.hypot(distance, ndtri(error_rate / 2) * review_error)
    return half + float(ndtri(POWER)) * math.hypot(seed_error, review_error)
