"""The paper's own method on small texts: its loss, what it learns without labels, and what is saved."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.sparse import csr_matrix

from models import semantic_vectors
from models.registry import lookup
from models.semantic_vectors import loss_and_gradient

vectors_only = partial(lookup("semantic_vectors_only").build, most_frequent_left_out=0, dimensions=2)


def texts_of_two_topics(number: int = 60) -> tuple[list[str], np.ndarray]:
    """Texts of ten words from the ten of their topic, and the topic."""
    generator = np.random.default_rng(0)
    topics = np.arange(number) % 2
    texts = [" ".join(f"{'ab'[topic]}{word}" for word in generator.integers(0, 10, 10)) for topic in topics]
    return texts, topics


def test_the_gradient_is_that_of_finite_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic_vectors, "TEXTS_AT_ONCE", 3)
    generator = np.random.default_rng(0)
    counts = csr_matrix(generator.poisson(1, (7, 5)))
    variables = generator.normal(size=(12, 3))
    variables[:7, -1] = 1

    def loss(flat: np.ndarray) -> float:
        return loss_and_gradient(flat.reshape(12, 3), counts, 0.5)[0]

    expected = approx_fprime(variables.ravel(), loss, 1e-6).reshape(12, 3)
    expected[:7, -1] = 0  # the ones stay
    np.testing.assert_allclose(loss_and_gradient(variables, counts, 0.5)[1], expected, atol=1e-4)


def test_the_loss_is_minus_the_log_likelihood_of_the_words() -> None:
    counts = csr_matrix(np.array([[3, 1]]))
    variables = np.array([[0.0, 1.0], [0.0, np.log(3)], [0.0, 0.0]])  # one text, two words, b = log 3 and 0
    loss, gradient = loss_and_gradient(variables, counts, 1.0)
    assert loss == pytest.approx(-3 * np.log(0.75) - np.log(0.25))
    np.testing.assert_allclose(gradient, 0, atol=1e-12)  # three words in four are the first one


def test_words_of_one_topic_have_similar_vectors() -> None:
    texts, topics = texts_of_two_topics()
    fitted = vectors_only().fit(texts, topics)
    vectors = fitted[-2][0].components_.T
    first = np.array([word[0] == "a" for word in fitted[0].get_feature_names_out()])
    cosines = vectors @ vectors.T / np.outer(*[np.linalg.norm(vectors, axis=1)] * 2)
    assert cosines[first][:, first].min() > 0.8 > cosines[first][:, ~first].max()


def test_texts_without_a_label_are_for_the_vectors_alone() -> None:
    texts, topics = texts_of_two_topics()
    labels = np.where(np.arange(60) < 2, topics, -1)
    predicted = vectors_only().fit(texts, labels).predict(texts)
    assert np.mean(predicted == topics) > 0.95  # from one labelled text of each topic
