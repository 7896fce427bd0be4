"""Training reviews that are drawn with a seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus.corpus import open_corpus
from benchmark.corpus.draw import digest_of_draw, draw_groups, draw_reviews
from tests.support.tiny_corpus import write_tiny_corpus


@pytest.fixture
def folder(tmp_path):
    """300 + 300 reviews, three of each group."""
    return write_tiny_corpus(tmp_path / "whole")


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


def test_the_reviews_are_as_they_were_and_test_split_and_vocabulary_stay(folder):
    whole, drawn = open_corpus(folder), open_corpus(draw_reviews(folder, 30, 7))
    assert len(drawn.train) == 30
    texts, labels = whole.train.raw_texts(), dict(zip(whole.train.review_ids, whole.train.labels, strict=True))
    encoded = dict(zip(whole.train.review_ids, map(tuple, whole.train.rows()), strict=True))
    for review_id, text in drawn.train.raw_texts().items():
        assert texts[review_id] == text
    for review_id, label, ids in zip(drawn.train.review_ids, drawn.train.labels, drawn.train.rows(), strict=True):
        assert (labels[review_id], encoded[review_id]) == (label, tuple(ids))
    assert drawn.test.raw_texts() == whole.test.raw_texts()
    assert drawn.vocabulary.digest == whole.vocabulary.digest


def test_each_draw_has_a_digest_of_its_own_and_is_made_once(folder):
    whole = open_corpus(folder).facts
    digests = {digest_of_draw(folder, reviews, seed) for reviews in (30, 60) for seed in (7, 8)}
    assert len(digests | {whole.digest}) == 5
    drawn = draw_reviews(folder, 30, 7)
    made = drawn.stat().st_mtime_ns
    facts = open_corpus(draw_reviews(folder, 30, 7)).facts
    assert (facts.train_reviews, facts.test_reviews, drawn.stat().st_mtime_ns) == (30, 300, made)
    assert facts.source == "Random words.; 30 of its training reviews, drawn with seed 7"


def test_reviews_of_one_label_are_refused(folder, refusal):
    train = open_corpus(folder).train
    seed = next(seed for seed in range(100) if len(set(train.labels[draw_groups(train.groups, 1, seed)])) == 1)
    message = refusal(draw_reviews, folder, 1, seed)
    assert message == f"--train-reviews: 1 reviews drawn with seed {seed} have one label; give a larger number"
