"""A corpus with a part of its training reviews, drawn by a seed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.cache import complete_folder
from benchmark.corpus.corpus import FACTS_FILE, digest_of, open_corpus, read_facts
from benchmark.corpus.encoding import RawSplit, write_split
from benchmark.errors import UserError


def draw_reviews(folder: Path, reviews: int, seed: int) -> Path:
    """Return the folder of a corpus with fewer training reviews, beside that of the whole; made where it is missing.

    Test split and vocabulary are those of the whole. With one seed, a smaller draw is a part of a larger one.

    Raises
    ------
    UserError
        If the drawn reviews have one label only.
    """
    drawn = folder.with_name(f"{reviews}-with-{seed}-of-{folder.name}")
    if not drawn.is_dir():
        _write(folder, drawn, reviews, seed)
    return drawn


def digest_of_draw(folder: Path, reviews: int, seed: int) -> str:
    """Draw, and return the digest of what is drawn."""
    return read_facts(draw_reviews(folder, reviews, seed)).digest


def draw_groups(groups: NDArray[np.int32], reviews: int, seed: int) -> NDArray[np.bool_]:
    """Draw whole groups at random, up to the one with which the number of reviews is reached.

    NumPy keeps the raw numbers of a generator the same in all versions and on all machines.
    """
    group = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(group)
    order = np.argsort(np.random.Philox(key=seed).random_raw(len(sizes)), kind="stable")
    reached = np.cumsum(sizes[order])
    is_drawn = np.zeros(len(sizes), bool)
    is_drawn[order[reached - sizes[order] < reviews]] = True
    return is_drawn[group]


def _write(folder: Path, drawn: Path, reviews: int, seed: int) -> None:
    corpus = open_corpus(folder)
    groups = corpus.train.groups
    is_drawn = draw_groups(groups, reviews, seed)
    train = RawSplit.of(corpus.train).in_order(np.flatnonzero(is_drawn))
    if train.labels.min() == train.labels.max():
        raise UserError(
            f"--train-reviews: {reviews} reviews drawn with seed {seed} have one label; give a larger number"
        )
    with complete_folder(drawn) as new:
        for path in (corpus.vocabulary_file, *folder.glob("test_*")):
            os.link(path, new / path.name)
        write_split(new, "train", train, groups[is_drawn], corpus.vocabulary)
        facts = corpus.facts.drawn(reviews, seed, digest_of(new, corpus.facts.labels))
        (new / FACTS_FILE).write_text(facts.model_dump_json(indent=2), "utf-8")
