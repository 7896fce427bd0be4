from __future__ import annotations

import numpy as np
import pytest

from benchmark.corpus import load_corpus
from benchmark.corpus.generated import write_stanford_archive


@pytest.fixture
def corpus(tmp_path, cache):
    return load_corpus(str(write_stanford_archive(tmp_path / "aclImdb.tar.gz", reviews_per_half=40)), cache)


@pytest.mark.parametrize(("size", "length"), [(5000, 500), (100, 20), (4, 1)])
def test_reviews_are_encoded_as_the_vocabulary_encodes_their_text(corpus, size, length):
    encoded = corpus.encode(size, length)
    for x, ids in ((encoded.x_train, encoded.train_ids), (encoded.x_test, encoded.test_ids)):
        texts = [corpus.text(review_id) for review_id in ids.tolist()]
        np.testing.assert_array_equal(x, corpus.vocabulary.encode(texts, size, length))


def test_the_arrays_are_what_a_trial_takes(corpus):
    encoded = corpus.encode(5000, 500)
    assert encoded.x_train.shape == encoded.x_test.shape == (40, 500)
    assert encoded.x_train.dtype == np.int32
    assert encoded.y_train.dtype == encoded.y_test.dtype == np.int64
    assert encoded.test_words.dtype == np.int32
    assert encoded.digest == corpus.facts.digest
    assert encoded.y_test.tolist() == [int("/pos/" in review_id) for review_id in encoded.test_ids.tolist()]


def test_a_limit_takes_the_first_reviews_of_each_half(corpus):
    whole, limited = corpus.encode(5000, 100), corpus.encode(5000, 100, limit=7)
    for name in ("x_train", "y_train", "x_test", "y_test", "train_ids", "test_ids", "test_words"):
        np.testing.assert_array_equal(getattr(limited, name), getattr(whole, name)[:7])
    assert limited.digest == whole.digest


def test_a_limit_beyond_the_corpus_takes_it_all(corpus):
    assert corpus.encode(5000, 10, limit=1000).x_train.shape == (40, 10)


def test_words_of_a_test_review_are_counted_before_it_is_cut(corpus):
    encoded = corpus.encode(5000, 5)
    first = corpus.text(str(encoded.test_ids[0]))
    assert encoded.test_words[0] == corpus.vocabulary.words_known(first) > 5


def test_there_is_no_text_for_a_review_that_is_not_there(corpus):
    with pytest.raises(KeyError, match="test/neg/999"):
        corpus.text("test/neg/999")


def test_what_is_encoded_can_be_written_to_without_touching_the_cache(corpus):
    before = corpus.encode(5000, 20)
    before.y_train[:] = 9
    before.x_train[:] = 9
    after = corpus.encode(5000, 20)
    assert set(after.y_train.tolist()) == {0, 1}
    assert not np.array_equal(after.x_train, before.x_train)
