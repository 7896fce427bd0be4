"""Baselines: scikit-learn estimators on texts.

The harness keeps what ``build().fit(texts, labels)`` returns, and saves that with skops. Here some `fit` return a plain
pipeline of scikit-learn's own classes, which needs no class of ours when it is loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.registry import ArchitectureError, register_baseline

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix
    from sklearn.base import ClassifierMixin
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
    from sklearn.pipeline import Pipeline

WORD = r"[^ ]+"  # the texts are words joined by spaces


@register_baseline(title="Majority class")
def majority_class() -> ClassifierMixin:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


@register_baseline(
    "bag_of_words_svm",
    title="Bag of words + SVM",
    yardstick=True,
    published_as="maas_2011_bag_of_words",
)
@dataclass(kw_only=True)
class BagOfWordsSvm:
    """Bag of words "bnc" of Maas et al. 2011: frequent words but the most frequent ones, binary, cosine."""

    features: int = 5000
    most_frequent_left_out: int = 50
    C: float = 1.0

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline."""
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import Normalizer
        from sklearn.svm import LinearSVC

        vectorizer = words_present(texts, self.features, self.most_frequent_left_out)
        classifier = LinearSVC(C=self.C, dual=False)  # the primal problem: no random order of the reviews
        return make_pipeline(vectorizer, Normalizer(), classifier).fit(texts, labels)


@register_baseline("naive_bayes_logistic_5000", title="Naive Bayes + logistic (5,000 words)", words=5000)
@register_baseline("naive_bayes_logistic", title="Naive Bayes + logistic", published_as="wang_manning_2012_nbsvm")
@dataclass(kw_only=True)
class NaiveBayesLogistic:
    """Logistic regression on naive-Bayes log-count ratios of words and bigrams (Wang and Manning 2012)."""

    longest_ngram: int = 2
    features: int = 2**20
    C: float = 1.0

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline: the ratios are multiplied into the coefficients."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        vectorizer = ngrams_present(self.longest_ngram, self.features)
        present = vectorizer.transform(texts)
        in_negative, in_positive = reviews_with(present, labels)
        positive, negative = 1 + in_positive, 1 + in_negative
        ratio = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
        classifier = LogisticRegression(C=self.C, max_iter=1000).fit(present.multiply(ratio).tocsr(), labels)
        classifier.coef_ = classifier.coef_ * ratio
        return make_pipeline(vectorizer, classifier)


@register_baseline("naive_bayes_logistic_shuffled", title="Naive Bayes + logistic (shuffled words)")
@dataclass(kw_only=True)
class NaiveBayesLogisticShuffled(NaiveBayesLogistic):
    """The same method where order cannot be learned: what it loses is what order is worth to it."""

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline; the words of each text are in random order, always the same one."""
        state = np.random.RandomState(0)
        shuffled = [" ".join(state.permutation(text.split(" "))) for text in texts]
        return super().fit(shuffled, labels)


@register_baseline(
    "semantic_vectors_unlabelled",
    title="Semantic vectors, unlabelled reviews too",
    unlabelled=True,
    published_as="maas_2011_full_unlabelled_bag_of_words",
)
@register_baseline(
    "semantic_vectors",
    title="Semantic vectors, bag of words + SVM",
    published_as="maas_2011_semantic_bag_of_words",
)
@dataclass(kw_only=True)
class SemanticVectors:
    """SVM on the semantic vectors of Maas et al. 2011, beside their bag of words."""

    features: int = 5000
    most_frequent_left_out: int = 50
    dimensions: int = 50
    penalty: float = 3.0
    iterations: int = 25
    beside_words: bool = True
    C: float = 0.1

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline; texts with the label -1 are for the vectors alone."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.pipeline import FeatureUnion, make_pipeline
        from sklearn.preprocessing import Normalizer
        from sklearn.svm import LinearSVC

        from models.semantic_vectors import learn_vectors

        # The vectors, from all texts: a text has the normalised sum of those of its words
        vectorizer = words_present(texts, self.features, self.most_frequent_left_out)
        counts = vectorizer.set_params(binary=False).transform(texts)
        vectorizer.set_params(binary=True)
        projection = TruncatedSVD(self.dimensions)  # its `transform` multiplies by the vectors
        projection.components_ = learn_vectors(counts, self.dimensions, self.penalty, self.iterations).T
        vectors = make_pipeline(projection, Normalizer())
        if self.beside_words:
            vectors = FeatureUnion([("words", "passthrough"), ("vectors", vectors)])
        features = make_pipeline(vectorizer, Normalizer(), vectors)

        # The classifier, from those with a label
        labels = np.asarray(labels)
        labelled_texts = [text for text, label in zip(texts, labels, strict=True) if label >= 0]
        classifier = LinearSVC(C=self.C, dual=False)  # the primal problem: no random order of the reviews
        classifier.fit(features.transform(labelled_texts), labels[labels >= 0])
        return make_pipeline(*features, classifier)


def ngrams_present(longest: int, features: int) -> HashingVectorizer:
    """Return what turns texts into 0 or 1 for each n-gram of up to `longest` words, hashed."""
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        n_features=features,
        ngram_range=(1, longest),
        binary=True,
        norm=None,
        alternate_sign=False,
        lowercase=False,
        token_pattern=WORD,
        dtype=np.float32,
    )


def words_present(texts: Sequence[str], features: int, most_frequent_left_out: int) -> CountVectorizer:
    """Return what turns texts into 0 or 1 for each of their most frequent words, the very most frequent left out.

    Raises
    ------
    ArchitectureError
        If there are none.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.split(" "))
    by_count = counts.most_common(most_frequent_left_out + features)
    words = [word for word, _ in by_count[most_frequent_left_out:] if word]
    if not words:
        raise ArchitectureError(
            f"a bag of words needs more than {most_frequent_left_out} different words; the texts have {len(counts)}"
        )
    return CountVectorizer(vocabulary=words, binary=True, lowercase=False, token_pattern=WORD)


def reviews_with(present: csr_matrix, labels: NDArray[np.integer]) -> list[NDArray[Any]]:
    """Return in how many reviews of label 0 and of label 1 each feature is, two arrays of shape (n_features,)."""
    return [np.ravel(present[np.asarray(labels) == label].sum(axis=0)) for label in (0, 1)]


def probability_of(estimator: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the probability of label 1 for each text: `predict_proba`, or the logistic function of the decision.

    Raises
    ------
    ArchitectureError
        If the estimator has neither, or other classes than the two labels.
    """
    classes = np.asarray(getattr(estimator, "classes_", [0, 1])).tolist()
    if classes != [0, 1]:
        raise ArchitectureError(f"it has the classes {classes}: leave out unlabelled reviews, whose label is -1")
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(texts), np.float32)[:, 1]
    if hasattr(estimator, "decision_function"):
        decision = np.asarray(estimator.decision_function(texts), np.float64)
        return (1 / (1 + np.exp(-np.clip(decision, -500, 500)))).astype(np.float32)
    raise ArchitectureError(
        f"{type(estimator).__name__} has neither predict_proba nor decision_function, so there is no probability"
    )
