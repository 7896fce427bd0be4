from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.corpus.corpus import Corpus, open_corpus
from benchmark.corpus.encoding import RawCorpus, RawSplit, encode_corpus, permutations


def raw_split(split: str, *texts: str, groups: np.ndarray | None = None) -> RawSplit:
    """Reviews that are negative and positive in turn."""
    labels = np.arange(len(texts)) % 2
    ids = [f"{split}/{('neg', 'pos')[label]}/{i}" for i, label in enumerate(labels)]
    return RawSplit(labels, ids, texts, groups=groups)


@pytest.fixture
def encode(tmp_path):
    def encode(train: RawSplit, test: RawSplit, name: str = "mine") -> Corpus:
        folder = tmp_path / name
        folder.mkdir()
        encode_corpus(RawCorpus(train, test), folder, "mine", "mine.tar.gz")
        return open_corpus(folder)

    return encode


def test_words_are_ranked_by_their_count_in_the_training_split_then_by_first_appearance(encode):
    corpus = encode(raw_split("train", "late early", "early b a", "a"), raw_split("test", "b b b b new", "b"))
    assert corpus.vocabulary.words == ("early", "a", "late", "b")


def test_labels_names_groups_and_text_keep_to_their_review(encode):
    source = raw_split("train", *(f"word{i} shared" for i in range(9)), groups=np.arange(9, dtype=np.int32) // 2)
    corpus = encode(source, raw_split("test", "shared", "shared", groups=np.array([3, 5], np.int32)))
    order = permutations(9, 2)[0].tolist()
    assert corpus.train.review_ids.tolist() == [source.review_ids[i] for i in order]
    assert corpus.train.labels.tolist() == [source.labels[i] for i in order]
    assert corpus.train.groups.tolist() == [source.groups[i] for i in order]  # numbers in their order
    assert corpus.train.raw_texts() == {source.review_ids[i]: source.texts[i] for i in order}
    assert corpus.facts.groups == 2


def test_test_reviews_that_stand_in_the_training_split_or_repeat_are_counted(encode):
    train = raw_split("train", "good film", "bad film", "bad film")
    facts = encode(train, raw_split("test", "good film", "film good", "bad film", "film good", "bad film")).facts
    assert (facts.test_reviews_in_train, facts.repeated_test_reviews) == (3, 2)


TRAIN, TEST = raw_split("train", "good film", "bad film"), raw_split("test", "film", "film good")


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (raw_split("train", "good film", "good film"), TEST),
        (replace(TRAIN, labels=np.array([1, 0])), TEST),
        (TRAIN, raw_split("test", "bad", "film good")),
        (TRAIN, replace(TEST, labels=np.array([1, 0]))),
        (raw_split("train", "fine film", "bad film"), raw_split("test", "film", "film fine")),  # the same ids
        (TRAIN, raw_split("test", "film!", "film good")),  # the same words
        (TRAIN, replace(TEST, review_ids=["test/a", "test/b"])),
        (replace(TRAIN, groups=np.ones(2, np.int32)), replace(TEST, groups=np.zeros(2, np.int32))),
    ],
    ids=["text", "label", "test text", "test label", "word", "punctuation", "id", "group"],
)
def test_the_digest_changes_with(encode, train, test):
    assert encode(train, test).facts.digest != encode(TRAIN, TEST, "other").facts.digest


@pytest.mark.parametrize(
    ("train", "test", "reason"),
    [
        (replace(TRAIN, labels=np.zeros(2, int)), TEST, "the train split has no review with the label 'positive'"),
        (TRAIN, replace(TEST, labels=np.ones(2, int)), "the test split has no review with the label 'negative'"),
        (raw_split("train", "...", "!"), TEST, "the train split has no word of the training reviews"),
        (TRAIN, raw_split("test", "unseen", "words"), "the test split has no word of the training reviews"),
    ],
)
def test_a_corpus_that_cannot_be_learned_is_refused(encode, refusal, train, test, reason):
    assert reason in refusal(encode, train, test)
