import numpy as np
import pytest

from benchmark.config import LOOKS
from benchmark.statistics.looks import detectable_difference, look_error_rate
from benchmark.statistics.variance import Uncertainty


def test_the_looks_share_the_error_rate():
    assert look_error_rate(LOOKS) == pytest.approx(0.05 / 4)


def test_three_seeds_of_an_unstable_network_show_about_four_points():
    assert detectable_difference(3, 0.014) == pytest.approx(0.043, abs=0.003)
    assert detectable_difference(10, 0.014) < 0.017


@pytest.mark.parametrize(("seeds", "sd"), [(3, 0.014), (3, 0.0025), (10, 0.014)])
def test_the_difference_planned_for_is_shown_in_four_of_five_cases(seeds, sd):
    rng, review_error = np.random.default_rng(9), 0.0024
    difference = detectable_difference(seeds, sd, review_error)
    drawn = difference + sd * rng.normal(size=(4000, seeds)) + review_error * rng.normal(size=(4000, 1))
    shown = [
        abs(row.mean()) > Uncertainty(row.var(ddof=1) / seeds, seeds - 1, review_error**2, 3580).half_width(0.05)
        for row in drawn
    ]
    assert np.mean(shown) == pytest.approx(0.8, abs=0.06)
