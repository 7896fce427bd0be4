from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.variance import ErrorSource, RightCounts, count_right
from benchmark.statistics.verdict import compare, decide, judge

GROUPS = 400
MARGIN = 0.01


def seeds_with(*accuracies: float, deterministic: bool = False) -> RightCounts:
    """Seeds that share their difficult reviews: the test reviews contribute 0.2 points."""
    share = np.tile([0.04, -0.04], GROUPS // 2)
    reviews = np.full(GROUPS, 1000)
    right = np.round((np.array(accuracies)[:, None] + share) * reviews).astype(np.int64)
    return RightCounts(right, reviews, deterministic)


NEAR = seeds_with(0.88, 0.881, 0.879)
WIDE = seeds_with(0.88, 0.90, 0.86)


# Against a reference


def test_kinds_follow_the_intervals():
    """Two one-sided tests for "equivalent", a two-sided one for "above" and "below"."""
    reviews, kinds = ErrorSource(0.003**2, 1e6), set()
    for difference in np.arange(-0.03, 0.03, 0.0005):
        verdict = judge([np.array([difference])], reviews, 0.01, 0.05)
        within = abs(difference) + 1.645 * 0.003 < 0.01
        assert (verdict.kind == "equivalent") == within
        if not within:
            assert (verdict.kind == "undecided") == verdict.interval.contains(0)
            assert verdict.kind in ("undecided", "above" if difference > 0 else "below")
        kinds.add(verdict.kind)
    assert kinds == {"above", "below", "equivalent", "undecided"}


def test_a_failed_seed_counts_and_three_seeds_then_show_nothing():
    assert decide(seeds_with(0.88, 0.881, 0.68), 0.86, 0.01).kind == "undecided"


def test_the_references_own_error_widens_the_interval():
    exact, measured = decide(NEAR, 0.8889, 0.01), decide(NEAR, 0.8889, 0.01, reference_reviews=25_000)
    assert measured.interval.low < exact.interval.low


def test_a_change_is_that_of_each_seed_whatever_lies_between_the_seeds():

    def decide_change(before, after):
        return decide(replace(before, right=after.right - before.right), 0.0, 0.01)

    change = decide_change(WIDE, seeds_with(0.86, 0.88, 0.84))
    assert change.kind == "below"
    assert change.difference == pytest.approx(-0.02)
    assert change.interval.high < -0.0199
    assert decide_change(WIDE, WIDE).kind == "equivalent"
    assert decide_change(seeds_with(0.88), seeds_with(0.86)).kind == "undecided"


# Pairs


def draw(accuracies, rng, reviews: int = 2000, shared=None) -> np.ndarray:
    """Seeds with these true accuracies; what makes a review hard is mostly shared."""
    shared = rng.normal(size=reviews) if shared is None else shared
    latent = 0.9 * shared + np.sqrt(1 - 0.81) * rng.normal(size=(len(accuracies), reviews))
    return latent < stats.norm.ppf(accuracies)[:, None]


def test_one_seed_of_a_network_decides_nothing_however_large_the_difference():
    rng = np.random.default_rng(3)
    seed, other, seeds = (count_right(draw(drawn, rng)) for drawn in ([0.95], [0.6], [0.6, 0.61, 0.6]))
    for first, second in ((seed, other), (seed, seeds), (seeds, seed)):
        pair = compare(first, second, MARGIN)
        assert pair.kind == "undecided"
        assert not pair.interval.contains(0)  # these two trained models do differ


def test_models_without_randomness_are_compared_over_the_test_reviews():
    first, second = draw([0.9, 0.85], np.random.default_rng(3))
    pair = compare(count_right(first, deterministic=True), count_right(second, deterministic=True), MARGIN)
    expected = stats.ttest_1samp(first.astype(int) - second, 0).confidence_interval()
    assert pair.kind == "above"
    assert pair.interval == pytest.approx(expected, rel=0.02)
