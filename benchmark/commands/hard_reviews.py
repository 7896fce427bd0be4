"""Texts and deciding words of the reviews that the report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor
from benchmark.results import BenchmarkRecord, HardReview
from benchmark.training.machine import available_cores

if TYPE_CHECKING:
    from benchmark.corpus.corpus import Corpus
    from benchmark.report.evidence import Evidence
    from tracking.store import Store


SECONDS_TO_EXPLAIN = 3600.0  # with a large network of the user's

Effects = tuple[tuple[str, float], ...]  # of the words of a review, on the log-odds


def review_texts(corpus: Corpus) -> dict[str, str]:
    """Return the texts of the test reviews by their ids; none where the corpus has no text."""
    split = corpus.test
    if split.text is None or split.text_offsets is None:
        return {}
    texts = {}
    for review_id, (start, stop) in zip(split.review_ids, pairwise(split.text_offsets.tolist()), strict=True):
        texts[str(review_id)] = split.text[start:stop].tobytes().decode()
    return texts


def explain_hard_reviews(
    store: Store,
    record: BenchmarkRecord,
    gathered: Sequence[Evidence],
    texts: Mapping[str, str],
) -> tuple[HardReview, ...]:
    """Give the hard reviews their texts, and the words by which a median model erred.

    The explanation runs in a worker: this process never imports TensorFlow. Where it is not possible, the texts are
    shown without it.
    """
    from benchmark.report import select_hard_reviews

    model_uris = {trial.config.architecture: trial.model_uri for trial in record.median_trials}
    reviews = []
    tasks = []
    for review_id, architecture in select_hard_reviews(gathered).items():
        if review_id in texts:
            reviews.append(HardReview(review_id, texts[review_id], architecture=architecture))
            tasks.append((model_uris.get(architecture or ""), texts[review_id]))
    if any(model_uri for model_uri, _ in tasks):
        config = BenchmarkConfig(architectures=(), threads_per_worker=available_cores())
        with suppress(UserError), LocalExecutor(config) as executor:
            what = "the errors cannot be explained"
            effects = executor.ask(what, _explain, store.uri, tasks, seconds=SECONDS_TO_EXPLAIN)
            reviews = [replace(review, word_effects=words) for review, words in zip(reviews, effects, strict=True)]
    return tuple(reviews)


def _explain(tracking_uri: str, tasks: Sequence[tuple[str | None, str]]) -> list[Effects]:
    from models.explain import explain
    from tracking.models import load_text_model
    from tracking.store import open_store

    open_store(tracking_uri)  # MLflow loads models from the store that was opened last
    text_models = {}
    effects: list[Effects] = []
    for model_uri, text in tasks:
        if model_uri is None:
            effects.append(())
            continue
        if model_uri not in text_models:
            text_models[model_uri] = load_text_model(model_uri)
        effects.append(tuple(explain(text_models[model_uri], text)))
    return effects
