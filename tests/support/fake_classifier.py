"""A stand-in for a loaded raw-text model, whose answers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.corpus import Vocabulary


class FakeClassifier:
    """Probability of one half, plus a weight for every word that it sees.

    Parameters
    ----------
    weights : mapping of str to float
        The vocabulary, the most frequent word first.
    review_length : int
    vocabulary_size : int
        By default no word is rare.
    """

    def __init__(self, weights: Mapping[str, float], review_length: int = 6, vocabulary_size: int = 1000) -> None:
        self.vocabulary = Vocabulary(weights)
        self.review_length = review_length
        self.vocabulary_size = vocabulary_size
        self._weight_of_id = dict(enumerate(weights.values(), start=4))
        self.batches: list[int] = []

    def unwrap_python_model(self) -> FakeClassifier:
        return self

    def encode(self, texts: list[str]) -> NDArray[np.int32]:
        return self.vocabulary.encode(texts, self.vocabulary_size, self.review_length)

    def probabilities(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        sums = [sum(self._weight_of_id.get(word, 0.0) for word in row) for row in ids.tolist()]
        return np.array(sums, np.float32) + np.float32(0.5)

    def predict(self, texts: list[str]) -> pd.DataFrame:
        self.batches.append(len(texts))
        probability = self.probabilities(self.encode(texts))
        return pd.DataFrame({"label": np.where(probability > 0.5, "positive", "negative"), "probability": probability})
