"""The number of seeds that shows a difference."""

from __future__ import annotations

import math

from benchmark.statistics.variance import ERROR_RATE, RightCounts, review_error
from benchmark.statistics.verdict import Verdict

POWER = 0.8
MIN_SEEDS, MAX_SEEDS = 6, 100  # that are advised
TYPICAL_SDS = (0.0025, 0.014)  # over seeds: of a stable network and of an unstable one
TYPICAL_REVIEW_ERROR = 0.0024  # standard error of an accuracy from 25,000 reviews of 3,581 films


def more_seeds_to_decide(
    verdict: Verdict,
    counts: RightCounts,
    other: RightCounts | None,
    margin: float,
    *,
    error_rate: float = ERROR_RATE,
) -> int | None:
    """Return how many more seeds would decide an undecided verdict, if spread and difference are as seen.

    A difference is shown in 80% of cases; that there is none in 60% or more.

    Parameters
    ----------
    other : RightCounts or None
        The second side, which gets the same number of seeds unless it has no randomness; None for a reference.
    error_rate : float
        At which the verdict is given: that of its family.

    Returns
    -------
    int or None
        None where `MAX_SEEDS` would not do, or one seed shows no spread.
    """
    right = counts.mean_right
    networks = [counts]
    if other is not None:
        right = right - other.mean_right
        networks.append(other)
    networks = [side for side in networks if not side.deterministic]
    if verdict.one_seed or not networks:
        return None
    seeds = min(len(side.right) for side in networks)
    seed_sd = math.hypot(*(float(side.accuracies.std(ddof=1)) for side in networks))
    from_reviews = math.sqrt(review_error(right, counts.reviews).variance)
    distance = abs(verdict.difference)
    for needed in range(max(MIN_SEEDS, seeds + 1), MAX_SEEDS + 1):
        shown = detectable_difference(needed, seed_sd, from_reviews, error_rate)
        equivalent = detectable_difference(needed, seed_sd, from_reviews, 2 * error_rate)
        if shown <= distance or equivalent <= margin - distance:
            return needed - seeds
    return None


def detectable_difference(
    seeds: int, seed_sd: float, review_error: float = TYPICAL_REVIEW_ERROR, error_rate: float = ERROR_RATE
) -> float:
    """True difference to a reference that this many seeds show in 80% of cases; for a plan before training.

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
