"""Verdict on a mean accuracy against a reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from benchmark.statistics.variance import Interval, MeanEstimate

VerdictKind = Literal["above", "below", "equivalent", "undecided"]

MIN_SEEDS_WITH_COLLAPSES = 10


@dataclass(frozen=True)
class Verdict:
    """Where the mean over seeds that did not collapse stands against a reference.

    Attributes
    ----------
    difference : float
        Mean minus reference, a fraction.
    interval : Interval
        Of the difference, with the reference's own error.
    withheld : {"above", "equivalent"} or None
        What would be said if no seed of the architecture had ever collapsed.
    seeds_needed : int or None
        Seeds (all, collapsed ones included) that would lift a verdict withheld; None where no number is certain to.
    """

    kind: VerdictKind
    difference: float
    interval: Interval
    withheld: Literal["above", "equivalent"] | None = None
    seeds_needed: int | None = None


def decide(
    estimate: MeanEstimate,
    reference: float,
    margin: float,
    *,
    reference_reviews: int | None = None,
    collapsed: int = 0,
    earlier_collapses: int = 0,
) -> Verdict:
    """Give the verdict on a mean accuracy.

    "Equivalent" goes first: a difference shown to be smaller than the margin counts as none, even if it is not 0.

    Parameters
    ----------
    estimate : MeanEstimate
        Of the seeds that did not collapse; its error rate is the verdict's.
    reference, margin : float
        Fractions; the margin is set before the data are seen.
    reference_reviews : int, optional
        Test reviews of the reference, whose binomial error is then counted; None for an exact figure.
    collapsed : int
        Collapsed seeds, which `estimate` leaves out.
    earlier_collapses : int
        Collapsed trials of the architecture in earlier benchmarks.
    """
    known = reference * (1 - reference) / reference_reviews if reference_reviews else 0.0
    own = estimate.uncertainty
    uncertainty = replace(own, review_variance=own.review_variance + known)
    difference = estimate.mean - reference
    interval = uncertainty.interval(difference, estimate.error_rate)
    one_sided = uncertainty.interval(difference, 2 * estimate.error_rate)
    undecided = Verdict("undecided", difference, interval)
    kind: Literal["above", "below", "equivalent"]
    if estimate.one_model:
        return undecided
    if -margin < one_sided.low and one_sided.high < margin:
        kind = "equivalent"
    elif interval.contains(0):
        return undecided
    else:
        kind = "above" if difference > 0 else "below"
    seeds = estimate.n + collapsed
    few = seeds < MIN_SEEDS_WITH_COLLAPSES
    if kind != "below" and ((few and collapsed + earlier_collapses > 0) or 2 * collapsed >= seeds):
        return replace(undecided, withheld=kind, seeds_needed=MIN_SEEDS_WITH_COLLAPSES if few else None)
    return replace(undecided, kind=kind)
