"""A part of the training split as the test split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.encoding import RawCorpus, RawSplit
from benchmark.corpus.table import draw_test_split

EVERY = 5  # a fifth of the films


def hold_out(corpus: Corpus) -> RawCorpus:
    """Take a fifth of the films of the training split as the test; the corpus's own test split is not read.

    They are drawn by a fixed seed, stratified by label. Where a corpus has no groups, reviews are drawn one by one.
    """
    facts, train = corpus.facts, corpus.train
    whole = RawSplit.of(train)
    is_drawn = draw_test_split(train.labels, train.groups, EVERY)
    if not facts.groups:
        whole = replace(whole, groups=None)
    unlabelled = []
    if facts.unlabelled_digest:  # as words: those that are left out here are unknown to the smaller vocabulary too
        unlabelled = corpus.with_unlabelled().texts("train")[len(train) :]
    return RawCorpus(
        train=whole.in_order(np.flatnonzero(~is_drawn)),
        test=whole.in_order(np.flatnonzero(is_drawn)),
        labels=facts.labels,
        unlabelled=unlabelled,
        held_out_of=facts.kind,
    )
