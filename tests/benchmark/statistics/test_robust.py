import numpy as np
import pytest

from benchmark.statistics.robust import FALSE_ALARM_RATE, deviations_allowed, median_seed, outliers


def test_the_unstable_lstm_seed_is_an_outlier():
    assert outliers({7: 0.8735, 8: 0.7844, 9: 0.8690}, smallest=0.01) == (8,)


def test_two_seeds_that_agree_by_chance_do_not_make_the_third_an_outlier():
    assert outliers({7: 0.8735, 8: 0.8734, 9: 0.8690}, smallest=0.01) == ()


def test_equal_seeds_have_no_outlier():
    assert outliers({7: 0.87, 8: 0.87, 9: 0.87}, smallest=0.01) == ()


@pytest.mark.parametrize("seeds", [3, 4, 5, 10, 25, 200])
def test_accuracies_that_scatter_normally_have_an_outlier_in_one_of_ten_samples(seeds):
    samples = np.random.default_rng(0).standard_normal((2_000, seeds))
    marked = np.mean([bool(outliers(dict(enumerate(sample)), smallest=0)) for sample in samples])
    assert marked == pytest.approx(FALSE_ALARM_RATE, abs=0.025)


def test_more_seeds_than_the_table_has_are_judged_as_its_last():
    assert deviations_allowed(50_000) == deviations_allowed(10_000)


@pytest.mark.parametrize("by_seed", [{7: 0.9}, {7: 0.9, 8: 0.5}])
def test_one_or_two_seeds_cannot_tell_an_outlier(by_seed):
    assert outliers(by_seed, smallest=0.01) == ()


def test_the_median_seed_is_the_one_in_the_middle():
    assert median_seed({7: 0.88, 8: 0.78, 9: 0.87}) == 9


def test_of_two_in_the_middle_the_worse_one_is_taken_and_of_equals_the_smallest_seed():
    assert median_seed({1: 0.90, 2: 0.80, 3: 0.85, 4: 0.86}) == 3
    assert median_seed({9: 0.8, 0: 0.8}) == 0
