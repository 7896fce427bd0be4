"""From the archive to arrays: this project's reader and vocabulary against Keras's own Tokenizer doing the same.

Both read the archive, count the words of the training half, and give the padded ids of both halves. The Tokenizer is
the one that Keras still brings for old code, ``tf.keras.preprocessing.text.Tokenizer``; its archive is read with
``tarfile``, review by review.
"""

from __future__ import annotations

import argparse
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmark.corpus import load_corpus
from benchmark.corpus.archive import read_archive
from benchmark.corpus.generated import write_stanford_archive
from benchmark.corpus.progress import no_progress
from benchmark.corpus.reviews import encode_reviews
from benchmark.corpus.stanford import review_key
from benchmark.errors import UserError
from scripts.side_by_side.measuring import Data, Script, alternate, medians, seconds_of, table, with_range

VOCABULARY_SIZE, REVIEW_LENGTH = 5000, 500


def measure(options: argparse.Namespace) -> Data:
    import tensorflow as tf  # before the clocks start

    del tf
    with TemporaryDirectory() as temporary:
        archive = _archive(options, Path(temporary))
        found: dict[str, Data] = {}

        def ours() -> Data:
            def work() -> None:
                encoded = encode_reviews(*read_archive(archive, no_progress))
                x = [half.encode(VOCABULARY_SIZE, REVIEW_LENGTH, None) for half in (encoded.train, encoded.test)]
                found["this project"] = {"words": len(encoded.vocabulary), "known_ids": _known(x)}

            return {"seconds": seconds_of(work)}

        def keras_tokenizer() -> Data:
            def work() -> None:
                words, x = by_keras_tokenizer(archive)
                found["Keras's Tokenizer"] = {"words": words, "known_ids": _known(x)}

            return {"seconds": seconds_of(work)}

        rounds = alternate(options.rounds, {"this project": ours, "Keras's Tokenizer": keras_tokenizer})
        cache = Path(temporary) / "cache"
        first = seconds_of(lambda: load_corpus(str(archive), cache))
        again = [seconds_of(lambda: load_corpus(str(archive), cache)) for _ in range(5)]
        return {
            "archive": archive.name,
            "reviews": load_corpus(str(archive), cache).facts.train_reviews,
            "rounds": rounds,
            "found": found,
            "first_load_seconds": first,
            "cached_load_seconds": again,
        }


def _archive(options: argparse.Namespace, folder: Path) -> Path:
    if options.data.endswith(".gz"):
        return Path(options.data)
    if options.data not in ("auto", "generated"):
        raise UserError(f"--data: {options.data!r} is not an archive; this measures the reading of an aclImdb….tar.gz")
    return write_stanford_archive(folder / "generated.tar.gz", options.generated_reviews)


def by_keras_tokenizer(archive: Path) -> tuple[int, list[Any]]:
    """Give the number of words of the training half, and the padded ids of both halves."""
    import tensorflow as tf
    from keras.utils import pad_sequences

    texts: dict[str, list[str]] = {"train": [], "test": []}
    with tarfile.open(archive, "r:gz") as members:
        for member in members:
            key = review_key(member.name, archive.name) if member.isreg() else None
            if key is not None:
                texts[key.half].append(members.extractfile(member).read().decode())  # type: ignore[union-attr]
    tokenizer = tf.keras.preprocessing.text.Tokenizer(num_words=VOCABULARY_SIZE)
    tokenizer.fit_on_texts(texts["train"])
    sequences = [tokenizer.texts_to_sequences(texts[half]) for half in ("train", "test")]
    return len(tokenizer.word_index), [pad_sequences(rows, maxlen=REVIEW_LENGTH) for rows in sequences]


def _known(halves: list[Any]) -> int:
    return sum(int(np.count_nonzero(x)) for x in halves)


def markdown(data: Data) -> str:
    base = medians(data["rounds"]["Keras's Tokenizer"])["seconds"]
    rows = []
    for name, rounds in data["rounds"].items():
        seconds = [one["seconds"] for one in rounds]
        words = data["found"][name]["words"]
        rows.append([name, with_range(seconds, 1), f"{base / medians(rounds)['seconds']:.1f}", f"{words:,}"])
    cached = with_range([1000 * one for one in data["cached_load_seconds"]], 0)
    return (
        f"{data['archive']}, {data['reviews']:,} training reviews, {len(seconds)} alternating rounds; median and range."
        "\n\n" + table(["archive to padded arrays", "seconds", "times as fast", "words found"], rows) + "\n\n"
        f"`load_corpus`, with hashing and writing the cache: {data['first_load_seconds']:.1f} s the first time; "
        f"then from the cache, the archive's own hash checked: {cached} ms."
    )


SCRIPT = Script(
    name="corpus_encoding",
    title="From the archive to arrays, against Keras's Tokenizer.",
    full={"rounds": 3, "generated_reviews": 25_000},
    quick={"rounds": 1, "generated_reviews": 200},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()
