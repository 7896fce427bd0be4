import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.variance import (
    Interval,
    count_right,
    estimate_mean,
    median_interval,
    prediction_interval,
)


def a_table(seeds: int, reviews: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=reviews) + rng.normal(size=(seeds, reviews)) < 1 + 0.1 * rng.normal(size=(seeds, 1))


def test_without_films_the_parts_are_the_mean_squares_of_the_two_way_table():
    table = a_table(3, 400).astype(float)
    seeds, reviews = table.shape
    by_seed, by_review = table.mean(axis=1, keepdims=True), table.mean(axis=0)
    ms_seeds = reviews * by_seed.var(ddof=1)
    ms_reviews = seeds * by_review.var(ddof=1)
    ms_interaction = ((table - by_seed - by_review + table.mean()) ** 2).sum() / (seeds - 1) / (reviews - 1)
    found = estimate_mean(count_right(table)).uncertainty
    assert found.seed_variance == pytest.approx(ms_seeds / seeds / reviews, rel=1e-12)
    assert found.review_variance == pytest.approx((ms_reviews - ms_interaction) / seeds / reviews, rel=1e-9)


def test_with_films_one_model_has_the_cluster_robust_error_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    right = a_table(1, 300)
    films = np.random.default_rng(2).integers(0, 40, 300)
    robust = OLS(right[0].astype(float), np.ones(300)).fit(
        cov_type="cluster", cov_kwds={"groups": films, "use_correction": False}
    )
    groups = len(np.unique(films))
    expected = robust.bse[0] * np.sqrt(groups / (groups - 1))
    assert estimate_mean(count_right(right, films)).uncertainty.standard_error == pytest.approx(expected, rel=1e-9)


def test_reviews_that_repeat_within_a_film_add_no_certainty():
    table = a_table(3, 200)
    once = estimate_mean(count_right(table))
    five_times = estimate_mean(count_right(np.repeat(table, 5, axis=1), np.repeat(np.arange(200), 5)))
    assert five_times.uncertainty.standard_error == pytest.approx(once.uncertainty.standard_error, rel=1e-9)
    as_if_independent = estimate_mean(count_right(np.repeat(table, 5, axis=1)))
    assert as_if_independent.uncertainty.review_variance < once.uncertainty.review_variance / 4


def test_seeds_alone_give_students_interval():
    accuracies = [0.85, 0.87, 0.86]
    table = np.repeat(np.array(accuracies)[:, None] * 1000, 1, axis=1)
    counts = count_right(np.zeros((3, 1)))
    found = estimate_mean(type(counts)(table.astype(np.int64), np.array([1000])))
    expected = stats.t.interval(0.95, 2, np.mean(accuracies), stats.sem(accuracies))
    assert found.interval == pytest.approx(expected, rel=1e-9)
    assert found.seed_sd == pytest.approx(0.01)


def test_one_seed_is_one_model_and_a_deterministic_model_is_all_there_is():
    right = a_table(1, 500)
    seed, fixed = estimate_mean(count_right(right)), estimate_mean(count_right(right, deterministic=True))
    assert seed.one_model
    assert not fixed.one_model
    assert fixed.seed_sd is None
    assert fixed.interval == seed.interval  # both of the test reviews alone


def test_an_interval_stays_within_0_and_1():
    right = np.ones((2, 50), dtype=bool)
    right[0, :5] = False
    assert estimate_mean(count_right(right)).interval.high == 1
    assert estimate_mean(count_right(np.ones((3, 20)))).interval == (1, 1)  # no variance, no width


def test_median_interval_begins_with_six_seeds_and_ignores_how_far_the_worst_lies():
    assert median_interval([0.1, 0.2, 0.3, 0.4, 0.5]) is None
    assert median_interval([0.6, 0.1, 0.2, 0.3, 0.4, 0.5]) == Interval(0.1, 0.6)
    nine = [0.85, 0.86, 0.87, 0.88, 0.89, 0.90, 0.91, 0.92]
    assert median_interval([0.1, *nine]) == median_interval([0.84, *nine]) == Interval(0.85, 0.91)


@pytest.mark.parametrize(("seeds", "coverage"), [(6, 0.969), (9, 0.961), (20, 0.959)])
def test_median_interval_covers_with_collapses_too(seeds, coverage):
    rng = np.random.default_rng(5)
    drawn = 0.005 * rng.normal(size=(2000, seeds)) - 0.08 * (rng.random((2000, seeds)) < 0.2)
    median = 0.005 * stats.norm.ppf(0.375)  # three in eight of those that do not collapse lie below it
    found = [median_interval(row.tolist()) for row in drawn]
    assert np.mean([one is not None and one.contains(median) for one in found]) == pytest.approx(coverage, abs=0.016)


def test_a_new_draw_lies_in_the_prediction_interval_and_not_within_a_tenth_of_a_point():
    rng = np.random.default_rng(6)
    drawn = 0.86 + 0.014 * rng.normal(size=(2000, 4))
    found = [prediction_interval(row[:3].tolist()) for row in drawn]
    assert np.mean([one.contains(row[3]) for one, row in zip(found, drawn, strict=True)]) == pytest.approx(
        0.95, abs=0.016
    )
    assert np.mean(np.abs(drawn[:, 0] - drawn[:, 3]) > 0.005) > 0.75
    assert prediction_interval([0.86]) is None
