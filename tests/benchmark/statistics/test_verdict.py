import numpy as np
import pytest

from benchmark.statistics.variance import RightCounts
from benchmark.statistics.verdict import decide, decide_change

GROUPS = 400


def seeds_with(*accuracies: float, deterministic: bool = False) -> RightCounts:
    """Seeds that share their difficult reviews: the test reviews contribute 0.2 points."""
    share = np.tile([0.04, -0.04], GROUPS // 2)
    reviews = np.full(GROUPS, 1000)
    right = np.round((np.array(accuracies)[:, None] + share) * reviews).astype(np.int64)
    return RightCounts(right, reviews, deterministic)


NEAR = seeds_with(0.88, 0.881, 0.879)
WIDE = seeds_with(0.88, 0.90, 0.86)


@pytest.mark.parametrize(
    ("seeds", "reference", "kind"),
    [(NEAR, 0.86, "above"), (NEAR, 0.90, "below"), (NEAR, 0.8801, "equivalent"), (WIDE, 0.8889, "undecided")],
)
def test_kinds(seeds, reference, kind):
    verdict = decide(seeds, reference, 0.01)
    assert verdict.kind == kind
    assert verdict.difference == pytest.approx(0.88 - reference)
    assert verdict.interval.contains(verdict.difference)


def test_a_failed_seed_counts_and_three_seeds_then_show_nothing():
    assert decide(seeds_with(0.88, 0.881, 0.68), 0.86, 0.01).kind == "undecided"


def test_of_ten_seeds_one_may_fail():
    seeds = [*np.linspace(0.879, 0.881, 9), 0.68]
    verdict = decide(seeds_with(*seeds), 0.86, 0.01)
    assert verdict.kind == "above"
    assert verdict.difference == pytest.approx(np.median(seeds) - 0.86, abs=2e-4)


def test_the_references_own_error_widens_the_interval():
    exact, measured = decide(NEAR, 0.8889, 0.01), decide(NEAR, 0.8889, 0.01, reference_reviews=25_000)
    assert measured.interval.low < exact.interval.low


def test_one_seed_of_a_network_decides_nothing():
    assert decide(seeds_with(0.95), 0.8889, 0.01).kind == "undecided"


def test_a_deterministic_model_can_be_above():
    assert decide(seeds_with(0.912, deterministic=True), 0.8889, 0.01).kind == "above"


def test_a_planned_look_decides_at_its_own_error_rate():
    seeds = seeds_with(0.87, 0.875, 0.88)
    assert decide(seeds, 0.89, 0.001).kind == "below"
    assert decide(seeds, 0.89, 0.001, error_rate=0.0125).kind == "undecided"


def test_a_change_is_that_of_each_seed_whatever_lies_between_the_seeds():
    change = decide_change(WIDE, seeds_with(0.86, 0.88, 0.84), 0.01)
    assert change.kind == "below"
    assert change.difference == pytest.approx(-0.02)
    assert change.interval.high < -0.0199
    assert decide_change(WIDE, WIDE, 0.01).kind == "equivalent"
    assert decide_change(seeds_with(0.88), seeds_with(0.86), 0.01).kind == "undecided"
