"""Linear classifiers with a published figure on the IMDB reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.baselines import WORD, NaiveBayesLogistic, frequent_words, ngrams_present
from models.registry import register_baseline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline


@register_baseline(title="Bag of words, delta idf + SVM", group="classics")
def delta_idf_svm(*, features: int = 5000, most_frequent_left_out: int = 50, C: float = 1.0) -> DeltaIdfSvm:
    return DeltaIdfSvm(features, most_frequent_left_out, C)


@register_baseline(title="Words and bigrams + SVM", group="classics")
def bigram_svm(*, longest_ngram: int = 2, features: int = 2**21, C: float = 0.1) -> Pipeline:
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(ngrams_present(longest_ngram, features), LinearSVC(C=C, random_state=0))


@register_baseline(title="Naive Bayes + logistic (trigrams)", group="classics")
def naive_bayes_logistic_trigrams(
    *, longest_ngram: int = 3, features: int = 2**22, C: float = 1.0
) -> NaiveBayesLogistic:
    return NaiveBayesLogistic(longest_ngram, features, C)


@dataclass
class DeltaIdfSvm:
    """The bag of words of Maas et al. 2011, weighted by delta idf (Paltoglou and Thelwall 2010, smoothed)."""

    features: int
    most_frequent_left_out: int
    C: float

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline."""
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import LinearSVC

        words = frequent_words(texts, self.features, self.most_frequent_left_out)
        vectorizer = CountVectorizer(vocabulary=words, binary=True, lowercase=False, token_pattern=WORD)
        present = vectorizer.transform(texts)
        negative, positive = (np.asarray(labels) == label for label in (0, 1))
        in_negative, in_positive = (np.asarray(present[rows].sum(axis=0)).ravel() for rows in (negative, positive))
        weighting = TfidfTransformer()
        weighting.idf_ = np.log2((negative.sum() * in_positive + 0.5) / (positive.sum() * in_negative + 0.5))
        classifier = LinearSVC(C=self.C, dual=False).fit(weighting.transform(present), labels)
        return make_pipeline(vectorizer, weighting, classifier)
