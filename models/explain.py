"""Effects of the words of a text on a model's answer."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Effects = NDArray[np.float64]

RARE_ID = 2  # what a network sees of a word beyond its vocabulary
MIN_PROBABILITY = 1e-7  # keeps log-odds finite


def explain(text_model: Any, text: str) -> list[tuple[str, float]]:
    """Return every word of the text in order, with its effect on the log-odds of label 1.

    Exact weights for a linear baseline; for others what changes when the word is left out. 0 for a word that the model
    does not see.

    Parameters
    ----------
    text_model : TextModel
        A registered model as it is loaded.
    """
    import numpy as np

    words = text_model.vocabulary.split(text)
    known = [position for position, word in enumerate(words) if word in text_model.vocabulary]
    effects = np.zeros(len(words))
    if known and text_model.kind == "network":
        effects[known] = _effects_in_network(text_model, text, len(known))
    elif known:
        effects[known] = _effects_in_baseline(text_model, text)
    return list(zip(words, effects.tolist(), strict=True))


def _effects_in_network(text_model: Any, text: str, known: int) -> Effects:
    """Hide each word in turn by the id of rare words, so that all others stay where they are."""
    import numpy as np

    (ids,) = text_model.encode([text])
    length = len(ids)
    seen = np.arange(length - min(known, length), length)  # the last word stands last
    seen = seen[ids[seen] != RARE_ID]
    # One variant for each word, and the text as it stands
    variants = np.repeat(ids[np.newaxis], len(seen) + 1, axis=0)
    variants[np.arange(len(seen)), seen] = RARE_ID
    log_odds = _log_odds(text_model.probability_of_ids(variants))
    effects = np.zeros(known)
    effects[known - length + seen] = log_odds[-1] - log_odds[:-1]
    return effects


def _effects_in_baseline(text_model: Any, text: str) -> Effects:
    words = text_model.vocabulary.words_of(text, text_model.words).split(" ")
    exact = _linear_effects(text_model.model, words)
    if exact is not None:
        return exact
    variants = []
    for position in range(len(words)):
        variants.append(" ".join(words[:position] + words[position + 1 :]))
    variants.append(" ".join(words))
    log_odds = _log_odds(text_model.probability_of_words(variants))
    return log_odds[-1] - log_odds[:-1]


def _linear_effects(estimator: Any, words: list[str]) -> Effects | None:
    """Spread each n-gram's weight evenly on its words; with the intercept they sum to the decision value.

    None where the estimator is no pipeline of a vectorizer of these words and a linear classifier.
    """
    import numpy as np

    steps = [step for _, step in getattr(estimator, "steps", ())]
    if len(steps) < 2 or not hasattr(steps[-1], "coef_") or not hasattr(steps[0], "build_analyzer"):
        return None
    vectorizer, coefficients = steps[0], steps[-1].coef_

    # The n-grams of the text, each with its place
    low, high = vectorizer.ngram_range
    spans = []
    for size in range(low, high + 1):
        for start in range(len(words) - size + 1):
            spans.append((start, start + size))
    ngrams = [" ".join(words[start:stop]) for start, stop in spans]
    text = " ".join(words)
    if Counter(vectorizer.build_analyzer()(text)) != Counter(ngrams):
        return None

    # The features of each n-gram: none where training never saw it
    one_each = copy.copy(vectorizer).set_params(analyzer=lambda ngram: [ngram]).transform(ngrams).tocsr()
    if one_each.shape[1] != coefficients.shape[1]:
        return None
    features_of_ngrams = np.split(one_each.indices, one_each.indptr[1:-1])

    # A feature's weight is shared by its occurrences, and that of an occurrence by its words
    weights = estimator[:-1].transform([text]).multiply(coefficients[0]).toarray().ravel()
    occurrences = Counter(one_each.indices.tolist())
    effects = np.zeros(len(words))
    for (start, stop), features in zip(spans, features_of_ngrams, strict=True):
        for feature in features:
            effects[start:stop] += weights[feature] / occurrences[feature] / (stop - start)
    return effects


def _log_odds(probability: NDArray[np.float32]) -> Effects:
    import numpy as np

    inside = np.clip(probability.astype(np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.log(inside / (1 - inside))
