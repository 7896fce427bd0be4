from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.pairs import Difference, accuracy_change, compare, holm, time_change
from benchmark.statistics.variance import RightCounts, Uncertainty, count_right


def draw(accuracies, rng, reviews: int = 2000, shared=None) -> np.ndarray:
    """Seeds with these true accuracies; what makes a review hard is mostly shared."""
    shared = rng.normal(size=reviews) if shared is None else shared
    latent = 0.9 * shared + np.sqrt(1 - 0.81) * rng.normal(size=(len(accuracies), reviews))
    return latent < stats.norm.ppf(accuracies)[:, None]


def test_one_seed_of_a_network_is_never_significant_however_large_the_difference():
    rng = np.random.default_rng(1)
    seed, other, seeds = draw([0.95], rng), draw([0.6], rng), draw([0.6, 0.61, 0.6], rng)
    for first, second in ((seed, other), (seed, seeds), (seeds, seed)):
        found = compare(count_right(first), count_right(second))
        assert found.about_models
        assert not found.significant
        assert not found.interval.contains(0)  # these two trained models do differ
        assert holm([found]) == [found]


def test_one_seed_never_fails_a_build():
    rng = np.random.default_rng(2)
    change = accuracy_change(count_right(draw([0.95], rng)), count_right(draw([0.5], rng)))
    assert not change.regression
    assert change.threshold is None


def test_models_without_randomness_are_compared_over_the_test_reviews():
    rng = np.random.default_rng(3)
    first, second = draw([0.9, 0.85], rng)
    found = compare(count_right(first, deterministic=True), count_right(second, deterministic=True))
    difference = first.astype(int) - second
    assert found.significant
    assert not found.about_models
    assert found.interval == pytest.approx(stats.ttest_1samp(difference, 0).confidence_interval(), rel=1e-3)


def test_films_widen_a_pair_whose_differences_cluster():
    rng = np.random.default_rng(4)
    first, second = draw([0.9, 0.85], rng, 200)
    films = np.repeat(np.arange(200), 5)
    first, second = np.repeat(first, 5), np.repeat(second, 5)
    clustered = compare(count_right(first, films, True), count_right(second, films, True))
    independent = compare(count_right(first, None, True), count_right(second, None, True))
    assert clustered.uncertainty.standard_error > 2 * independent.uncertainty.standard_error


def test_without_a_share_of_the_reviews_seeds_are_compared_by_welchs_test():
    first, second = np.array([[860], [880], [870]]), np.array([[850], [852], [849], [851]])
    reviews = np.array([1000])
    found = compare(RightCounts(first, reviews), RightCounts(second, reviews))
    expected = stats.ttest_ind(first[:, 0] / 1000, second[:, 0] / 1000, equal_var=False)
    assert found.interval == pytest.approx(expected.confidence_interval(), rel=1e-6)


def test_what_the_networks_find_hard_alike_cancels_out():
    rng = np.random.default_rng(5)
    shared = rng.normal(size=2000)
    first, second = (count_right(draw([p] * 4, rng, shared=shared)) for p in (0.88, 0.86))
    same, other = compare(first, second), compare(first, second, same_reviews=False)
    assert same.uncertainty.review_variance < other.uncertainty.review_variance / 3


def test_groups_must_be_the_same():
    with pytest.raises(ValueError, match="same groups"):
        compare(count_right(np.ones((2, 6)), [0, 0, 1, 1, 2, 2]), count_right(np.ones((2, 6)), [0, 0, 0, 1, 1, 2]))


def a_difference(difference: float) -> Difference:
    uncertainty = Uncertainty(0.01**2, 4, 0.0, 1)
    interval = uncertainty.interval(difference, 0.05)
    return Difference(difference, interval, not interval.contains(0), False, uncertainty)


def test_holm_decides_as_statsmodels_does_and_an_interval_excludes_zero_just_where_it_is_significant():
    from statsmodels.stats.multitest import multipletests

    rng, decided = np.random.default_rng(10), set()
    for _ in range(30):
        found = [a_difference(gap) for gap in 0.04 * rng.normal(size=rng.integers(1, 9))]
        p_values = [2 * stats.t.sf(abs(one.difference) / 0.01, 4) for one in found]
        adjusted = holm(found)
        assert [one.significant for one in adjusted] == multipletests(p_values, method="holm")[0].tolist()
        assert [one.significant for one in adjusted] == [not one.interval.contains(0) for one in adjusted]
        decided.update((one.significant, other.significant) for one, other in zip(found, adjusted, strict=True))
    assert decided == {(False, False), (True, False), (True, True)}


def test_pairs_of_single_seeds_are_not_counted():
    single = replace(a_difference(0.1), significant=False, about_models=True)
    assert holm([a_difference(0.03), single]) == [a_difference(0.03), single]


def test_a_regression_is_a_loss_beyond_what_seeds_and_reviews_explain():
    reviews = np.array([1000])
    before = RightCounts(np.array([[880], [870], [875]]), reviews)
    worse = RightCounts(before.right - 40, reviews)
    change = accuracy_change(before, worse)
    assert change.regression
    assert change.change == pytest.approx(-0.04)
    assert 0 < change.threshold < 0.04
    assert not accuracy_change(worse, before).regression
    assert not accuracy_change(before, worse, tolerated=0.035).regression
    assert accuracy_change(before, worse, tests=4).threshold > change.threshold


def test_times_are_compared_within_the_seeds():
    drift = np.array([60.0, 75.0, 100.0])  # a machine that gets busier
    slower = time_change(drift, drift * [1.10, 1.11, 1.09])
    assert slower.regression
    assert slower.change == pytest.approx(1.10, abs=0.01)
    assert slower.interval.low > 1
    assert not time_change(drift, drift * [1.2, 0.9, 1.0]).regression
    assert not time_change(drift, drift * [1.10, 1.11, 1.09], tolerated=1.1).regression


def test_two_seeds_judge_no_time():
    change = time_change([60.0, 61.0], [600.0, 90.0])
    assert not change.regression
    assert change.interval is None


def test_the_gate_of_time_seldom_fails_where_nothing_changed():
    rng = np.random.default_rng(12)
    times = 60 * np.exp(0.15 * rng.normal(size=(2000, 2, 3)))
    assert np.mean([time_change(*pair).regression for pair in times]) == pytest.approx(0.05, abs=0.015)
