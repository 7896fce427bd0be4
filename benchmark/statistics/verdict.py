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
    kind : {"above", "below", "equivalent", "undecided"}
    difference : float
        Mean minus reference, a fraction.
    interval : Interval
        Of the difference, with the reference's own error; "above" and "below" are said where it excludes 0.
    equivalence_interval : Interval
        The narrower one of two one-sided tests; "equivalent" is said where it lies within the margin.
    margin : float
    error_rate : float
        Of this verdict: 0.05, or less where looks are planned.
    withheld : {"above", "equivalent"} or None
        What would be said if no seed of the architecture had ever collapsed.
    reason : {"interval", "one seed", "collapse"} or None
        Why it is undecided.
    seeds_needed : int or None
        Seeds (all, collapsed ones included) that would lift a verdict withheld; None where no number is certain to.
    """

    kind: VerdictKind
    difference: float
    interval: Interval
    equivalence_interval: Interval
    margin: float
    error_rate: float
    withheld: Literal["above", "equivalent"] | None = None
    reason: Literal["interval", "one seed", "collapse"] | None = None
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
    difference, rate = estimate.mean - reference, estimate.error_rate
    interval = uncertainty.interval(difference, rate)
    narrow = uncertainty.interval(difference, 2 * rate)
    kind = _kind(difference, interval, narrow, margin)
    verdict = Verdict(kind, difference, interval, narrow, margin, rate)
    seeds = estimate.n + collapsed
    few = seeds < MIN_SEEDS_WITH_COLLAPSES
    if estimate.one_model:
        return replace(verdict, kind="undecided", reason="one seed")
    if kind == "undecided":
        return replace(verdict, reason="interval")
    if kind != "below" and ((few and collapsed + earlier_collapses > 0) or 2 * collapsed >= seeds):
        needed = MIN_SEEDS_WITH_COLLAPSES if few else None
        return replace(verdict, kind="undecided", withheld=kind, reason="collapse", seeds_needed=needed)
    return verdict


def _kind(difference: float, interval: Interval, narrow: Interval, margin: float) -> VerdictKind:
    """Equivalence goes first: a difference shown to be smaller than the margin counts as none, even if it is not 0."""
    if -margin < narrow.low and narrow.high < margin:
        return "equivalent"
    if interval.contains(0):
        return "undecided"
    return "above" if difference > 0 else "below"
