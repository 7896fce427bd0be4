"""The planned questions: families at one error rate."""

from functools import partial

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.questions import judge_family
from benchmark.statistics.variance import ErrorSource, RightCounts
from benchmark.statistics.verdict import compare, decide, judge

MARGIN = 0.01
REVIEWS = np.full(400, 100)


def seeds_with(*accuracies: float, deterministic: bool = False) -> RightCounts:
    """The test reviews add 0.1 points of error, which no difference has."""
    share = np.array(accuracies)[:, None] + np.tile([0.02, -0.02], 200)
    return RightCounts(np.rint(share * REVIEWS).astype(np.int64), REVIEWS, deterministic)


def model(accuracy: float) -> RightCounts:
    return seeds_with(accuracy, deterministic=True)


def against_paper(*architectures: RightCounts):
    return judge_family(partial(decide, reference=0.8889, margin=MARGIN), dict(enumerate(architectures)))


def best_against(best: RightCounts, *others: RightCounts):
    return judge_family(partial(compare, best, margin=MARGIN), dict(enumerate(others)), picked=True)


def kinds(family):
    return [verdict.kind for verdict in family.verdicts.values()]


@pytest.mark.parametrize("seed", range(20))
def test_a_family_finds_what_hochbergs_procedure_rejects(seed):
    z = np.random.default_rng(seed).normal(1.8, 1.2, 6)
    exact = ErrorSource(1.0, 1e9)
    family = judge_family(
        lambda value, error_rate: judge([np.array([value])], exact, 1e-9, error_rate), dict(enumerate(z))
    )
    rejected = multipletests(2 * stats.norm.sf(abs(z)), method="simes-hochberg")[0]
    assert [kind != "undecided" for kind in kinds(family)] == rejected.tolist()


def test_where_all_are_decided_each_has_the_whole_error_rate():
    family = against_paper(model(0.80), model(0.95), model(0.70))
    assert family.error_rate == 0.05
    assert kinds(family) == ["below", "above", "below"]
    assert family.verdicts[0] == decide(model(0.80), 0.8889, MARGIN)


def test_what_stays_open_shares_the_error_rate_with_one_more():
    open_ones = [seeds_with(0.88, 0.95, 0.80), seeds_with(0.86, 0.93, 0.85)]
    family = against_paper(*open_ones, model(0.80), model(0.95))
    assert family.error_rate == pytest.approx(0.05 / 3)
    assert kinds(family) == ["undecided", "undecided", "below", "above"]


def test_one_seed_takes_no_share_and_is_undecided():
    sides = dict(enumerate([seeds_with(0.95), model(0.80)]))
    family = judge_family(partial(compare, second=model(0.88), margin=MARGIN), sides)
    assert family.error_rate == 0.05
    assert kinds(family) == ["undecided", "below"]


def test_the_best_shares_with_all_pairs_of_those_that_it_does_not_beat():
    best, near = seeds_with(0.90, 0.92, 0.88), [seeds_with(0.89, 0.93, 0.86), seeds_with(0.88, 0.92, 0.87)]
    family = best_against(best, *near, model(0.5))
    assert family.error_rate == pytest.approx(0.05 / 6)  # three pairs of the best and the near ones, and three more
    assert family.verdicts[2] == compare(best, model(0.5), MARGIN, error_rate=0.05 / 6)
    assert best_against(model(0.9), model(0.8), model(0.7)).error_rate == 0.05
