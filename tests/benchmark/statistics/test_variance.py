import numpy as np
import pytest

from benchmark.statistics.variance import count_right, review_error, small_sample


def of_one_model(right, films=None):
    counts = count_right(right, films, deterministic=True)
    return review_error(counts.mean_right, counts.reviews)


def test_right_answers_are_counted_by_seed_and_film():
    counts = count_right([[True, False, True], [True, True, True]], [7, 5, 7])
    assert counts.right.tolist() == [[0, 2], [1, 2]]
    assert counts.reviews.tolist() == [1, 2]
    assert counts.accuracies.tolist() == [2 / 3, 1]


def test_independent_reviews_have_the_error_of_a_share():
    right = np.random.default_rng(1).random(2000) < 0.88
    share = right.mean()
    assert of_one_model(right).variance == pytest.approx((share * (1 - share) + 2 / 2000) / 1999, rel=0.001)
    assert of_one_model(right).freedom == pytest.approx(1999)


def test_with_films_it_is_the_cr3_error():
    """Against statsmodels' HC3 of the mean over films of one size, which is the same."""
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(2)
    films = np.repeat(np.arange(40), 25)
    right = rng.normal(size=1000) + 0.7 * rng.normal(size=40)[films] < 1
    of_film = right.reshape(40, 25).mean(axis=1)
    robust = OLS(of_film, np.ones(40)).fit(cov_type="HC3")
    added = 2 / 1000**2
    assert of_one_model(right, films).variance == pytest.approx(robust.bse[0] ** 2 + added, rel=1e-9)


def test_no_error_among_100_reviews_does_not_show_that_there_is_none():
    assert 0.01 < of_one_model(np.ones(100)).half_width(0.05) < 0.04
    assert of_one_model(np.ones(25_000)).half_width(0.05) < 0.0002


@pytest.mark.parametrize(
    ("reviews", "films", "small"), [(25_000, 3581, False), (200, 30, False), (199, 30, True), (5000, 29, True)]
)
def test_few_reviews_or_films_are_a_small_sample(reviews, films, small):
    assert small_sample(count_right(np.ones(reviews), np.arange(reviews) % films)) == small
