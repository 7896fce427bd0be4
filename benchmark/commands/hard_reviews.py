"""Texts and deciding words of the reviews that the report shows."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, HardReview
from benchmark.signals import end_with_parent

if TYPE_CHECKING:
    from benchmark.corpus.corpus import Corpus
    from benchmark.report.evidence import Gathered
    from tracking.store import Store


def explain_hard_reviews(
    store: Store, record: BenchmarkRecord, gathered: Gathered, corpus: Corpus
) -> tuple[HardReview, ...]:
    """Give the hard reviews their texts, and the words by which the best architecture's median model decided.

    The explanation runs in a process of its own: this one never imports TensorFlow. Where it is not possible, the
    texts are shown without it.
    """
    from benchmark.report import select_hard_reviews

    texts = {review_id: corpus.text(review_id) for review_id in select_hard_reviews(gathered)}
    known = {review_id: text for review_id, text in texts.items() if text is not None}
    model_uri = record.best_model_uri
    effects: Sequence[Sequence[tuple[str, float]]] = [()] * len(known)
    if known and model_uri is not None:
        spawn = multiprocessing.get_context("spawn")
        with (
            suppress(UserError, BrokenProcessPool),
            ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as pool,
        ):
            effects = pool.submit(_explain, store.uri, model_uri, list(known.values())).result()
    return tuple(
        HardReview(review_id, text, tuple(words))
        for (review_id, text), words in zip(known.items(), effects, strict=True)
    )


def _explain(tracking_uri: str, model_uri: str, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    from models.explain import explain
    from tracking.models import load_text_model
    from tracking.store import open_store

    open_store(tracking_uri)  # MLflow loads models from the store that was opened last
    text_model = load_text_model(model_uri)
    return [explain(text_model, text) for text in texts]
