"""A part of the training split as the test split."""

from __future__ import annotations

from itertools import compress

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.encoding import RawCorpus, Review
from benchmark.corpus.table import draw_test_split

EVERY = 5  # a fifth of the films


def hold_out(corpus: Corpus) -> RawCorpus:
    """Take a fifth of the films of the training split as the test; the corpus's own test split is not read.

    They are drawn by a fixed seed, stratified by label. Where a corpus has no groups, reviews are drawn one by one.
    """
    facts, train = corpus.facts, corpus.train
    groups = train.groups.tolist() if facts.groups else [None] * len(train)
    texts = train.raw_texts()
    reviews = list(map(Review, texts, train.labels.tolist(), texts.values(), groups))
    is_drawn = draw_test_split(train.labels, train.groups, EVERY)
    unlabelled = []
    if facts.unlabelled_digest:  # as words: those that are left out here are unknown to the smaller vocabulary too
        unlabelled = corpus.texts(corpus.with_unlabelled().train)[len(train) :]
    return RawCorpus(
        train=list(compress(reviews, ~is_drawn)),
        test=list(compress(reviews, is_drawn)),
        labels=facts.labels,
        unlabelled=unlabelled,
        kind=facts.kind,
        held_out=True,
    )
