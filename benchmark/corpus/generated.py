"""The generated corpus: reviews from a seeded grammar, for a machine that cannot have the real ones.

English-like text with IMDB's class balance and spread of lengths. It shows that the benchmark runs; its accuracies say
nothing about IMDB.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from benchmark.corpus.grammar import (
    COMPLAINING,
    COMPLAINING_VERDICTS,
    PRAISING,
    PRAISING_VERDICTS,
    TELLING,
    Grammar,
)
from benchmark.corpus.reviews import Review

REVIEWS_PER_HALF = 1500
SEED = 2011
VERSION = 2  # raise it with every change of the text, so that no cached corpus of an older grammar is taken

# Words of IMDB's training reviews at each 5% of the reviews, from the shortest to the longest; the last is cut short.
_LENGTHS = (10, 65, 92, 110, 122, 129, 136, 145, 154, 165, 177, 192, 209, 231, 256, 290, 330, 383, 466, 609, 1000)
_OPINIONS = 0.4  # of the sentences
_PARAGRAPHS = 0.12  # of the sentences begin a new one
_EXTRA_WORDS = 15  # that the last sentence and the verdict bring on average
_VERDICTS = 0.7  # of the reviews end with one
_SINCERE_VERDICTS = 0.9  # of the verdicts share the review's label, the others are irony


def generate_corpus(reviews_per_half: int = REVIEWS_PER_HALF, seed: int = SEED) -> tuple[list[Review], list[Review]]:
    """Generate the training and the test half, negative before positive, by ascending id.

    Parameters
    ----------
    reviews_per_half : int
        Even, at least 2: half of them are positive.
    seed : int
        The same seed gives the same bytes on every machine.
    """
    if reviews_per_half < 2 or reviews_per_half % 2:
        raise ValueError(f"reviews_per_half is {reviews_per_half}; it must be even and at least 2")
    grammar = Grammar(seed)
    train, test = (
        [
            Review(f"{half}/{('neg', 'pos')[label]}/{number}", label, _review(grammar, label).encode())
            for label in (0, 1)
            for number in range(reviews_per_half // 2)
        ]
        for half in ("train", "test")
    )
    return train, test


def write_stanford_archive(path: Path, reviews_per_half: int = REVIEWS_PER_HALF, seed: int = SEED) -> Path:
    """Write generated reviews as a ``.tar.gz`` in the layout of Stanford's archive; returns `path`.

    The same arguments give the same reviews on every machine, and the same bytes with the same zlib.
    """
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for half in generate_corpus(reviews_per_half, seed):
            for review in half:
                member = tarfile.TarInfo(f"aclImdb/{review.review_id}_{(2, 9)[review.label]}.txt")
                member.size = len(review.text)
                archive.addfile(member, io.BytesIO(review.text))
    return path


def _review(grammar: Grammar, label: int) -> str:
    agreement = 0.6 + 0.4 * grammar.random()  # how many of its opinions share the review's label
    words_wanted = _length(grammar.random()) - _EXTRA_WORDS
    sentences: list[str] = []
    words = 0
    while not sentences or words < words_wanted:
        templates = TELLING
        if grammar.random() < _OPINIONS:
            templates = PRAISING if (grammar.random() < agreement) == bool(label) else COMPLAINING
        sentence = grammar.sentence(templates)
        words += sentence.count(" ") + 1
        if sentences and grammar.random() < _PARAGRAPHS:
            sentence = f"<br /><br />{sentence}"
        sentences.append(sentence)
    if grammar.random() < _VERDICTS:
        positive = (grammar.random() < _SINCERE_VERDICTS) == bool(label)
        sentences.append(grammar.sentence(PRAISING_VERDICTS if positive else COMPLAINING_VERDICTS))
    return " ".join(sentences)


def _length(fraction: float) -> int:
    position = fraction * (len(_LENGTHS) - 1)
    left = int(position)
    return int(_LENGTHS[left] + (position - left) * (_LENGTHS[left + 1] - _LENGTHS[left]))
