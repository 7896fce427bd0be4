"""A corpus of random words in which a few give the label away: learnable in seconds, and padded like real reviews."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from benchmark.corpus.corpus import FACTS_FILE, VOCABULARY_FILE, Split, array_file
from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.vocabulary import FIRST_WORD_ID, START_ID, Vocabulary

VOCABULARY_SIZE = 200
MAX_LENGTH = 40


def write_tiny_corpus(folder: Path, reviews: int = 300, seed: int = 0) -> Path:
    """Write a corpus folder as the cache has them, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, number in (("train", seed), ("test", seed + 1)):
        for field in dataclasses.fields(Split):
            array = getattr(_split(name, reviews, number), field.name)
            if array is not None:
                np.save(array_file(folder, name, field.name), array)
    vocabulary = Vocabulary(f"word{number}" for number in range(VOCABULARY_SIZE - FIRST_WORD_ID))
    vocabulary.save(folder / VOCABULARY_FILE)
    facts = CorpusFacts(
        kind="synthetic",
        name="synthetic",
        digest=f"{reviews:032}{seed:032}",
        source="Random words.",
        train_reviews=reviews,
        test_reviews=reviews,
        vocabulary_words=len(vocabulary),
    )
    (folder / FACTS_FILE).write_text(facts.model_dump_json())
    return folder


def _split(name: str, reviews: int, seed: int) -> Split:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, reviews)
    rows = []
    for label in labels:
        words = generator.integers(FIRST_WORD_ID + 2, VOCABULARY_SIZE, generator.integers(1, MAX_LENGTH + 10))
        words[generator.random(len(words)) < 0.3] = FIRST_WORD_ID + label
        rows.append([START_ID, *words])
    return Split(
        ids=np.concatenate(rows).astype(np.int32),
        offsets=np.cumsum([0, *map(len, rows)]),
        labels=labels,
        review_ids=np.array([f"{name}/{number}" for number in range(reviews)]),
        groups=np.arange(reviews, dtype=np.int32) // 3,
        in_train=generator.random(reviews) < 0.1,
        repeated=generator.random(reviews) < 0.1,
    )
