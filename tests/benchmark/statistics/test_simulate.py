"""The simulation of docs/statistics.md, small: 100 repetitions on a tenth of the reviews."""

import numpy as np
import pytest

from benchmark.statistics.variance import estimate_mean, group_deviations
from tests.benchmark.statistics import simulate

REPETITIONS = 100
BOUND = 0.05 + 3 * (0.05 * 0.95 / REPETITIONS) ** 0.5  # three standard errors above 5%


@pytest.fixture(scope="module", params=[simulate.SCENARIOS[0], simulate.SCENARIOS[2]], ids=lambda one: one.name)
def tally(request) -> simulate.Tally:
    films = simulate.films_of_test_split()
    films = films[films < films[-1] // 10]
    return simulate.simulate(request.param, REPETITIONS, 1, films)


def test_no_verdict_is_wrong_too_often(tally):
    for design in (*simulate.SEED_COUNTS, simulate.UNTIL_DECIDED):
        for difference in simulate.RIGHT_ANSWERS:
            assert tally.wrong(design, difference) <= BOUND


def test_intervals_cover(tally):
    for seeds in simulate.SEED_COUNTS:
        assert tally.coverage(seeds) >= 1 - BOUND


def test_two_points_are_seen_more_often_than_not(tally):
    assert tally.rate(simulate.UNTIL_DECIDED, -0.02, "below") > 0.5
    assert 3 < tally.mean_seeds(-0.02) < 20


def test_collapses_are_found_where_there_are_any(tally):
    found = tally.rate("collapse found", 10)
    assert found < 0.02 or found == pytest.approx(1 - 0.8**10, abs=0.1)


def test_an_exact_reference_is_wronged_no_more_often():
    assert simulate.exact_reference(0.0025, 10, 2000) <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5


def test_the_reduced_draw_has_the_parts_of_the_full_one():
    films, scenario = simulate.films_of_test_split(), simulate.Scenario("no noise", 0.0)
    counts = [simulate.draw(scenario, films, np.random.default_rng(n), 6).counts for n in range(8)]
    reviews = [estimate_mean(one).uncertainty.review_variance for one in counts]
    peculiar = [6 * group_deviations(one)[1] for one in counts]
    assert np.sqrt(np.mean(reviews)) == pytest.approx(simulate.REVIEW_ERROR, rel=0.04)
    assert np.sqrt(np.mean(peculiar)) == pytest.approx(simulate.PECULIAR_SD, rel=0.04)
