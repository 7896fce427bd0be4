from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus.reviews import Review, encode_reviews, permutations
from benchmark.corpus.vocabulary import Vocabulary


def reviews(half: str, *texts: str) -> list[Review]:
    return [Review(f"{half}/neg/{i}", i % 2, text.encode()) for i, text in enumerate(texts)]


def rows(half) -> dict[str, list[int]]:
    return {
        review_id: half.ids[start:stop].tolist()
        for review_id, start, stop in zip(half.review_ids.tolist(), half.offsets, half.offsets[1:], strict=False)
    }


def test_words_are_ranked_by_their_count_in_the_training_half_then_by_first_appearance():
    encoded = encode_reviews(reviews("train", "late early", "early b a", "a"), reviews("test", "b b b b new"))
    assert encoded.vocabulary.words == ("early", "a", "late", "b")


def test_words_that_only_the_test_half_has_are_dropped():
    encoded = encode_reviews(reviews("train", "good bad"), reviews("test", "good unseen bad"))
    assert rows(encoded.test) == {"test/neg/0": [1, 4, 5]}


def test_reviews_are_permuted_as_keras_permutes_its_file():
    state = np.random.RandomState(113)
    train, test = np.arange(50), np.arange(30)
    state.shuffle(train)
    state.shuffle(test)
    given_train, given_test = permutations(50, 30)
    assert given_train.tolist() == train.tolist()
    assert given_test.tolist() == test.tolist()


def test_labels_names_and_text_keep_to_their_review():
    source = reviews("train", *(f"word{i} shared" for i in range(9)))
    half = encode_reviews(source, reviews("test", "shared")).train
    assert half.review_ids.tolist() == [source[i].review_id for i in permutations(9, 1)[0]]
    for position, review_id in enumerate(half.review_ids.tolist()):
        review = next(r for r in source if r.review_id == review_id)
        assert half.labels[position] == review.label
        assert half.text[half.text_offsets[position] : half.text_offsets[position + 1]].tobytes() == review.text


@given(
    st.lists(st.text(st.sampled_from("aB é-\n'")), min_size=1, max_size=6),
    st.lists(st.text(st.sampled_from("aBc é-\n'")), min_size=1, max_size=6),
)
def test_the_corpus_is_encoded_as_its_vocabulary_encodes_text(train, test):
    encoded = encode_reviews(reviews("train", *train), reviews("test", *test))
    for name, half, texts in (("train", encoded.train, train), ("test", encoded.test, test)):
        assert rows(half) == {f"{name}/neg/{i}": encoded.vocabulary.ids(text) for i, text in enumerate(texts)}


def test_words_are_ranked_by_their_count_and_equally_frequent_ones_keep_their_order():
    texts = ["b c a", "c a", "a d"]
    assert encode_reviews(reviews("train", *texts), reviews("test", "d")).vocabulary == Vocabulary("acbd")


TRAIN, TEST = reviews("train", "good film", "bad film"), reviews("test", "film")


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (reviews("train", "good film", "good film"), TEST),
        ([TRAIN[0], replace(TRAIN[1], label=0)], TEST),
        (TRAIN, reviews("test", "bad")),
        (TRAIN, [replace(TEST[0], label=1)]),
        (reviews("train", "fine film", "bad film"), TEST),  # the same ids, another word
    ],
    ids=["text", "label", "test text", "test label", "word"],
)
def test_the_digest_changes_with(train, test):
    assert encode_reviews(train, test).digest() != encode_reviews(TRAIN, TEST).digest()


def test_the_digest_does_not_depend_on_names():
    renamed = [replace(review, review_id=f"train/{i}") for i, review in enumerate(TRAIN)]
    assert encode_reviews(renamed, TEST).digest() == encode_reviews(TRAIN, TEST).digest()
