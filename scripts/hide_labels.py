"""An archive in Stanford's layout where half of the training films are unlabelled.

    python scripts/hide_labels.py path/to/aclImdb_v1.tar.gz half.tar.gz
    python -m benchmark run --data half.tar.gz --architectures semantic_vectors,semantic_vectors_unlabelled

What the second architecture gains is what the texts without their labels add.
"""

from __future__ import annotations

import re
import sys
import tarfile


def main(archive: str, half: str) -> None:
    hidden = 0
    with tarfile.open(archive) as source, tarfile.open(half, "w:gz", compresslevel=1) as target:
        reviews = {}
        films: dict[str, list[bytes]] = {}
        for member in source.getmembers():
            if match := re.fullmatch(r"aclImdb/((?:train|test)/(?:neg|pos))/(\d+)_\d+\.txt", member.name):
                reviews[match[1], int(match[2])] = member
            elif match := re.fullmatch(r"aclImdb/(train|test)/urls_(neg|pos)\.txt", member.name):
                films[f"{match[1]}/{match[2]}"] = source.extractfile(member).read().split()
                target.addfile(member, source.extractfile(member))
        every_second = set(sorted({film for names in films.values() for film in names})[1::2])
        for (folder, number), member in reviews.items():
            if folder.startswith("train") and films[folder][number] in every_second:
                member.name = f"aclImdb/train/unsup/{hidden}_0.txt"
                hidden += 1
            target.addfile(member, source.extractfile(member))
    print(f"{half}: {hidden:,} training reviews are without their labels")


if __name__ == "__main__":
    main(*sys.argv[1:])
