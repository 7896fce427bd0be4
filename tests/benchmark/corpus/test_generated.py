from __future__ import annotations

import hashlib
import math
import tarfile
from collections import Counter

import numpy as np
import pytest

from benchmark.corpus import load_corpus
from benchmark.corpus.generated import generate_corpus, write_stanford_archive
from benchmark.corpus.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def halves():
    return generate_corpus()


def test_the_bytes_are_the_same_on_every_machine(halves):
    """Where the grammar was changed on purpose: raise `generated.VERSION`, and take the new digest."""
    digest = hashlib.sha256()
    for review in [*halves[0], *halves[1]]:
        digest.update(f"{review.review_id} {review.label} ".encode() + review.text + b"\n")
    assert digest.hexdigest() == "d3c4efde63326be892855f8079b6492476641fb28b15c5c4d549f8f67b99fb68"


def test_the_corpus_is_the_same_on_every_machine(cache):
    facts = load_corpus("generated", cache).facts
    assert facts.digest == "5967ec68c3d07bb8f744878fe7b68e9f69d425b7b2c7f481ea81298b12526908"
    assert (facts.train_reviews, facts.test_reviews) == (1500, 1500)


def test_another_seed_gives_other_reviews():
    assert generate_corpus(10, seed=1) != generate_corpus(10, seed=2)


def test_half_of_each_half_is_positive(halves):
    for half in halves:
        assert Counter(review.label for review in half) == {0: 750, 1: 750}


def test_reviews_are_named_and_ordered_as_stanfords(halves):
    train, test = halves
    assert [train[0].review_id, train[-1].review_id] == ["train/neg/0", "train/pos/749"]
    assert [test[0].review_id, test[-1].review_id] == ["test/neg/0", "test/pos/749"]


def test_the_lengths_spread_as_those_of_imdb(halves):
    words = [len(Vocabulary.split(review.text.decode())) for review in halves[0]]
    imdb = [92, 129, 177, 290, 466]  # quantiles of the real training half
    np.testing.assert_allclose(np.quantile(words, [0.1, 0.25, 0.5, 0.75, 0.9]), imdb, rtol=0.1)


def test_the_text_exercises_every_rule_of_encoding(halves, cache):
    text = b" ".join(review.text for review in halves[0]).decode()
    assert all(mark in text for mark in ("<br />", "'", '"', "(", "-"))
    corpus = load_corpus("generated", cache)
    assert len(corpus.vocabulary) > 5000  # so that some words are beyond the vocabulary
    unseen = {word for review in halves[1] for word in Vocabulary.split(review.text.decode())}
    assert not unseen <= set(corpus.vocabulary.words)  # and some are dropped


def test_it_can_be_learned_but_not_trivially(halves):
    train, test = ([(set(Vocabulary.split(r.text.decode())), r.label) for r in half] for half in halves)
    counts = {label: Counter(word for words, y in train if y == label for word in words) for label in (0, 1)}
    weights = {word: math.log((counts[1][word] + 1) / (counts[0][word] + 1)) for word in counts[0] | counts[1]}
    right = [(sum(weights.get(word, 0.0) for word in words) > 0) == bool(label) for words, label in test]
    assert 0.75 < np.mean(right) < 0.95
    best_word = max(abs(weight) for word, weight in weights.items() if counts[0][word] + counts[1][word] > 100)
    assert best_word < math.log(20)  # no single word gives the label away


@pytest.mark.parametrize("reviews", [0, 1, 3, -2])
def test_a_half_that_cannot_be_balanced_is_refused(reviews):
    with pytest.raises(ValueError, match="even and at least 2"):
        generate_corpus(reviews)


def test_the_archive_is_in_stanfords_layout_and_the_same_each_time(tmp_path):
    first, second = (write_stanford_archive(tmp_path / name, 10) for name in ("a.tar.gz", "b.tar.gz"))
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        names = archive.getnames()
    assert len(names) == 20
    assert {"aclImdb/train/neg/0_2.txt", "aclImdb/test/pos/4_9.txt"} <= set(names)
