import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.crossed import take_apart
from benchmark.statistics.paired import (
    holm,
    holm_of_distinct,
    mcnemar_test,
    paired_difference,
    probability_of_improvement,
)


def table(seeds, reviews=300, easier=0.0, generator_seed=0):
    ease = np.random.default_rng(0).normal(size=(1, reviews))
    own = np.random.default_rng([1, generator_seed])
    return 1 + easier + ease + 0.1 * own.normal(size=(seeds, 1)) + own.normal(size=(seeds, reviews)) > 0


def test_a_pair_is_judged_by_its_differences_review_by_review():
    first, second = table(4, generator_seed=1), table(4, easier=-0.5, generator_seed=2)
    found = paired_difference(first, second)
    parts = take_apart(first.astype(int) - second.astype(int))
    assert found.difference == pytest.approx(first.mean() - second.mean())
    assert found.interval == parts.uncertainty.interval(parts.mean)
    assert found.mcnemar is None
    assert found.p_value < 0.05


def test_pairing_by_review_leaves_less_uncertainty_than_two_accuracies_apart():
    first, second = table(4, generator_seed=1), table(4, generator_seed=2)
    together = take_apart(first.astype(int) - second.astype(int)).uncertainty.standard_error
    apart = sum(take_apart(one).uncertainty.standard_error ** 2 for one in (first, second)) ** 0.5
    assert together < apart


def test_swapping_the_two_swaps_the_sign_only():
    first, second = table(3, generator_seed=1), table(3, easier=0.3, generator_seed=2)
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert back.difference == -there.difference
    assert back.interval == pytest.approx((-there.interval.high, -there.interval.low))
    assert back.p_value == pytest.approx(there.p_value)


def test_identical_trials_differ_by_nothing():
    first = table(3)
    found = paired_difference(first, first)
    assert (found.difference, found.interval, found.p_value) == (0, (0, 0), 1)


def test_with_one_seed_each_it_is_mcnemars_test():
    first, second = table(1, generator_seed=1), table(1, easier=-0.3, generator_seed=2)
    found = paired_difference(first, second)
    assert found.p_value == found.mcnemar.p_value
    assert found.difference * 300 == pytest.approx(found.mcnemar.first_only_right - found.mcnemar.second_only_right)


def test_mcnemars_exact_test_worked_by_hand():
    first = np.array([True] * 12 + [False] * 2 + [True] * 30)
    second = np.array([False] * 12 + [True] * 2 + [True] * 30)
    found = mcnemar_test(first, second)
    assert (found.first_only_right, found.second_only_right) == (12, 2)
    assert found.p_value == pytest.approx(2 * (1 + 14 + 91) / 2**14)


def test_mcnemars_test_of_two_equal_trials_shows_nothing():
    assert mcnemar_test(np.array([True, False]), np.array([True, False])).p_value == 1


def test_mcnemars_test_of_a_balanced_disagreement_has_a_p_value_of_one():
    assert mcnemar_test(np.array([True, False]), np.array([False, True])).p_value == 1


def test_probability_of_improvement_is_the_mann_whitney_statistic_over_the_number_of_pairs():
    first, second = [0.88, 0.87, 0.89, 0.88], [0.86, 0.88, 0.87]
    expected = stats.mannwhitneyu(first, second).statistic / 12
    assert probability_of_improvement(first, second) == pytest.approx(expected)
    assert probability_of_improvement(first, second) == pytest.approx(1 - probability_of_improvement(second, first))


def test_ties_count_half():
    assert probability_of_improvement([0.5], [0.5]) == 0.5


def test_holms_adjustment_of_a_published_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_nothing_to_adjust():
    assert holm([]) == []


def test_a_repeated_test_is_counted_once_and_takes_the_adjusted_p_value_of_the_first():
    adjusted = holm_of_distinct({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005, "b again": 0.04}, {"b again": "b"})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02, "b again": 0.06})


def test_what_has_no_p_value_is_no_test():
    assert holm_of_distinct({"a": 0.01, "b": None}, {}) == {"a": 0.01, "b": None}
