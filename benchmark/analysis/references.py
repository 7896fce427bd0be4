"""Comparing an architecture with the published figures: the paper's 88.89% and the tutorial's own output."""

from __future__ import annotations

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.analysis_types import PaperComparison, SeedsNeeded, TutorialComparison
from benchmark.analysis.evidence import Evidence
from benchmark.analysis.intervals import BOTH_SOURCES, clipped, to_interval
from benchmark.references import PaperFigure
from benchmark.statistics.crossed import Crossed, take_apart
from benchmark.statistics.intervals import prediction_interval, prediction_p_value
from benchmark.statistics.power import (
    MOST_SEEDS,
    POWER,
    hidden_by_known_variance,
    seeds_for_difference,
    seeds_for_equivalence,
)
from benchmark.statistics.verdict import ERROR_RATE, VerdictKind, decide, equivalence_test


def against_paper(evidence: Evidence, architecture: str, parts: Crossed, paper: PaperFigure) -> PaperComparison:
    """Compare the mean accuracy with the paper's figure, taken as exact and with its own error."""
    margin_points = evidence.record.config.equivalence_margin_points
    margin = margin_points / 100
    difference = parts.mean - paper.accuracy
    exact = parts.uncertainty
    if exact is None:
        return PaperComparison(
            difference_points=100 * difference,
            interval_exact_points=None,
            interval_points=None,
            p_value=None,
            p_value_holm=None,
            margin_points=margin_points,
            equivalence_p_value=None,
            equivalence_interval_points=None,
            verdict="undecided",
            verdict_without_worst_seed=None,
            verdict_exact="undecided",
        )
    both = exact.with_known(paper_variance(paper))
    equivalence = equivalence_test(difference, both, margin)
    return PaperComparison(
        difference_points=100 * difference,
        interval_exact_points=to_interval(exact.interval(difference), BOTH_SOURCES, scale=100),
        interval_points=to_interval(both.interval(difference), f"{BOTH_SOURCES}; with the paper's error", scale=100),
        p_value=both.p_value(difference),
        p_value_holm=None,
        margin_points=margin_points,
        equivalence_p_value=equivalence.p_value,
        equivalence_interval_points=to_interval(
            equivalence.interval, "two one-sided tests (TOST)", level=1 - 2 * ERROR_RATE, scale=100
        ),
        verdict=decide(difference, both, margin),
        verdict_without_worst_seed=_without_worst_seed(evidence, architecture, paper, margin),
        verdict_exact=decide(difference, exact, margin),
    )


def _without_worst_seed(evidence: Evidence, architecture: str, paper: PaperFigure, margin: float) -> VerdictKind | None:
    accuracies = evidence.accuracies(architecture)
    if len(accuracies) < 3:
        return None
    worst = min(accuracies, key=lambda seed: accuracies[seed])
    rest = take_apart(evidence.table(architecture, [seed for seed in accuracies if seed != worst]))
    assert rest.uncertainty is not None
    return decide(rest.mean - paper.accuracy, rest.uncertainty.with_known(paper_variance(paper)), margin)


def paper_variance(paper: PaperFigure) -> float:
    """Binomial variance of the paper's figure on its own test reviews."""
    return paper.accuracy * (1 - paper.accuracy) / paper.test_reviews


def against_tutorial(values: list[float], published: float) -> TutorialComparison:
    """Place the tutorial's one figure among our seeds."""
    difference = float(np.mean(values)) - published
    below = sum(value < published for value in values)
    bounds = prediction_interval(values)
    mean = f"{n.percent(float(np.mean(values)))}{'' if len(values) == 1 else ' on average'}"
    start = f"The tutorial's {n.percent(published)} against our {mean}: {n.points(difference * 100)} points"
    if bounds is None:
        rest = "with one seed there is no distribution to place it in."
    else:
        where = "inside" if bounds.holds(published) else "outside"
        rest = (
            f"{below} of {len(values)} seeds lie below the tutorial's figure, and it is {where} the range where one "
            f"more seed would lie (95%: {bounds.low * 100:.2f} to {min(bounds.high, 1) * 100:.2f}%)."
        )
    return TutorialComparison(
        accuracy=published,
        difference_points=100 * difference,
        seeds_below=below,
        prediction_interval=clipped(bounds, f"Student's t, one more seed after {len(values)}") if bounds else None,
        inside=bounds.holds(published) if bounds else None,
        p_value=prediction_p_value(values, published),
        sentence=f"{start}; {rest}",
    )


def seeds_needed(parts: Crossed, paper: PaperFigure, margin_points: float) -> SeedsNeeded | None:
    """How many seeds would decide against the paper's figure; None with one seed, whose spread is unknown."""
    if parts.variance_between_seeds is None:
        return None
    difference, margin = parts.mean - paper.accuracy, margin_points / 100
    known = parts.variance_from_reviews + paper_variance(paper)
    for_difference = seeds_for_difference(difference, parts.variance_between_seeds, known)
    for_equivalence = seeds_for_equivalence(difference, parts.variance_between_seeds, known, margin)
    hidden = hidden_by_known_variance(difference, known)
    if for_difference is not None:
        show = f"{for_difference} seeds would show the difference from {n.percent(paper.accuracy)}"
    elif hidden:
        show = "no number of seeds would show a difference: the finite test half and the paper's own error hide it"
    else:
        show = f"more than {MOST_SEEDS:,} seeds would be needed to show a difference"
    if for_equivalence is not None:
        equal = f"{for_equivalence} seeds would show equivalence within {n.margin(margin_points)}"
    elif abs(difference) >= margin:
        equal = f"the difference seen is beyond the margin of {n.margin(margin_points)}, so none would show equivalence"
    else:
        equal = f"not even {MOST_SEEDS:,} seeds would show equivalence within {n.margin(margin_points)}"
    return SeedsNeeded(
        power=POWER,
        for_difference=for_difference,
        for_equivalence=for_equivalence,
        most_considered=MOST_SEEDS,
        limited_by_test_half=hidden,
        sentence=f"If the true difference and spread are those seen, {show}; {equal} (power {n.share(POWER)}).",
    )
