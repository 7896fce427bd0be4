from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np
import pytest

from benchmark.corpus.load import load_corpus
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.corpus.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def splits():
    raw = synthetic_corpus()
    return raw.train, raw.test


def test_the_bytes_are_the_same_on_every_machine(splits):
    """Where the grammar was changed on purpose: raise `synthetic.VERSION`, and take the new digest."""
    digest = hashlib.sha256()
    for split in splits:
        for review_id, label, text in zip(split.review_ids, split.labels.tolist(), split.texts, strict=True):
            digest.update(f"{review_id} {label} {text}\n".encode())
    assert digest.hexdigest() == "d3c4efde63326be892855f8079b6492476641fb28b15c5c4d549f8f67b99fb68"


def test_the_corpus_is_the_same_on_every_machine():
    corpus = load_corpus("synthetic")
    facts = corpus.facts
    assert facts.digest == "5967ec68c3d07bb8f744878fe7b68e9f69d425b7b2c7f481ea81298b12526908"
    assert (facts.kind, facts.name, facts.train_reviews, facts.test_reviews) == ("synthetic", "synthetic", 1500, 1500)
    assert "say nothing about IMDB" in facts.source
    assert len(corpus.vocabulary) > 5000  # so that some words are beyond the vocabulary


def test_the_lengths_spread_as_those_of_imdb(splits):
    words = [len(Vocabulary.split(text)) for text in splits[0].texts]
    imdb = [92, 129, 177, 290, 466]  # quantiles of the real training split
    np.testing.assert_allclose(np.quantile(words, [0.1, 0.25, 0.5, 0.75, 0.9]), imdb, rtol=0.1)


def test_it_can_be_learned_but_not_trivially(splits):
    train, test = (
        [(set(Vocabulary.split(text)), label) for text, label in zip(s.texts, s.labels.tolist(), strict=True)]
        for s in splits
    )
    counts = {label: Counter(word for words, y in train if y == label for word in words) for label in (0, 1)}
    weights = {word: math.log((counts[1][word] + 1) / (counts[0][word] + 1)) for word in counts[0] | counts[1]}
    right = [(sum(weights.get(word, 0.0) for word in words) > 0) == bool(label) for words, label in test]
    assert 0.75 < np.mean(right) < 0.95
    best_word = max(abs(weight) for word, weight in weights.items() if counts[0][word] + counts[1][word] > 100)
    assert best_word < math.log(20)  # no single word gives the label away
