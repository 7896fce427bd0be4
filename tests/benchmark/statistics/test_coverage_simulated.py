"""Do the intervals cover what they say, and are verdicts as rarely wrong as they say? Seeded simulations."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.crossed import MeanUncertainty, take_apart
from benchmark.statistics.intervals import student_t_interval
from benchmark.statistics.verdict import decide
from tests.benchmark.statistics.coverage_table import (
    REPEATS,
    SHARES,
    coverage,
    coverage_where_seeds_collapse,
    half_width,
    satterthwaite_half_width,
    simulated_coverage,
    simulated_means,
)

SEED_COUNTS = [3, 5, 10]


@pytest.mark.parametrize("seeds", SEED_COUNTS)
def test_students_interval_over_seeds_covers_93_to_97_percent(seeds):
    accuracies = np.random.default_rng(seeds).normal(0.88, 0.007, size=(1500, seeds))
    held = [student_t_interval(row).holds(0.88) for row in accuracies]
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seeds", SEED_COUNTS)
def test_the_interval_from_both_sources_covers_95_to_97_percent_whatever_the_share_of_the_seeds(seeds, share):
    assert 0.95 - 1e-6 <= coverage(seeds, share) <= 0.972


def test_three_seeds_and_a_third_of_the_variance_from_them_are_the_widest_case_with_97_14_percent():
    by_share = {share: coverage(3, share) for share in np.linspace(0, 1, 21)}
    widest = max(by_share, key=by_share.get)
    assert widest == pytest.approx(1 / 3, abs=0.05)
    assert by_share[widest] == pytest.approx(0.9714, abs=1e-4)
    assert all(coverage(seeds, share) < 0.97 for seeds in (4, 5, 10) for share in (0.25, 0.35, 0.5))


@pytest.mark.parametrize(("seeds", "share"), [(3, 0.25), (3, 1.0), (5, 0.5), (10, 0.1)])
def test_the_integral_is_what_the_simulation_approaches(seeds, share):
    standard_error = np.sqrt(0.05 * 0.95 / REPEATS)
    assert simulated_coverage(seeds, share) == pytest.approx(coverage(seeds, share), abs=4 * standard_error)


def test_satterthwaites_degrees_of_freedom_would_cover_too_little():
    assert coverage(3, 0.9, satterthwaite_half_width) < 0.93


def test_where_some_seeds_collapse_a_few_seeds_cover_far_too_little_as_the_docs_say():
    assert 0.45 < coverage_where_seeds_collapse(3, repeats=20_000) < 0.65


@pytest.mark.parametrize("seed_spread", [0.05, 0.2])
@pytest.mark.parametrize("seeds", SEED_COUNTS)
def test_intervals_of_whole_tables_of_right_and_wrong_cover_the_accuracy_over_all_seeds_and_reviews(seeds, seed_spread):
    truth, tables = _tables(seeds, reviews=400, seed_spread=seed_spread, repeats=1500)
    parts = [take_apart(table) for table in tables]
    held = [one.uncertainty.interval(one.mean).holds(truth) for one in parts]
    assert 0.935 <= np.mean(held) <= 0.98  # a share of 97%, give or take two standard errors


@pytest.mark.parametrize("seed_spread", [0.05, 0.2])
@pytest.mark.parametrize("seeds", SEED_COUNTS)
def test_where_there_is_no_difference_at_most_5_percent_of_verdicts_are_above_or_below(seeds, seed_spread):
    truth, tables = _tables(seeds, reviews=400, seed_spread=seed_spread, repeats=1500)
    parts = [take_apart(table) for table in tables]
    # a margin so small that equivalence, which goes first, is out of reach
    verdicts = [decide(one.mean - truth, one.uncertainty, margin=1e-6) for one in parts]
    wrong = sum(verdict in ("above", "below") for verdict in verdicts)
    assert stats.binomtest(wrong, len(verdicts), 0.05, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seeds", SEED_COUNTS)
def test_a_difference_as_large_as_the_margin_is_called_equivalent_in_at_most_5_percent(seeds, share):
    error, estimate = simulated_means(seeds, share)
    margin = 3.0
    equivalent = np.abs(margin + error) + half_width(estimate, 1 - share, seeds, level=0.9) < margin
    assert np.mean(equivalent) <= 0.0515


def test_the_vectorised_simulation_decides_as_the_verdict_does():
    error, estimate = simulated_means(3, 0.5, repeats=300)
    expected = np.where(
        np.abs(error) <= half_width(estimate, 0.5, 3), "undecided", np.where(error > 0, "above", "below")
    )
    found = [decide(e, MeanUncertainty(3, s, 0.5), margin=1e-9) for e, s in zip(error, estimate, strict=True)]
    assert found == expected.tolist()


def _tables(seeds, reviews, seed_spread, repeats):
    """Seeds, reviews and their interaction are normal; right is what is above zero."""
    generator = np.random.default_rng([seeds, reviews, int(100 * seed_spread)])
    skill = seed_spread * generator.standard_normal((repeats, seeds, 1), dtype=np.float32)
    ease = generator.standard_normal((repeats, 1, reviews), dtype=np.float32)
    chance = generator.standard_normal((repeats, seeds, reviews), dtype=np.float32)
    truth = float(stats.norm.cdf(1.5 / np.sqrt(seed_spread**2 + 2)))
    return truth, 1.5 + skill + ease + chance > 0
