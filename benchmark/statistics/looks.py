"""Seeds: the plan before training, and training until decided."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.statistics.variance import ERROR_RATE
from benchmark.statistics.verdict import VerdictKind

TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of a mean from 25,000 reviews of 3,581 films


def look_error_rate(looks: Sequence[int], error_rate: float = ERROR_RATE) -> float:
    """Error rate of each of the planned looks (`benchmark.config.LOOKS`): they share `error_rate` equally."""
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def pooled_sd(groups: Sequence[Sequence[float]]) -> float | None:
    """Standard deviation over seeds, pooled over earlier benchmarks; None where none has two seeds."""
    raise NotImplementedError
