from __future__ import annotations

import numpy as np
import pytest

from benchmark.corpus.load import load_corpus


@pytest.fixture
def corpus(archive):
    return load_corpus(str(archive))


@pytest.mark.parametrize(("size", "length"), [(5000, 500), (100, 20), (4, 1)])
def test_reviews_are_encoded_as_the_vocabulary_encodes_their_text(corpus, size, length):
    encoded = corpus.encode(size, length)
    for x, split in ((encoded.x_train, corpus.train), (encoded.x_test, corpus.test)):
        texts = list(split.raw_texts().values())
        np.testing.assert_array_equal(x, corpus.vocabulary.encode(texts, size, length))


def test_the_arrays_are_what_a_trial_takes(corpus):
    encoded, limited = corpus.encode(5000, 500), corpus.encode(5000, 500, max_reviews=7)
    for name in vars(encoded):
        np.testing.assert_array_equal(getattr(limited, name), getattr(encoded, name)[:7])
    assert encoded.x_train.shape == encoded.x_test.shape == (20, 500)
    assert encoded.x_train.dtype == encoded.x_test.dtype == np.int32
    assert encoded.y_train.dtype == encoded.y_test.dtype == np.int64
    assert encoded.y_test.tolist() == [int("/pos/" in review_id) for review_id in corpus.test.review_ids.tolist()]


@pytest.mark.parametrize("words", [None, 50])
def test_the_texts_of_a_baseline_are_the_raw_texts_as_the_vocabulary_sees_them(corpus, words):
    raw = corpus.test.raw_texts().values()
    assert corpus.texts("test", words) == [corpus.vocabulary.words_of(text, words) for text in raw]
    assert corpus.texts("test", words, max_reviews=3) == corpus.texts("test", words)[:3]
