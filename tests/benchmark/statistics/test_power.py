import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from benchmark.statistics.crossed import critical_value
from benchmark.statistics.power import (
    hidden_by_known_variance,
    power_of_difference,
    power_of_equivalence,
    seeds_for_difference,
    seeds_for_equivalence,
)


@pytest.mark.parametrize("effect", [0.3, 0.5, 0.8, 1.5])
def test_without_other_uncertainty_it_is_the_sample_size_of_a_t_test(effect):
    expected = math.ceil(TTestPower().solve_power(effect_size=effect, power=0.8, alpha=0.05))
    assert seeds_for_difference(effect, 1.0, 0.0) == expected


def test_an_effect_of_one_half_needs_34_values():
    assert seeds_for_difference(0.5, 1.0, 0.0) == 34  # the textbook example: Cohen's medium effect, one sample


def test_power_agrees_with_statsmodels_for_a_few_seeds():
    expected = [TTestPower().power(1.0, n, 0.05) for n in (3, 5, 10)]
    assert power_of_difference(np.array([3, 5, 10]), 1.0, 1.0, 0.0) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("share_at_5", [0.3, 0.7])
def test_power_from_both_sources_is_near_that_of_a_simulation(share_at_5):
    between, known = 5 * share_at_5, 1 - share_at_5
    generator = np.random.default_rng(0)
    difference = 3.5
    seen = difference + generator.normal(size=50_000)
    estimate = share_at_5 * generator.chisquare(4, 50_000) / 4
    total = estimate + known
    simulated = np.mean(np.abs(seen) > critical_value(estimate / total, 5) * np.sqrt(total))
    assert power_of_difference(np.array([5]), difference, between, known) == pytest.approx([simulated], abs=0.05)


def test_power_of_equivalence_is_near_that_of_a_simulation():
    generator = np.random.default_rng(0)
    means = generator.normal(0.001, 0.003, size=(50_000, 6)).mean(axis=1)
    spread = 0.003 * np.sqrt(generator.chisquare(5, 50_000) / 5 / 6)
    simulated = np.mean(np.abs(means) + stats.t.ppf(0.95, 5) * spread < 0.004)
    found = power_of_equivalence(np.array([6]), 0.001, 0.003**2, 0.0, 0.004)
    assert found == pytest.approx([simulated], abs=0.02)


def test_more_uncertainty_from_the_test_half_needs_more_seeds():
    few = seeds_for_difference(0.007, 0.005**2, 0.0)
    more = seeds_for_difference(0.007, 0.005**2, 0.002**2)
    assert few < more


def test_a_difference_that_the_test_half_hides_needs_more_seeds_than_there_are():
    known = 0.002**2 + 0.8889 * 0.1111 / 25_000
    assert hidden_by_known_variance(0.004, known)
    assert seeds_for_difference(0.004, 0.005**2, known) is None


def test_a_difference_that_it_does_not_hide_can_still_need_too_many():
    assert not hidden_by_known_variance(0.0001, 0.0)
    assert seeds_for_difference(0.0001, 0.01**2, 0.0) is None


def test_equivalence_is_out_of_reach_beyond_the_margin():
    assert seeds_for_equivalence(0.02, 0.002**2, 0.0, margin=0.01) is None
    assert seeds_for_equivalence(0.0, 0.002**2, 0.0, margin=0.01) == 3


def test_no_spread_at_all_needs_two_seeds_and_no_difference_is_never_shown():
    assert seeds_for_difference(0.01, 0.0, 0.0) == 2
    assert seeds_for_difference(0.0, 0.01**2, 0.0) is None


def test_power_is_a_probability_for_every_number_of_seeds():
    seeds = np.arange(2, 1001)
    for difference in (0.0, 1e-4, 0.005, 0.1):
        for known in (0.0, 1e-9, 4e-6):
            power = power_of_difference(seeds, difference, 0.004**2, known)
            assert ((power >= 0) & (power <= 1 + 1e-9)).all()
