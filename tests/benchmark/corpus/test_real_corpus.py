from __future__ import annotations

import numpy as np
import pytest

from benchmark.corpus import verify_cache
from benchmark.corpus.sources import IMDB_DIGEST

pytestmark = pytest.mark.real_corpus

# The first review that keras.datasets.imdb.load_data(num_words=5000) returns, train/pos/576 of Stanford's files, so far
# as Keras's documentation and books print it: "this film was just brilliant casting location scenery story ...".
PUBLISHED_BY_KERAS = [
    *(1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66, 3941, 4, 173, 36, 256, 5, 25, 100, 43, 838, 112),
    *(50, 670, 2, 9, 35, 480, 284, 5, 150, 4, 172, 112, 167, 2, 336, 385, 39, 4, 172, 4536, 1111, 17, 546, 38, 13, 447),
    *(4, 192, 50, 16, 6, 147, 2025, 19, 14, 22, 4, 1920, 4613, 469, 4, 22, 71, 87, 12, 16),
]


def test_it_is_known_to_be_the_whole_imdb(real_corpus):
    facts = real_corpus.facts
    assert (facts.kind, facts.digest) == ("imdb", IMDB_DIGEST)
    assert (facts.train_reviews, facts.test_reviews, facts.vocabulary_words) == (25_000, 25_000, 88_584)


def test_the_most_frequent_words_have_the_ids_of_keras(real_corpus):
    assert real_corpus.vocabulary.words[:10] == ("the", "and", "a", "of", "to", "is", "br", "in", "it", "i")


def test_a_review_has_the_ids_that_keras_publishes_but_for_the_order_of_equally_frequent_words(real_corpus):
    text = real_corpus.text("train/pos/576")
    ids = np.array(real_corpus.vocabulary.ids(text))
    assert len(ids) == 218
    ours, keras = ids[: len(PUBLISHED_BY_KERAS)], np.array(PUBLISHED_BY_KERAS)
    ours = np.where(ours < 5000, ours, 2)
    counts = np.bincount(real_corpus.train.ids)
    np.testing.assert_array_equal(counts[ours], counts[keras])
    assert np.mean(ours == keras) > 0.8


def test_both_halves_are_balanced(real_corpus):
    encoded = real_corpus.encode(5000, 500)
    assert encoded.x_train.shape == encoded.x_test.shape == (25_000, 500)
    assert encoded.y_train.sum() == encoded.y_test.sum() == 12_500
    assert encoded.x_train.max() == 4999


def test_reviews_are_encoded_as_inference_encodes_their_text(real_corpus):
    encoded = real_corpus.encode(5000, 500, limit=500)
    texts = [real_corpus.text(review_id) for review_id in encoded.test_ids.tolist()]
    np.testing.assert_array_equal(encoded.x_test, real_corpus.vocabulary.encode(texts, 5000, 500))


def test_the_cache_holds_what_was_written(real_corpus):
    assert verify_cache(real_corpus.directory) == []
