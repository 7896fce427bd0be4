"""A corpus of random words in which a few give the label away: learnable in seconds, and padded like real reviews."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.corpus.encoding import RawCorpus, Review, encode_corpus

VOCABULARY_SIZE = 200
MAX_LENGTH = 40


def write_tiny_corpus(folder: Path, reviews: int = 300, seed: int = 0) -> Path:
    """Write a corpus folder as the cache has them, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = RawCorpus(_split("train", reviews, seed), _split("test", reviews, seed + 1), kind="synthetic")
    encode_corpus(raw, folder, "synthetic", "Random words.")
    return folder


def _split(name: str, reviews: int, seed: int) -> list[Review]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, reviews)
    texts = []
    for label in labels:
        words = generator.integers(2, VOCABULARY_SIZE, generator.integers(1, MAX_LENGTH + 10))
        words[generator.random(len(words)) < 0.3] = label
        texts.append(" ".join(f"word{number}" for number in words))
    texts[:10] = [f"word{label}" for label in labels[:10]]  # repeated, and in both splits
    split = []
    for number, (label, text) in enumerate(zip(labels.tolist(), texts, strict=True)):
        split.append(Review(f"{name}/{number}", label, text, number // 3))
    return split
