import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from benchmark.statistics.crossed import MeanUncertainty
from benchmark.statistics.verdict import decide, equivalence_test

NARROW = MeanUncertainty(5, 1e-7, 1e-7)
WIDE = MeanUncertainty(5, 1e-4, 1e-6)


@pytest.mark.parametrize(
    ("difference", "uncertainty", "verdict"),
    [
        (0.02, NARROW, "above"),
        (-0.02, NARROW, "below"),
        (0.0, NARROW, "equivalent"),
        (0.005, NARROW, "equivalent"),  # not zero, but within the margin: equivalence goes first
        (0.0, WIDE, "undecided"),  # not significant, and not equal for that
        (0.01, NARROW, "above"),  # at the margin, not within it
    ],
)
def test_the_four_verdicts(difference, uncertainty, verdict):
    assert decide(difference, uncertainty, margin=0.01) == verdict


def test_one_seed_decides_nothing():
    assert decide(0.2, None, margin=0.01) == "undecided"


def test_the_two_one_sided_tests_agree_with_statsmodels():
    values = np.array([0.884, 0.879, 0.891, 0.886])
    uncertainty = MeanUncertainty(4, np.var(values, ddof=1) / 4, 0.0)
    expected, _, _ = DescrStatsW(values).ttost_mean(0.8889 - 0.01, 0.8889 + 0.01)
    assert equivalence_test(values.mean() - 0.8889, uncertainty, 0.01).p_value == pytest.approx(expected)


@pytest.mark.parametrize("difference", [-0.02, -0.004, 0.0, 0.004, 0.02])
def test_equivalence_is_shown_just_when_the_90_percent_interval_lies_inside_the_margin(difference):
    uncertainty = MeanUncertainty(4, 4e-6, 4e-6)
    found = equivalence_test(difference, uncertainty, 0.01)
    inside = found.interval.low > -0.01 and found.interval.high < 0.01
    assert inside == (found.p_value < 0.05)
