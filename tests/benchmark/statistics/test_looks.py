import numpy as np
import pytest

from benchmark.config import LOOKS
from benchmark.statistics.looks import detectable_difference, look_error_rate, next_look, pooled_sd
from benchmark.statistics.variance import Uncertainty


def test_the_looks_share_the_error_rate():
    assert look_error_rate(LOOKS) == pytest.approx(0.05 / 4)


@pytest.mark.parametrize(
    ("seeds", "kind", "look"),
    [
        (0, "undecided", 3),
        (3, "undecided", 5),
        (4, "undecided", 5),  # resumed in the middle of a look
        (10, "undecided", 20),
        (20, "undecided", None),
        (3, "below", None),
        (5, "equivalent", None),
    ],
)
def test_seeds_are_added_until_the_verdict_is_decided(seeds, kind, look):
    assert next_look(seeds, kind, LOOKS) == look


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


def test_spreads_of_earlier_benchmarks_are_pooled_without_their_means():
    assert pooled_sd([[0.86, 0.88], [0.70, 0.72]]) == pytest.approx(0.02 / 2**0.5)
    assert pooled_sd([[0.86], []]) is None
