import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.changes import accuracy_change
from benchmark.statistics.variance import RightCounts

REVIEWS = np.full(400, 50)


def seeds_with(*accuracies: float) -> RightCounts:
    """Seeds that are equally often right in each group: the test reviews add hardly any error."""
    return RightCounts(np.outer(accuracies, REVIEWS).round().astype(np.int64), REVIEWS)


BEFORE = seeds_with(0.88, 0.86, 0.90)


def test_the_mean_of_all_seeds_is_judged_by_welchs_test():
    now = seeds_with(0.84, 0.82, 0.80)
    change = accuracy_change(BEFORE, now)
    expected = stats.ttest_ind(now.accuracies, BEFORE.accuracies, equal_var=False).confidence_interval()
    assert change.change == pytest.approx(-0.06)
    assert change.interval == pytest.approx(tuple(expected), rel=1e-3)


def test_a_regression_is_a_loss_beyond_what_seeds_and_reviews_explain():
    worse = seeds_with(0.82, 0.80, 0.84)
    change = accuracy_change(BEFORE, worse)
    assert change.regression
    assert 0 < change.threshold < 0.06
    assert not accuracy_change(worse, BEFORE).regression
    assert not accuracy_change(BEFORE, worse, tolerated=0.05).regression
    assert accuracy_change(BEFORE, worse, tests=4).threshold > change.threshold


@pytest.mark.parametrize(
    ("half_spread", "tolerated", "unseen"), [(0.005, 0.01, False), (0.03, 0.01, True), (0.03, 0.1, False)]
)
def test_a_comparison_that_would_miss_five_points_is_unseen(half_spread, tolerated, unseen):
    seeds = seeds_with(0.88 - half_spread, 0.88, 0.88 + half_spread)
    change = accuracy_change(seeds, seeds, tolerated=tolerated)
    assert not change.regression
    assert change.unseen == unseen
