"""Baselines on small texts: what they learn, and that scikit-learn's own classes are all that is saved."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from models.baselines import probability_of
from models.registry import lookup

bag_of_words_svm = lookup("bag_of_words_svm").build
naive_bayes_logistic = partial(lookup("naive_bayes_logistic").build, features=2**12)  # fits in milliseconds
naive_bayes_logistic_shuffled = partial(lookup("naive_bayes_logistic_shuffled").build, features=2**12)
delta_idf_svm = lookup("delta_idf_svm").build
bigram_svm = partial(lookup("bigram_svm").build, features=2**12)
semantic_vectors = partial(lookup("semantic_vectors").build, dimensions=2)
semantic_vectors_only = partial(lookup("semantic_vectors_only").build, dimensions=2)
ALL = [
    lookup("majority_class").build,
    bag_of_words_svm,
    naive_bayes_logistic,
    naive_bayes_logistic_shuffled,
    delta_idf_svm,
    bigram_svm,
    semantic_vectors,
    semantic_vectors_only,
]


def small_texts(seed: int = 0) -> tuple[list[str], np.ndarray]:
    """300 texts of frequent words; the rarer ``good`` and ``bad``, or ``not`` before the other one, give the label."""
    generator = np.random.default_rng(seed)
    texts, labels = [], np.arange(300) % 2
    for label in labels:
        words = [f"word{number}" for number in generator.integers(0, 60, 60)]
        negated = generator.random() < 0.3
        words.insert(generator.integers(0, 30), ("not " if negated else "") + ["bad", "good"][label ^ negated])
        texts.append(" ".join(words))
    return texts, labels


@pytest.mark.parametrize("build", ALL)
def test_a_baseline_is_saved_without_trusted_types_and_a_second_fit_gives_the_same_bits(
    build: Callable[[], Any], tmp_path: Path
) -> None:
    texts, labels = small_texts()
    fitted = build().fit(texts, labels)
    skops.io.dump(fitted, tmp_path / "baseline.skops")
    loaded = skops.io.load(tmp_path / "baseline.skops", trusted=[])
    probability = probability_of(loaded, texts)
    assert probability.dtype == np.float32
    assert probability.shape == (300,)
    np.testing.assert_array_equal(probability, probability_of(fitted, texts))
    np.testing.assert_array_equal(probability, probability_of(build().fit(texts, labels), texts))


def accuracy(estimator: Any) -> float:
    fitted = estimator.fit(*small_texts(0))
    texts, labels = small_texts(1)
    return float(np.mean((probability_of(fitted, texts) >= 0.5) == labels))


def test_words_and_bigrams_see_a_negation_that_words_alone_or_in_random_order_do_not() -> None:
    assert accuracy(lookup("majority_class").build()) == 0.5
    assert accuracy(naive_bayes_logistic()) > 0.95
    assert 0.6 < accuracy(bag_of_words_svm()) < 0.95
    assert 0.5 < accuracy(naive_bayes_logistic_shuffled()) < 0.95


def test_the_bag_of_words_leaves_out_the_50_most_frequent_words() -> None:
    frequent = " ".join(f"frequent{number}" for number in range(50))
    texts = [f"{frequent} good\u00a0one", f"{frequent} bad"] * 2
    fitted = bag_of_words_svm().fit(texts, [1, 0] * 2)
    assert set(fitted[0].vocabulary_) == {"good\u00a0one", "bad"}  # only spaces separate words
    np.testing.assert_array_equal(fitted.predict(texts), [1, 0] * 2)
    assert fitted[1].transform([[3.0, 4.0]]).tolist() == [[0.6, 0.8]]


def test_ratios_multiplied_into_the_coefficients_give_the_regression_on_ratios() -> None:
    texts, labels = small_texts()
    fitted = naive_bayes_logistic().fit(texts, labels)
    present = fitted[0].transform(texts).toarray()
    assert set(np.unique(present)) == {0, 1}
    positive, negative = (1 + present[labels == label].sum(axis=0) for label in (1, 0))
    ratio = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
    expected = LogisticRegression(max_iter=1000).fit(present * ratio, labels).predict_proba(present * ratio)[:, 1]
    np.testing.assert_allclose(probability_of(fitted, texts), expected, atol=1e-3)


def test_delta_idf_weighs_a_word_by_the_difference_of_its_idf_in_the_two_classes() -> None:
    texts, labels = ["good film", "good plot", "bad film", "bad bad plot"], np.array([1, 1, 0, 0])
    fitted = delta_idf_svm(most_frequent_left_out=0).fit(texts, labels)
    weights = dict(zip(fitted[0].get_feature_names_out(), fitted[1].idf_, strict=True))
    assert weights == pytest.approx({"good": np.log2(4.5 / 0.5), "bad": -np.log2(4.5 / 0.5), "film": 0, "plot": 0})
    np.testing.assert_allclose(np.linalg.norm(fitted[:-1].transform(texts).toarray(), axis=1), 1)
