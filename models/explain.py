"""Effects of the words of a text on a model's answer."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Effects = NDArray[np.float64]

RARE_ID = 2  # what a network sees of a word beyond its vocabulary; words have larger ids
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
    seen = np.flatnonzero(ids > RARE_ID)
    # One variant for each word, and the text as it stands
    variants = np.tile(ids, (len(seen) + 1, 1))
    variants[np.arange(len(seen)), seen] = RARE_ID
    log_odds = _log_odds(text_model.probability_of_ids(variants))
    effects = np.zeros(known)
    effects[seen - len(ids)] = log_odds[-1] - log_odds[:-1]  # the last word stands last
    return effects


def _effects_in_baseline(text_model: Any, text: str) -> Effects:
    words = text_model.vocabulary.words_of(text, text_model.words).split(" ")
    exact = _linear_effects(text_model.model, words)
    if exact is not None:
        return exact
    variants = [" ".join(words)]
    for position in range(len(words)):
        variants.append(" ".join(words[:position] + words[position + 1 :]))
    log_odds = _log_odds(text_model.probability_of_words(variants))
    return log_odds[0] - log_odds[1:]


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
    shortest, longest = vectorizer.ngram_range
    places = []
    ngrams = []
    for size in range(shortest, longest + 1):
        for start in range(len(words) - size + 1):
            places.append(slice(start, start + size))
            ngrams.append(" ".join(words[start : start + size]))
    text = " ".join(words)
    if vectorizer.build_analyzer()(text) != ngrams:
        return None

    # The feature of each n-gram: none where training never saw it
    one_each = copy.copy(vectorizer).set_params(analyzer=lambda ngram: [ngram]).transform(ngrams)
    if one_each.shape[1] != coefficients.shape[1]:
        return None
    rows, features = one_each.nonzero()

    # A feature's weight is shared by its occurrences, and that of an occurrence by its words
    weights = estimator[:-1].transform([text]).multiply(coefficients[0]).toarray().ravel()
    occurrences = Counter(features.tolist())
    effects = np.zeros(len(words))
    for row, feature in zip(rows, features, strict=True):
        place = places[row]
        effects[place] += weights[feature] / occurrences[feature] / (place.stop - place.start)
    return effects


def _log_odds(probability: NDArray[np.float32]) -> Effects:
    import numpy as np

    inside = np.clip(probability.astype(np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.log(inside / (1 - inside))
