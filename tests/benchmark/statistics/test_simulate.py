"""The simulation of docs/results/statistics.md with 60 repetitions."""

import pytest

from scripts import simulate

REPETITIONS = 60
MOST = REPETITIONS * (0.05 + 3 * (0.05 * 0.95 / REPETITIONS) ** 0.5)  # three standard errors above 5%
STABLE, TAIL = simulate.normal(0.25), simulate.collapses(0.3, 8)


@pytest.mark.parametrize("situation", [STABLE, TAIL], ids=lambda situation: situation.name)
def test_verdicts_are_seldom_wrong_and_intervals_cover(situation):
    tally = simulate.judge_one(situation, REPETITIONS)
    assert max(count for key, count in tally.items() if key[0] == "wrong") <= MOST
    assert min(tally["covered", n] for n in simulate.SEED_COUNTS) >= REPETITIONS - MOST
    assert tally["below", 20, -0.02] == REPETITIONS


@pytest.mark.parametrize("places", simulate.NINE.values(), ids=simulate.NINE)
def test_answers_to_the_planned_questions_are_seldom_wrong(places):
    tally = simulate.ask_nine(STABLE, 5, places, REPETITIONS)
    assert max(tally["wrong", question] for question in ("reference", "bag of words", "best")) <= MOST
    assert tally["decided", "reference"] > REPETITIONS


def test_compare_finds_collapses_and_nothing_where_nothing_changed():
    assert simulate.judge_changes(STABLE, STABLE, 10, REPETITIONS)["any"] <= MOST
    assert simulate.judge_changes(STABLE, simulate.collapses(0.3, 20), 20, REPETITIONS)["found"] > REPETITIONS / 3


@pytest.mark.parametrize("corpus", simulate.SMALL)
def test_small_corpora_have_intervals_that_hold(corpus):
    tally = simulate.judge_small(*simulate.SMALL[corpus], REPETITIONS)
    assert tally["covered"] >= REPETITIONS - MOST
