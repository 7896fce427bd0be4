import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.mean_difference import (
    log_ratio,
    paired_mean_difference,
    unpaired_accuracy_difference,
    welch_difference,
)

FIRST, SECOND = [0.8735, 0.8552, 0.8829, 0.7844], [0.8815, 0.8850, 0.8801]


def test_welch_agrees_with_scipy():
    found, expected = welch_difference(FIRST, SECOND), stats.ttest_ind(FIRST, SECOND, equal_var=False)
    assert found.difference == pytest.approx(np.mean(FIRST) - np.mean(SECOND))
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


@pytest.mark.parametrize("seeds", range(2, 21))
def test_paired_means_agree_with_scipy(seeds):
    first, second = np.random.default_rng(seeds).normal(size=(2, seeds))
    found, expected = paired_mean_difference(first, second), stats.ttest_rel(first, second)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [([0.8], [0.7, 0.9]), ([0.8, 0.7], [0.9]), ([0.8], [0.9])])
def test_one_seed_leaves_the_uncertainty_unknown_not_zero(first, second):
    found = welch_difference(first, second)
    assert found.interval is None
    assert found.p_value is None
    assert found.difference == pytest.approx(np.mean(first) - np.mean(second))


def test_one_pair_of_seeds_leaves_the_uncertainty_unknown():
    assert paired_mean_difference([0.8], [0.9]).interval is None


def test_samples_that_do_not_vary_and_are_equal_show_no_difference():
    found = welch_difference([2.0, 2.0], [2.0, 2.0, 2.0])
    assert found.p_value == 1.0
    assert found.interval == (0.0, 0.0)


def test_the_ratio_of_doubled_seconds_is_two():
    seconds = [10.0, 11.0, 10.5]
    found = log_ratio([2 * value for value in seconds], seconds)
    assert np.exp(found.difference) == pytest.approx(2)
    assert np.exp(found.interval.low) < 2 < np.exp(found.interval.high)


def test_a_ratio_turned_round_is_the_reciprocal():
    one, other = log_ratio([10.0, 12.0], [5.0, 7.0, 6.0]), log_ratio([5.0, 7.0, 6.0], [10.0, 12.0])
    assert one.difference == pytest.approx(-other.difference)
    assert one.p_value == pytest.approx(other.p_value)


def test_different_test_halves_make_the_interval_wider_than_the_seeds_alone_do():
    rng = np.random.default_rng(1)
    first, second = (_trials(rng, 4, rng.normal(size=300)) for _ in range(2))
    alone = welch_difference(first.mean(axis=1).tolist(), second.mean(axis=1).tolist())
    found = unpaired_accuracy_difference(first, second, same_reviews=False)
    assert found.interval.high - found.interval.low > alone.interval.high - alone.interval.low


@pytest.mark.parametrize("same_reviews", [True, False])
@pytest.mark.parametrize(("seeds_first", "seeds_second"), [(3, 3), (3, 5), (8, 8)])
def test_the_interval_of_two_accuracies_covers_no_difference_in_about_95_percent(
    same_reviews, seeds_first, seeds_second
):
    rng = np.random.default_rng(2)
    covered = 0
    simulations = 500
    for _ in range(simulations):
        ease_first = rng.normal(size=300)
        ease_second = ease_first if same_reviews else rng.normal(size=300)
        first, second = _trials(rng, seeds_first, ease_first), _trials(rng, seeds_second, ease_second)
        covered += unpaired_accuracy_difference(first, second, same_reviews).interval.holds(0.0)
    assert 0.93 <= covered / simulations <= 0.985  # Welch and Cochran err on the wide side with three seeds


def _trials(rng: np.random.Generator, seeds: int, ease: np.ndarray) -> np.ndarray:
    """Which review is right: every seed has a skill of its own, and luck of its own with every review."""
    skill = 1.0 + 0.1 * rng.normal(size=(seeds, 1))
    return skill + ease + 0.7 * rng.normal(size=(seeds, len(ease))) > 0
