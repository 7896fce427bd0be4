import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.intervals import judge, median_interval, order_statistics
from benchmark.statistics.variance import ReviewError

EXACT = ReviewError(0.0, 1)  # all reviews that there are


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


@pytest.mark.parametrize("seeds", [6, 10, 20])
@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_order_statistics_cover_the_median_whatever_a_third_of_the_seeds_lose(seeds, loss):
    rng = np.random.default_rng(5)
    drawn = 0.005 * rng.normal(size=(2000, seeds)) - loss * (rng.random((2000, seeds)) < 1 / 3)
    median = 0.005 * stats.norm.ppf(0.25) if loss else 0.0  # a quarter of the others lies below it
    covered = [order_statistics(row, 0.05).contains(median) for row in drawn]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.016)


def test_sources_of_error_are_combined_in_quadrature():
    seeds, reviews = np.array([0.85, 0.87, 0.86]), ReviewError(0.002**2, 1e6)
    from_seeds = median_interval([seeds], EXACT, 0.05)
    from_reviews = median_interval([np.array([0.86])], reviews, 0.05)
    together = median_interval([seeds], reviews, 0.05)
    assert from_reviews.high - 0.86 == pytest.approx(1.96 * 0.002, rel=1e-4)
    assert together.high - 0.86 == pytest.approx(np.hypot(from_seeds.high - 0.86, from_reviews.high - 0.86))


def test_a_long_lower_tail_widens_the_interval_below_and_that_of_a_difference_above():
    tail = np.array([0.60, 0.70, 0.75, 0.87, 0.88, 0.885, 0.888, 0.89, 0.891, 0.892])
    median = np.median(tail)
    low, high = median_interval([tail], EXACT, 0.05)
    assert median - low > 5 * (high - median)
    low, high = median_interval([np.array([0.9]), -tail], EXACT, 0.05)
    assert high - (0.9 - median) > 5 * ((0.9 - median) - low)


def test_what_is_within_the_margin_is_equivalent_even_if_it_is_not_zero():
    kind, interval = judge([np.array([0.006])], ReviewError(0.001**2, 1e6), 0.01, 0.05)
    assert kind == "equivalent"
    assert not interval.contains(0)


def test_kinds_follow_the_intervals():
    """Two one-sided tests for "equivalent", a two-sided one for "above" and "below"."""
    reviews, kinds = ReviewError(0.003**2, 1e6), set()
    for difference in np.arange(-0.03, 0.03, 0.0005):
        kind, interval = judge([np.array([difference])], reviews, 0.01, 0.05)
        within = abs(difference) + 1.645 * 0.003 < 0.01
        assert (kind == "equivalent") == within
        if not within:
            assert (kind == "undecided") == interval.contains(0)
            assert kind in ("undecided", "above" if difference > 0 else "below")
        kinds.add(kind)
    assert kinds == {"above", "below", "equivalent", "undecided"}
