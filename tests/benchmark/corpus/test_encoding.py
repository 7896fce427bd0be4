from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmark.corpus.corpus import Corpus, open_corpus
from benchmark.corpus.encoding import RawCorpus, Review, encode_corpus


def reviews(split: str, *texts: str, groups: Sequence[int] | None = None) -> list[Review]:
    """Reviews that are negative and positive in turn."""
    groups = groups or [None] * len(texts)
    ids = [f"{split}/{('neg', 'pos')[i % 2]}/{i}" for i in range(len(texts))]
    return [Review(ids[i], i % 2, text, groups[i]) for i, text in enumerate(texts)]


def changed(split: list[Review], field: str, *values: object) -> list[Review]:
    return [review._replace(**{field: value}) for review, value in zip(split, values, strict=True)]


@pytest.fixture
def encode(tmp_path):
    def encode(train: list[Review], test: list[Review], name: str = "mine") -> Corpus:
        folder = tmp_path / name
        folder.mkdir()
        encode_corpus(RawCorpus(train, test), folder, "mine", "mine.tar.gz")
        return open_corpus(folder)

    return encode


def test_words_are_ranked_by_their_count_in_the_training_split_then_by_first_appearance(encode):
    corpus = encode(reviews("train", "late early", "early b a", "a"), reviews("test", "b b b b new", "b"))
    assert corpus.vocabulary.words == ("early", "a", "late", "b")


def test_labels_names_groups_and_text_keep_to_their_review_in_the_order_of_keras(encode):
    source = reviews("train", *(f"word{i} shared" for i in range(9)), groups=[i // 2 for i in range(9)])
    corpus = encode(source, reviews("test", "shared", "shared", groups=[3, 5]))
    in_order = [source[place] for place in np.random.RandomState(113).permutation(9)]
    columns = (corpus.train.labels.tolist(), corpus.train.raw_texts().values(), corpus.train.groups.tolist())
    assert (
        list(map(Review, corpus.train.review_ids.tolist(), *columns)) == in_order
    )  # groups are numbers in their order
    assert corpus.facts.groups == 2


def test_test_reviews_that_stand_in_the_training_split_or_repeat_are_counted(encode):
    train = reviews("train", "good film", "bad film", "bad film")
    facts = encode(train, reviews("test", "good film", "film good", "bad film", "film good", "bad film")).facts
    assert (facts.test_reviews_in_train, facts.repeated_test_reviews) == (3, 2)


TRAIN, TEST = reviews("train", "good film", "bad film"), reviews("test", "film", "film good")


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (reviews("train", "good film", "good film"), TEST),
        (changed(TRAIN, "label", 1, 0), TEST),
        (TRAIN, reviews("test", "bad", "film good")),
        (TRAIN, changed(TEST, "label", 1, 0)),
        (reviews("train", "fine film", "bad film"), reviews("test", "film", "film fine")),  # the same ids
        (TRAIN, reviews("test", "film!", "film good")),  # the same words
        (TRAIN, changed(TEST, "review_id", "test/a", "test/b")),
        (changed(TRAIN, "group", 1, 1), changed(TEST, "group", 0, 0)),
    ],
    ids=["text", "label", "test text", "test label", "word", "punctuation", "id", "group"],
)
def test_the_digest_changes_with(encode, train, test):
    assert encode(train, test).facts.digest != encode(TRAIN, TEST, "other").facts.digest


@pytest.mark.parametrize(
    ("train", "test", "reason"),
    [
        (changed(TRAIN, "label", 0, 0), TEST, "the train split has no review with the label 'positive'"),
        (TRAIN, changed(TEST, "label", 1, 1), "the test split has no review with the label 'negative'"),
        (reviews("train", "...", "!"), TEST, "the train split has no word of the training reviews"),
        (TRAIN, reviews("test", "unseen", "words"), "the test split has no word of the training reviews"),
    ],
)
def test_a_corpus_that_cannot_be_learned_is_refused(encode, refusal, train, test, reason):
    assert reason in refusal(encode, train, test)
