import numpy as np
import pytest

from benchmark.statistics.intervals import median_interval
from benchmark.statistics.looks import detectable_difference, more_seeds_to_decide
from benchmark.statistics.variance import ErrorSource, RightCounts, review_error
from benchmark.statistics.verdict import decide, judge

MARGIN = 0.01


@pytest.mark.parametrize(("seeds", "sd"), [(3, 0.014), (3, 0.0025), (6, 0.014), (10, 0.014), (20, 0.014)])
def test_the_difference_planned_for_is_shown_in_four_of_five_cases(seeds, sd):
    rng, reviews = np.random.default_rng(9), ErrorSource(0.0024**2, 664)
    difference = detectable_difference(seeds, sd, 0.0024)
    drawn = difference + sd * rng.normal(size=(1500, seeds)) + 0.0024 * rng.normal(size=(1500, 1))
    shown = [not median_interval([row], reviews, 0.05).contains(0) for row in drawn]
    assert np.mean(shown) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("difference", "sd", "least"), [(0.02, 0.014, 0.75), (0.03, 0.014, 0.75), (0.0, 0.006, 0.55)])
def test_the_seeds_that_would_decide_do_so_in_most_cases(difference, sd, least):
    counts = with_spread(difference, sd)
    verdict = decide(counts, 0.85, MARGIN)
    assert verdict.kind == "undecided"
    seeds = 3 + more_seeds_to_decide(verdict, counts, None, MARGIN)
    rng, reviews = np.random.default_rng(9), review_error(counts.mean_right, counts.reviews)
    drawn = difference + sd * rng.normal(size=(1000, seeds)) + reviews.variance**0.5 * rng.normal(size=(1000, 1))
    decided = [judge([row], reviews, MARGIN, 0.05).kind != "undecided" for row in drawn]
    assert np.mean(decided) > least


def with_spread(difference: float, sd: float) -> RightCounts:
    """Three seeds around 85% with this standard deviation; the reviews add a standard error of 0.24 points."""
    share = 0.85 + difference + sd * np.array([-1, 0, 1])[:, None] + np.tile([0.034, -0.034], 100)
    return RightCounts(np.rint(10_000 * share).astype(np.int64), np.full(200, 10_000))
