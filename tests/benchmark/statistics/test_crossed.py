import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.crossed import MeanUncertainty, critical_value, take_apart

# Shrout and Fleiss (1979), Intraclass correlations, table 2: six targets (here reviews) by four judges (here seeds);
# their table 3: mean squares 11.24 between targets, 32.49 between judges, 1.02 residual
SHROUT_FLEISS = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]])


def test_mean_squares_of_shrout_and_fleiss():
    parts = take_apart(SHROUT_FLEISS)
    assert parts.variance_between_seeds * 6 == pytest.approx(32.49, abs=0.005)
    assert parts.variance_from_reviews * 24 == pytest.approx(11.24 - 1.02, abs=0.01)
    assert parts.variance_fixed_seeds * 24 == pytest.approx(11.24, abs=0.005)


def test_the_variance_between_seeds_is_that_of_their_accuracies():
    table = np.random.default_rng(0).random((4, 50)) < 0.8
    parts = take_apart(table)
    assert parts.seed_means.tolist() == table.mean(axis=1).tolist()
    assert parts.variance_between_seeds == pytest.approx(np.var(table.mean(axis=1), ddof=1))


def test_with_one_seed_only_the_reviews_uncertainty_is_known():
    parts = take_apart(np.array([[True] * 8 + [False] * 2]))
    assert parts.uncertainty is None
    assert parts.variance_from_reviews == pytest.approx(0.8 * 0.2 / 9)


def test_equal_seeds_have_no_variance_between_them_and_the_reviews_all():
    row = np.random.default_rng(0).random(100) < 0.8
    parts = take_apart(np.stack([row] * 3))
    assert parts.variance_between_seeds == 0
    assert parts.variance_from_reviews == pytest.approx(np.var(row, ddof=1) / 100)
    assert parts.uncertainty.seed_share == 0


def test_what_differs_between_seeds_and_reviews_at_random_is_not_counted_twice():
    estimates = [
        take_apart(np.random.default_rng(seed).random((5, 400)) < 0.8).variance_from_reviews for seed in range(200)
    ]
    # no review is harder than another here: all variance is in the seeds' own accuracies
    assert np.mean(estimates) < 0.15 * 0.8 * 0.2 / (5 * 400)


def test_one_review_is_refused():
    with pytest.raises(ValueError, match="two reviews"):
        take_apart(np.array([[True], [False]]))


def test_the_critical_value_is_students_for_seeds_alone_and_normal_for_reviews_alone():
    assert critical_value(1.0, 3) == pytest.approx(4.302653)
    assert critical_value(0.0, 3) == pytest.approx(1.959964)
    assert critical_value(0.5, 3) == pytest.approx((4.302653 + 1.959964) / 2)


def test_p_values_agree_with_students_test_where_the_reviews_add_nothing():
    accuracies = np.array([0.861, 0.874, 0.869, 0.866])
    uncertainty = MeanUncertainty(4, np.var(accuracies, ddof=1) / 4, 0.0)
    expected = stats.ttest_1samp(accuracies, 0.88)
    assert uncertainty.p_value(accuracies.mean() - 0.88) == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("known", [0.0, 1e-6, 4e-6, 1e-3])
@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_the_p_value_is_five_percent_just_where_the_interval_ends_at_zero(seeds, known):
    uncertainty = MeanUncertainty(seeds, 4e-6, known)
    assert uncertainty.p_value(uncertainty.interval(0).high) == pytest.approx(0.05)
    assert uncertainty.p_value(0) == 1
    assert uncertainty.p_value_above(-0.001) + uncertainty.p_value_above(0.001) == pytest.approx(1)


def test_a_difference_far_beyond_all_uncertainty_has_a_p_value_of_zero():
    assert MeanUncertainty(3, 0.0, 1e-6).p_value(1) == 0
    assert MeanUncertainty(3, 0.0, 0.0).p_value(0.1) == 0
    assert MeanUncertainty(3, 0.0, 0.0).p_value(0) == 1
