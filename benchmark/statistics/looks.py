"""Seeds: the plan before training, and training until decided."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmark.statistics.variance import ERROR_RATE, Uncertainty
from benchmark.statistics.verdict import VerdictKind

POWER = 0.8
TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of a mean from 25,000 reviews of 3,581 films


def look_error_rate(looks: Sequence[int], error_rate: float = ERROR_RATE) -> float:
    """Error rate of each of the planned looks (`benchmark.config.LOOKS`): they share `error_rate` equally."""
    return error_rate / len(looks)


def next_look(seeds: int, kind: VerdictKind, looks: Sequence[int]) -> int | None:
    """Seeds of the next look at an architecture; None where its verdict is decided or the looks are used up.

    Parameters
    ----------
    seeds : int
        Trained so far, collapsed ones included.
    kind : VerdictKind
        The verdict with `look_error_rate`.
    looks : sequence of int, ascending
    """
    return next((look for look in looks if look > seeds), None) if kind == "undecided" else None


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


def pooled_sd(groups: Sequence[Sequence[float]]) -> float | None:
    """Standard deviation over seeds, pooled over earlier benchmarks; None where none has two seeds."""
    spread = [(float(np.var(values, ddof=1)), len(values) - 1) for values in groups if len(values) > 1]
    if not spread:
        return None
    return math.sqrt(sum(variance * freedom for variance, freedom in spread) / sum(freedom for _, freedom in spread))
