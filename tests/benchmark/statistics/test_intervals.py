import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from benchmark.statistics.intervals import (
    Bounds,
    prediction_interval,
    prediction_p_value,
    student_t_interval,
    wilson_interval,
)

# Student (1908): additional hours of sleep gained, second drug minus first
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]


def test_students_own_example():
    assert student_t_interval(SLEEP) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)  # as R's t.test prints it


def test_students_interval_agrees_with_statsmodels():
    accuracies = [0.8735, 0.7844, 0.8701, 0.8688]
    assert student_t_interval(accuracies) == pytest.approx(DescrStatsW(accuracies).tconfint_mean())


def test_one_seed_has_no_interval_since_its_spread_is_unknown():
    assert student_t_interval([0.87]) is None
    assert prediction_interval([0.87]) is None
    assert prediction_p_value([0.87], 0.86) is None


@pytest.mark.parametrize(
    ("right", "reviews", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_of_newcombe_1998_table_1(right, reviews, low, high):
    assert wilson_interval(right, reviews) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_one_more_value_is_wider_than_that_of_the_mean_by_the_square_root_of_n_plus_1():
    mean, one_more = student_t_interval(SLEEP), prediction_interval(SLEEP)
    assert one_more.high - one_more.low == pytest.approx((mean.high - mean.low) * np.sqrt(len(SLEEP) + 1))


def test_a_figure_at_the_end_of_the_prediction_interval_has_a_p_value_of_five_percent():
    assert prediction_p_value(SLEEP, prediction_interval(SLEEP).high) == pytest.approx(0.05)


def test_prediction_intervals_hold_the_next_value_in_95_of_100_cases():
    values = np.random.default_rng(0).normal(size=(2000, 4))
    held = [prediction_interval(row[:3]).holds(row[3]) for row in values]
    assert stats.binomtest(sum(held), len(held), 0.95).pvalue > 0.01


def test_equal_seeds_leave_no_p_value_for_another_figure():
    assert prediction_p_value([0.8, 0.8, 0.8], 0.9) is None


def test_bounds_hold_their_ends():
    assert Bounds(1, 2).holds(1)
    assert not Bounds(1, 2).holds(2.1)
