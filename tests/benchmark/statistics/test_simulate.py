"""The simulation of docs/statistics.md, small: 100 repetitions on a tenth of the reviews."""

import numpy as np
import pytest

from benchmark.statistics.variance import review_error
from scripts import simulate

REPETITIONS = 100
MOST = REPETITIONS * (0.05 + 3 * (0.05 * 0.95 / REPETITIONS) ** 0.5)  # three standard errors above 5%
STABLE, TAIL = simulate.normal(0.25), simulate.collapses(0.3, 8)


@pytest.fixture(scope="module", params=[STABLE, TAIL], ids=lambda situation: situation.name)
def tally(request) -> simulate.Tally:
    return simulate.judge_one(request.param, REPETITIONS, simulate.films_of_test_split()[:358])


def test_no_verdict_and_no_pair_is_wrong_too_often(tally):
    assert simulate.most_wrong(tally, "exact", "paper", "baseline", "itself") <= MOST


def test_intervals_cover(tally):
    for seeds in (3, 5, 10, 20):
        assert tally["covered", seeds] >= REPETITIONS - MOST


def test_one_seed_decides_nothing(tally):
    assert tally["exact", 1, -0.02, "undecided"] == REPETITIONS


def test_twenty_seeds_find_two_points_more_often_than_three(tally):
    below = {seeds: tally["exact", seeds, -0.02, "below"] for seeds in (3, 20)}
    assert below[20] >= below[3]
    assert below[20] > REPETITIONS / 2


def test_of_nine_equals_the_best_beats_none():
    family = simulate.judge_nine(STABLE, simulate.FAMILIES["mixed"], REPETITIONS)
    assert family["beats",] <= MOST
    assert family["above",] <= MOST
    assert family["hold",] >= REPETITIONS - MOST
    assert family["power",] == REPETITIONS


def test_compare_finds_collapses_and_nothing_where_nothing_changed():
    same = simulate.judge_changes(STABLE, STABLE, 10, REPETITIONS)
    worse = simulate.judge_changes(STABLE, simulate.collapses(0.3, 20), 20, REPETITIONS)
    assert same["regression",] <= MOST
    assert worse["regression",] > REPETITIONS / 2


@pytest.mark.parametrize("corpus", simulate.SMALL)
def test_small_corpora_have_intervals_that_hold(corpus):
    tally = simulate.judge_small(*simulate.SMALL[corpus], REPETITIONS)
    assert simulate.most_wrong(tally, "model", "network", "pair") <= MOST
    assert tally["covered", "model"] >= REPETITIONS - MOST


@pytest.mark.parametrize(
    ("kind", "wrong_at"),
    [
        ("above", [-0.02, -0.01, 0.0]),
        ("below", [0.0, 0.01, 0.02]),
        ("equivalent", [-0.02, -0.01, 0.01, 0.02]),
        ("undecided", []),
    ],
)
def test_what_is_wrong(kind, wrong_at):
    wrong = [difference for difference in simulate.DIFFERENCES if simulate.is_wrong(kind, difference)]
    assert sorted(wrong) == wrong_at


def test_the_groups_have_the_errors_of_the_reviews():
    rng, seeds = np.random.default_rng(1), np.full(6, 0.88)
    films = simulate.films_of_test_split()
    by_review = [simulate.draw_reviews(seeds, [], films, rng)[0] for _ in range(10)]
    by_group = [simulate.draw_groups([seeds], rng)[0] for _ in range(200)]
    for error in (of_the_mean, of_one_seed):
        assert error(by_group) == pytest.approx(error(by_review), rel=0.06)


def of_the_mean(drawn) -> float:
    variances = [review_error(counts.mean_right, counts.reviews).variance for counts in drawn]
    return np.sqrt(np.mean(variances))


def of_one_seed(drawn) -> float:
    """Error from what is peculiar to the first seed."""
    variances = []
    for counts in drawn:
        others = counts.right[1:].mean(axis=0)
        variances.append(review_error(counts.right[0] - others, counts.reviews).variance)
    return np.sqrt(np.mean(variances))
