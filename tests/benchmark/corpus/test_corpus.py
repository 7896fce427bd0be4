from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus.corpus import draw_groups
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
    test = corpus.test
    texts = [corpus.vocabulary.words_of(text, words) for text in test.raw_texts().values()]
    assert corpus.texts(test, words) == texts
    assert corpus.texts(test, words, max_reviews=3) == texts[:3]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=100), st.integers(0, 5), st.data())
def test_whole_groups_are_drawn_until_the_number_is_reached_and_fewer_are_among_more(groups, seed, data):
    groups = np.array(groups, np.int32)
    fewer, more = sorted(data.draw(st.lists(st.integers(1, len(groups)), min_size=2, max_size=2)))
    drawn, larger = draw_groups(groups, fewer, seed), draw_groups(groups, more, seed)
    assert not set(groups[drawn]) & set(groups[~drawn])
    sizes = np.unique(groups[drawn], return_counts=True)[1]
    assert fewer <= drawn.sum() < fewer + sizes.max()
    assert not (drawn & ~larger).any()


def test_a_draw_is_always_the_same_and_differs_by_seed():
    groups = np.arange(10, dtype=np.int32)
    assert np.flatnonzero(draw_groups(groups, 3, seed=0)).tolist() == [0, 2, 9]
    assert not np.array_equal(draw_groups(groups, 3, seed=0), draw_groups(groups, 3, seed=1))
