import numpy as np
import pytest

from benchmark.statistics.intervals import median_interval
from benchmark.statistics.looks import detectable_difference
from benchmark.statistics.variance import ReviewError


def test_three_seeds_of_an_unstable_network_show_about_four_points_and_ten_less_than_two():
    assert detectable_difference(3, 0.014) == pytest.approx(0.042, abs=0.003)
    assert detectable_difference(10, 0.014) < 0.018


@pytest.mark.parametrize(("seeds", "sd"), [(3, 0.014), (3, 0.0025), (6, 0.014), (10, 0.014), (20, 0.014)])
def test_the_difference_planned_for_is_shown_in_four_of_five_cases(seeds, sd):
    rng, reviews = np.random.default_rng(9), ReviewError(0.0024**2, 664)
    difference = detectable_difference(seeds, sd, 0.0024)
    drawn = difference + sd * rng.normal(size=(1500, seeds)) + 0.0024 * rng.normal(size=(1500, 1))
    shown = [not median_interval([row], reviews, 0.05).contains(0) for row in drawn]
    assert np.mean(shown) == pytest.approx(0.8, abs=0.06)
