"""A baseline on the real reviews: python -m pytest -s tests/benchmark/statistics/test_films.py."""

import numpy as np
import pytest

from benchmark.statistics.scores import correct
from benchmark.statistics.variance import count_right, review_error
from models.baselines import probability_of
from models.registry import lookup

pytestmark = [pytest.mark.real_corpus, pytest.mark.slow]


def standard_error(right: np.ndarray, films: np.ndarray | None) -> float:
    counts = count_right(right, films, deterministic=True)
    return review_error(counts.mean_right, counts.reviews).variance ** 0.5


def test_the_bag_of_words_has_its_accuracy_whose_error_films_widen_by_a_fifth(real_corpus):
    baseline, films = lookup("bag_of_words_svm"), real_corpus.test.groups
    fitted = baseline.build().fit(real_corpus.texts(real_corpus.train, words=baseline.words), real_corpus.train.labels)
    probability = probability_of(fitted, real_corpus.texts(real_corpus.test, words=baseline.words))
    right = correct(real_corpus.test.labels, probability)
    assert right.mean() == pytest.approx(0.877, abs=0.004)
    assert len(np.unique(films)) == 3581
    independent, clustered = standard_error(right, None), standard_error(right, films)
    print(f"{right.mean():.2%}: {100 * independent:.3f} -> {100 * clustered:.3f} points")
    assert 1.15 < clustered / independent < 1.30
