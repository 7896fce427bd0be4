import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.intervals import median_interval, order_statistics, typical_interval
from benchmark.statistics.variance import ErrorSource, count_right

EXACT = ErrorSource(0.0, 1)  # all reviews that there are


def test_below_six_seeds_it_is_students_interval_around_the_mean():
    seeds = np.array([0.85, 0.87, 0.86, 0.80, 0.86])
    expected = stats.t.interval(0.95, 4, seeds.mean(), stats.sem(seeds))
    assert median_interval([seeds], EXACT, 0.05) == pytest.approx(expected)
    assert order_statistics(seeds, 0.05) is None


def test_two_sides_with_few_seeds_are_compared_by_welchs_test():
    first, second = np.array([0.86, 0.88, 0.87]), np.array([0.85, 0.852, 0.849, 0.851])
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval()
    assert median_interval([first, -second], EXACT, 0.05) == pytest.approx(tuple(expected))


def test_from_six_seeds_on_it_ignores_how_far_the_worst_lies():
    nine = np.array([0.85, 0.86, 0.87, 0.88, 0.89, 0.90, 0.91, 0.92, 0.93])
    one_bad, none_bad = np.append(nine, 0.10), np.append(nine, 0.84)
    assert median_interval([one_bad], EXACT, 0.05) == pytest.approx(median_interval([none_bad], EXACT, 0.05))


def test_order_statistics_lie_between_the_ranks_whose_levels_enclose_theirs():
    ten = np.arange(1.0, 11.0)
    low, high = order_statistics(ten, 0.05)
    assert 2 < low < 3  # from rank to rank 97.9 and 89.1%
    assert high == pytest.approx(11 - low)
    assert order_statistics(ten, 2 * stats.binom.cdf(1, 10, 0.5) + 1e-12) == pytest.approx((2, 9))


def test_sources_of_error_are_combined_in_quadrature():
    seeds, reviews = np.array([0.85, 0.87, 0.86]), ErrorSource(0.002**2, 1e6)
    from_seeds = median_interval([seeds], EXACT, 0.05)
    from_reviews = median_interval([np.array([0.86])], reviews, 0.05)
    together = median_interval([seeds], reviews, 0.05)
    assert from_reviews.high - 0.86 == pytest.approx(1.96 * 0.002, rel=1e-4)
    assert together.high - 0.86 == pytest.approx(np.hypot(from_seeds.high - 0.86, from_reviews.high - 0.86))


def test_an_interval_stays_within_0_and_1_and_has_a_width():
    low, high = typical_interval(count_right(np.ones((3, 100))))
    assert high == 1
    assert low == pytest.approx(0.97, abs=0.005)


def test_beyond_a_gap_of_failed_seeds_the_error_of_the_reviews_is_added_in_full():
    failed = np.array([0.60, 0.61, 0.62, 0.63, 0.64, 0.65, 0.88, 0.881, 0.882, 0.883])
    reviews = ErrorSource(0.002**2, 1e6)
    low, high = median_interval([failed], reviews, 0.05)
    from_seeds = order_statistics(failed, 0.05)
    half = reviews.half_width(0.05)
    assert high == pytest.approx(from_seeds.high + half)
    assert low == pytest.approx(np.median(failed) - np.hypot(np.median(failed) - from_seeds.low, half))
