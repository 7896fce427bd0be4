"""Linear classifiers with a published figure on the IMDB reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.baselines import NaiveBayesLogistic, SemanticVectors, ngrams_present, reviews_with, words_present
from models.registry import register_baseline

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline


@register_baseline(
    "delta_idf_svm",
    title="Bag of words, delta idf + SVM",
    published_as="maas_2011_bag_of_words_delta",
)
@dataclass(kw_only=True)
class DeltaIdfSvm:
    """The bag of words of Maas et al. 2011, weighted by delta idf (Paltoglou and Thelwall 2010, smoothed)."""

    features: int = 5000
    most_frequent_left_out: int = 50
    C: float = 1.0

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline."""
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import LinearSVC

        vectorizer = words_present(texts, self.features, self.most_frequent_left_out)
        present = vectorizer.transform(texts)
        in_negative, in_positive = reviews_with(present, labels)
        negatives, positives = np.bincount(labels)
        weighting = TfidfTransformer()
        weighting.idf_ = np.log2((negatives * in_positive + 0.5) / (positives * in_negative + 0.5))
        classifier = LinearSVC(C=self.C, dual=False).fit(weighting.transform(present), labels)
        return make_pipeline(vectorizer, weighting, classifier)


@register_baseline(title="Words and bigrams + SVM", published_as="wang_manning_2012_svm")
def bigram_svm(*, longest_ngram: int = 2, features: int = 2**21, C: float = 0.1) -> Pipeline:
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(ngrams_present(longest_ngram, features), LinearSVC(C=C, random_state=0))


@register_baseline(
    "naive_bayes_logistic_trigrams",
    title="Naive Bayes + logistic (trigrams)",
    published_as="mesnil_2015_nbsvm",
)
@dataclass(kw_only=True)
class NaiveBayesLogisticTrigrams(NaiveBayesLogistic):
    """The same with trigrams."""

    longest_ngram: int = 3
    features: int = 2**22


@register_baseline("semantic_vectors_only", title="Semantic vectors + SVM", published_as="maas_2011_semantic")
@dataclass(kw_only=True)
class SemanticVectorsOnly(SemanticVectors):
    """The same without the bag of words."""

    beside_words: bool = False
    C: float = 1.0
