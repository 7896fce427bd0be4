import numpy as np
import pytest

from benchmark.statistics.variance import MeanEstimate, RightCounts, estimate_mean
from benchmark.statistics.verdict import decide

GROUPS = 400


def an_estimate(*accuracies: float, deterministic: bool = False, error_rate: float = 0.05) -> MeanEstimate:
    """Seeds that share their difficult reviews: the test reviews contribute 0.2 points."""
    share = np.tile([0.04, -0.04], GROUPS // 2)
    reviews = np.full(GROUPS, 1000)
    right = np.round((np.array(accuracies)[:, None] + share) * reviews).astype(np.int64)
    return estimate_mean(RightCounts(right, reviews, deterministic), error_rate)


NEAR = an_estimate(0.88, 0.881, 0.879)
WIDE = an_estimate(0.88, 0.90, 0.86)


@pytest.mark.parametrize(
    ("estimate", "reference", "kind"),
    [(NEAR, 0.86, "above"), (NEAR, 0.90, "below"), (NEAR, 0.8801, "equivalent"), (WIDE, 0.8889, "undecided")],
)
def test_kinds(estimate, reference, kind):
    verdict = decide(estimate, reference, 0.01)
    assert verdict.kind == kind
    assert verdict.difference == pytest.approx(0.88 - reference)
    assert verdict.interval.contains(verdict.difference)


def test_above_and_below_are_said_where_the_interval_excludes_zero_and_equivalent_within_the_margin():
    for reference in np.arange(0.85, 0.91, 0.0005):
        verdict = decide(NEAR, float(reference), 0.01)
        narrow = NEAR.uncertainty.interval(verdict.difference, 0.1)  # of two one-sided tests
        assert (verdict.kind == "equivalent") == (narrow.low > -0.01 and narrow.high < 0.01)
        if verdict.kind in ("above", "below"):
            assert not verdict.interval.contains(0)


def test_a_real_difference_within_the_margin_counts_as_none():
    verdict = decide(an_estimate(*[0.88] * 4), 0.874, 0.01)
    assert not verdict.interval.contains(0)
    assert verdict.kind == "equivalent"


def test_the_references_own_error_widens_the_interval():
    exact, measured = decide(NEAR, 0.8889, 0.01), decide(NEAR, 0.8889, 0.01, reference_reviews=25_000)
    assert measured.interval.low < exact.interval.low


def test_one_seed_of_a_network_decides_nothing():
    assert decide(an_estimate(0.95), 0.8889, 0.01).kind == "undecided"


def test_a_deterministic_model_can_be_above():
    assert decide(an_estimate(0.912, deterministic=True), 0.8889, 0.01).kind == "above"


@pytest.mark.parametrize(("reference", "would_be"), [(0.86, "above"), (0.8801, "equivalent")])
@pytest.mark.parametrize("collapses", [{"collapsed": 1}, {"earlier_collapses": 1}])
def test_below_ten_seeds_a_collapse_withholds_above_and_equivalent(reference, would_be, collapses):
    verdict = decide(NEAR, reference, 0.01, **collapses)
    assert (verdict.kind, verdict.withheld, verdict.seeds_needed) == ("undecided", would_be, 10)


def test_a_collapse_withholds_no_below():
    assert decide(NEAR, 0.90, 0.01, collapsed=1, earlier_collapses=3).kind == "below"


def test_ten_seeds_decide_collapsed_ones_included():
    eight = an_estimate(*np.linspace(0.879, 0.881, 8))
    assert decide(eight, 0.86, 0.01, collapsed=1).withheld == "above"
    assert decide(eight, 0.86, 0.01, collapsed=2).kind == "above"


def test_no_number_of_seeds_decides_where_half_collapse():
    verdict = decide(an_estimate(*np.linspace(0.879, 0.881, 6)), 0.86, 0.01, collapsed=6)
    assert (verdict.kind, verdict.withheld, verdict.seeds_needed) == ("undecided", "above", None)


def test_a_planned_look_decides_at_its_own_error_rate():
    plain = decide(an_estimate(0.87, 0.875, 0.88), 0.89, 0.001)
    look = decide(an_estimate(0.87, 0.875, 0.88, error_rate=0.0125), 0.89, 0.001)
    assert (plain.kind, look.kind) == ("below", "undecided")
