"""An archive in Stanford's layout where half of the training films are unlabelled.

    python scripts/hide_labels.py path/to/aclImdb_v1.tar.gz half.tar.gz
    python -m benchmark run --data half.tar.gz --architectures semantic_vectors,semantic_vectors_unlabelled

What the second architecture gains is what the texts without their labels add.
"""

from __future__ import annotations

import re
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmark.corpus.films import films_of


def main(archive: str, half: str) -> None:
    hidden = 0
    with tarfile.open(archive) as source, tarfile.open(half, "w:gz", compresslevel=1) as target:
        reviews = {}
        for member in source.getmembers():
            if match := re.fullmatch(r"aclImdb/((?:train|test)/(?:neg|pos)/\d+)_\d+\.txt", member.name):
                reviews[match[1]] = member
        for film, (review_id, member) in zip(films_of(list(reviews)), reviews.items(), strict=True):
            if review_id.startswith("train") and film % 2:
                member.name = f"aclImdb/train/unsup/{hidden}_0.txt"
                hidden += 1
            target.addfile(member, source.extractfile(member))
    print(f"{half}: {hidden:,} training reviews are without their labels")


if __name__ == "__main__":
    main(*sys.argv[1:])
