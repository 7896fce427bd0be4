"""Encode a million made-up reviews of 200 words; print the time and the peak memory.

python -m scripts.million_reviews [REVIEWS]
"""

from __future__ import annotations

import csv
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WORDS_PER_REVIEW = 200
DISTINCT_WORDS = 300_000


def write_reviews(path: Path, reviews: int) -> None:
    """Write reviews of words that are as unequally frequent as those of English (Zipf)."""
    generator = np.random.default_rng(0)
    words = np.array([np.base_repr(number + 1000, 36).lower() for number in range(DISTINCT_WORDS)], object)
    frequency = np.cumsum(1 / (np.arange(DISTINCT_WORDS) + 2.7))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for start in range(0, reviews, 10_000):
            size = (min(10_000, reviews - start), WORDS_PER_REVIEW)
            ranks = np.searchsorted(frequency, generator.random(size) * frequency[-1])
            labels = generator.integers(0, 2, size[0]).tolist()
            writer.writerows(
                (" ".join(row) + ".", label) for row, label in zip(words[ranks].tolist(), labels, strict=True)
            )


def main(reviews: int) -> None:
    from benchmark.corpus.load import load_corpus

    with tempfile.TemporaryDirectory() as folder:
        os.environ["IMDB_BENCHMARK_CACHE"] = folder
        write_reviews(Path(folder, "reviews.csv"), reviews)
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        wall = time.perf_counter()
        corpus = load_corpus(f"{folder}/reviews.csv", on_progress=print)
        seconds, wall_seconds = time.process_time() - start, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{corpus.facts.vocabulary_words:,} words; {wall_seconds:.0f} s, {seconds:.0f} s of processor time")
        print(f"peak memory {peak / 1e6:.2f} GB (writing the reviews took {before / 1e6:.2f} GB)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
