import numpy as np
import pytest

from benchmark.statistics.typical import estimate_typical
from benchmark.statistics.variance import count_right


def right_answers(seeds: int, reviews: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=reviews) + rng.normal(size=(seeds, reviews)) < 1.5 + 0.05 * rng.normal(size=(seeds, 1))


def test_every_seed_counts_and_the_accuracy_is_their_median():
    right = right_answers(5, 4000)
    right[0] = False  # a seed that learned nothing
    typical = estimate_typical(count_right(right))
    assert typical.accuracy == np.median(right.mean(axis=1))
    assert typical.n == 5
    assert typical.interval.contains(typical.accuracy)


def test_one_failed_seed_of_ten_hardly_widens_the_interval_and_of_three_it_shows_nothing():
    right = right_answers(10, 4000)
    failed = right.copy()
    failed[0] = ~failed[0]
    ten, with_failed = (estimate_typical(count_right(table)).interval for table in (right, failed))
    assert with_failed.high - with_failed.low < 1.5 * (ten.high - ten.low)
    three = estimate_typical(count_right(failed[:3])).interval
    assert three.low == 0
    assert three.high == 1


def test_one_seed_is_one_model_and_a_deterministic_model_is_all_there_is():
    right = right_answers(1, 500)
    seed = estimate_typical(count_right(right))
    fixed = estimate_typical(count_right(right, deterministic=True))
    assert seed.one_model
    assert not fixed.one_model
    assert fixed.interval == seed.interval  # both of the test reviews alone


def test_an_interval_stays_within_0_and_1_and_has_a_width():
    low, high = estimate_typical(count_right(np.ones((3, 100)))).interval
    assert high == 1
    assert low == pytest.approx(0.97, abs=0.005)


def test_a_planned_look_has_a_wider_interval():
    counts = count_right(right_answers(5, 4000))
    plain, look = estimate_typical(counts), estimate_typical(counts, error_rate=0.0125)
    assert look.interval.low < plain.interval.low
    assert look.interval.high > plain.interval.high
