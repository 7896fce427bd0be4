"""Texts and deciding words of the reviews that the report shows."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, HardReview
from benchmark.signals import end_with_parent

if TYPE_CHECKING:
    from benchmark.corpus.corpus import Corpus
    from benchmark.report.evidence import Evidence
    from tracking.store import Store


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
    store: Store, record: BenchmarkRecord, gathered: Sequence[Evidence], texts: Mapping[str, str]
) -> tuple[HardReview, ...]:
    """Give the hard reviews their texts, and the words by which a median model erred.

    The explanation runs in a process of its own: this one never imports TensorFlow. Where it is not possible, the
    texts are shown without it.
    """
    from benchmark.report import select_hard_reviews

    model_uris = {trial.config.architecture: trial.model_uri for trial in record.median_trials}
    reviews = []
    for review_id, architecture in select_hard_reviews(gathered).items():
        if review_id in texts:
            reviews.append(HardReview(review_id, texts[review_id], architecture=architecture))
    tasks = [(model_uris.get(review.architecture or ""), review.text) for review in reviews]
    effects: Sequence[Sequence[tuple[str, float]]] = [()] * len(tasks)
    if any(model_uri for model_uri, _ in tasks):
        spawn = multiprocessing.get_context("spawn")
        with (
            suppress(UserError, BrokenProcessPool),
            ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as pool,
        ):
            effects = pool.submit(_explain, store.uri, tasks).result()
    return tuple(replace(review, word_effects=tuple(words)) for review, words in zip(reviews, effects, strict=True))


def _explain(tracking_uri: str, tasks: Sequence[tuple[str | None, str]]) -> list[list[tuple[str, float]]]:
    from models.explain import explain
    from tracking.models import load_text_model
    from tracking.store import open_store

    open_store(tracking_uri)  # MLflow loads models from the store that was opened last
    text_models = {}
    effects = []
    for model_uri, text in tasks:
        if model_uri and model_uri not in text_models:
            text_models[model_uri] = load_text_model(model_uri)
        effects.append(explain(text_models[model_uri], text) if model_uri else [])
    return effects
