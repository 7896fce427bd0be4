"""The plan of seeds before training."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmark.statistics.variance import ERROR_RATE, Uncertainty

POWER = 0.8
TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of a mean from 25,000 reviews of 3,581 films


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
        At least 2.
    seed_sd : float
        Standard deviation over seeds, from earlier benchmarks or `TYPICAL_SDS`.
    """
    from scipy.special import stdtrit

    uncertainty = Uncertainty(seed_sd**2 / seeds, seeds - 1, review_error**2, math.inf)
    share = uncertainty.seed_variance / (uncertainty.seed_variance + uncertainty.review_variance)
    freedom = (seeds - 1) / share**2  # Satterthwaite
    return uncertainty.half_width(error_rate) + float(stdtrit(freedom, POWER)) * uncertainty.standard_error
