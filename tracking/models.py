"""Registered models: loaded, used and explained."""

from __future__ import annotations

import copy
import difflib
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from tracking.reader import median_version
from tracking.store import display_uri, first_line, without_surrogates

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.pyfunc import PyFuncModel

    from tracking.store import Store

REGISTERED = re.compile(r"(?:models:/)?(?P<name>[^/@:]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))?")
RARE_ID = 2  # what a network sees of a word beyond its vocabulary
LEAST_PROBABILITY = 1e-7  # keeps log-odds finite


def load_text_model(uri: str) -> PyFuncModel:
    """Load a raw-text model from the store that was opened last; TensorFlow is imported only for a network.

    Raises
    ------
    UserError
        If it is not there, or damaged.
    """
    import mlflow.pyfunc

    try:
        with _quiet_and_without_bytecode():
            model = mlflow.pyfunc.load_model(uri)
            if not hasattr(model.unwrap_python_model(), "labels"):
                raise ValueError("it is no model of this project")
    except Exception as error:  # whatever a damaged file leads to
        raise UserError(
            f"--model: {uri} cannot be loaded: {first_line(error)}; train it again or give another"
        ) from None
    return model


def check_model_uri(store: Store, uri: str) -> str:
    """Return the URI of a model that exists, with its version.

    Parameters
    ----------
    uri : str
        ``models:/NAME@ALIAS``, ``models:/NAME/VERSION``, ``models:/m-ID``, or a short ``NAME`` for its champion or,
        without one, the newest benchmark's median trial.
    """
    if uri.startswith("models:/m-"):  # a logged model, as the UI shows it
        return uri
    parts = REGISTERED.fullmatch(uri)
    if parts is None:
        raise UserError(f"--model: {uri!r} is no model; give models:/NAME@ALIAS or models:/NAME/VERSION")
    name, alias, version = parts["name"], parts["alias"], parts["version"]
    registered = {model.name: model for model in store.client.search_registered_models(max_results=1000)}
    if not registered:
        raise UserError(
            f"--model: no model is registered in {display_uri(store.uri)}; run a benchmark first, or give "
            "--tracking-uri"
        )
    if name not in registered:
        close = difflib.get_close_matches(name, registered, 1)
        hint = f", did you mean {close[0]!r}?" if close else ""
        if name == "imdb-sentiment":
            hint = " yet: it comes with a complete benchmark on the whole of IMDB"
        raise UserError(f"--model: there is no model {name!r}{hint}; registered are {', '.join(sorted(registered))}")
    aliases = {key: str(value) for key, value in registered[name].aliases.items()}
    found = store.client.search_model_versions(f"name = '{name}'")
    versions = sorted(int(one.version) for one in found)
    if not versions:
        raise UserError(f"--model: {name!r} has no version any more; train it again")
    if (alias and alias not in aliases) or (version and int(version) not in versions):
        numbers = f"versions {versions[0]} to {versions[-1]}" if len(versions) > 1 else f"version {versions[0]}"
        possible = ", ".join([*(f"@{name}" for name in sorted(aliases)), numbers])
        missing = f"alias {alias!r}" if alias else f"version {version}"
        raise UserError(f"--model: {name!r} has no {missing}; it has {possible}")
    version = version or aliases.get(alias or "champion") or median_version(found).version
    return f"models:/{name}/{version}"


def title_of(store: Store, model: PyFuncModel) -> str | None:
    """Return the title of a model's architecture; None where the run of its trial was deleted for good."""
    from mlflow.exceptions import MlflowException

    try:
        return store.client.get_run(model.metadata.run_id).data.params.get("title")
    except MlflowException:
        return None


def predict(model: PyFuncModel, texts: Sequence[str]) -> pd.DataFrame:
    """Return a row for each text, with the columns ``label`` and ``probability`` (of the corpus's label 1)."""
    return model.predict([without_surrogates(text) for text in texts])


def explain(model: PyFuncModel, text: str) -> list[tuple[str, float]]:
    """Return every word of the text in order, with its effect on the log-odds of label 1.

    Exact weights for a linear baseline; for others what changes when the word is left out. 0 for a word that the model
    does not see.
    """
    text_model = model.unwrap_python_model()
    words = text_model.vocabulary.split(text)
    known = [position for position, word in enumerate(words) if word in text_model.vocabulary]
    effects = np.zeros(len(words))
    if known and text_model.kind == "network":
        effects[known] = _effects_in_network(text_model, text, len(known))
    elif known:
        effects[known] = _effects_in_baseline(text_model, text)
    return list(zip((without_surrogates(word) for word in words), effects.tolist(), strict=True))


def _effects_in_network(text_model: Any, text: str, known: int) -> NDArray[np.float64]:
    """Hide each word in turn by the id of rare words, so that all others stay where they are."""
    (ids,) = text_model.encode([text])
    seen = np.arange(len(ids) - min(known, len(ids)), len(ids))  # the last word stands last
    seen = seen[ids[seen] != RARE_ID]
    variants = np.repeat(ids[np.newaxis], len(seen) + 1, axis=0)
    variants[np.arange(len(seen)), seen] = RARE_ID
    log_odds = _log_odds(text_model.probability_of_ids(variants))
    effects = np.zeros(known)
    effects[known - len(ids) + seen] = log_odds[-1] - log_odds[:-1]
    return effects


def _effects_in_baseline(text_model: Any, text: str) -> NDArray[np.float64]:
    words = text_model.vocabulary.words_of(text, text_model.words).split(" ")
    exact = _linear_effects(text_model.model, words)
    if exact is not None:
        return exact
    variants = [" ".join(words[:position] + words[position + 1 :]) for position in range(len(words))]
    log_odds = _log_odds(text_model.probability_of_words([*variants, " ".join(words)]))
    return log_odds[-1] - log_odds[:-1]


def _linear_effects(estimator: Any, words: list[str]) -> NDArray[np.float64] | None:
    """Spread each n-gram's weight evenly on its words; with the intercept they sum to the decision value.

    None where the estimator is no pipeline of a vectorizer of these words and a linear classifier.
    """
    steps = [step for _, step in getattr(estimator, "steps", ())]
    if len(steps) < 2 or not hasattr(steps[-1], "coef_") or not hasattr(steps[0], "build_analyzer"):
        return None
    vectorizer, coefficients = steps[0], steps[-1].coef_
    low, high = vectorizer.ngram_range
    spans = [(at, at + n) for n in range(low, high + 1) for at in range(len(words) - n + 1)]
    ngrams = [" ".join(words[start:stop]) for start, stop in spans]
    text = " ".join(words)
    row = estimator[:-1].transform([text])
    if Counter(vectorizer.build_analyzer()(text)) != Counter(ngrams) or row.shape[1] != coefficients.shape[1]:
        return None
    weights = row.multiply(coefficients[0]).toarray().ravel()
    one_each = copy.copy(vectorizer).set_params(analyzer=lambda ngram: [ngram]).transform(ngrams).tocsr()
    occurrences = Counter(one_each.indices.tolist())
    features = np.split(one_each.indices, one_each.indptr[1:-1])  # none for an n-gram that training never saw
    effects = np.zeros(len(words))
    for (start, stop), found in zip(spans, features, strict=True):
        effects[start:stop] += sum(weights[feature] / occurrences[feature] for feature in found) / (stop - start)
    return effects


def _log_odds(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    inside = np.clip(probability.astype(np.float64), LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.log(inside / (1 - inside))


@contextmanager
def _quiet_and_without_bytecode() -> Iterator[None]:
    """Leave no ``__pycache__`` in the artifact store, and no native messages of TensorFlow's start on the terminal."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.dont_write_bytecode = before
        os.dup2(kept, 2)
        os.close(kept)
