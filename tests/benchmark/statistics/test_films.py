"""Two baselines on the real reviews: python -m pytest -s tests/benchmark/statistics/test_films.py."""

import numpy as np
import pytest

from benchmark.statistics.scores import correct
from benchmark.statistics.variance import count_right, review_error
from models.baselines import probability_of
from models.registry import lookup

pytestmark = [pytest.mark.real_corpus, pytest.mark.slow]

ACCURACY = {"bag_of_words_svm": 0.877, "naive_bayes_logistic_5000": 0.911}


@pytest.fixture(scope="module")
def right_answers(real_corpus) -> dict[str, np.ndarray]:
    answers = {}
    for name in ACCURACY:
        baseline = lookup(name)
        fitted = baseline.build().fit(real_corpus.texts("train", words=baseline.words), real_corpus.train.labels)
        probability = probability_of(fitted, real_corpus.texts("test", words=baseline.words))
        answers[name] = correct(real_corpus.test.labels, probability)
    return answers


def standard_error(right: np.ndarray, films: np.ndarray | None) -> float:
    counts = count_right(right, films, deterministic=True)
    return review_error(counts.mean_right, counts.reviews).variance ** 0.5


@pytest.mark.parametrize("name", ACCURACY)
def test_accuracy_on_all_test_reviews(right_answers, name):
    assert right_answers[name].mean() == pytest.approx(ACCURACY[name], abs=0.004)


def test_films_widen_the_error_of_a_mean_by_a_fifth_and_that_of_a_pair_hardly(real_corpus, right_answers):
    films = real_corpus.test.groups
    assert len(np.unique(films)) == 3581
    first, second = right_answers.values()
    for right in (first, second):
        independent, clustered = standard_error(right, None), standard_error(right, films)
        print(f"{right.mean():.2%}: {100 * independent:.3f} -> {100 * clustered:.3f} points")
        assert 1.15 < clustered / independent < 1.30
    difference = first.astype(int) - second
    independent, clustered = standard_error(difference, None), standard_error(difference, films)
    print(f"difference: {100 * independent:.3f} -> {100 * clustered:.3f} points")
    assert 1.00 < clustered / independent < 1.08
