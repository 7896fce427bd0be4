"""On the real reviews, raw text through the registered model gives what the trial saved from its encoded arrays."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.real_corpus import REAL_CORPUS, WHY_SKIPPED
from tests.support.tiny_benchmark import run_tiny_benchmark
from tracking.model_lookup import load_model
from tracking.promotion import promote
from tracking.records import read_benchmark
from tracking.store import Store

pytestmark = [pytest.mark.real_corpus, pytest.mark.slow]

REVIEWS = 512


@pytest.mark.skipif(not REAL_CORPUS.exists(), reason=WHY_SKIPPED)
def test_served_probabilities_equal_the_saved_ones(store: Store, tmp_path: Path) -> None:
    tracker, corpus = run_tiny_benchmark(store, tmp_path, str(REAL_CORPUS), limit=REVIEWS, review_length=500)
    record = read_benchmark(store.client, tracker.run_id)
    (trial,) = record.trials
    assert trial.predictions is not None
    assert len(trial.predictions.review_id) == REVIEWS
    texts = [str(corpus.text(review_id)) for review_id in trial.predictions.review_id.tolist()]
    assert any("<br />" in text for text in texts)
    assert any(not text.isascii() for text in texts)
    model = load_model(store.client, "models:/imdb-cnn_lstm/1")
    served = model.predict(texts).probability
    np.testing.assert_allclose(served, trial.predictions.probability, rtol=0, atol=1e-6)
    assert "limited to the first 512 reviews" in promote(store, record, corpus).reason
