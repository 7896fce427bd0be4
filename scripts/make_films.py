"""Write benchmark/corpus/films.npz from the lists of addresses in Stanford's archive.

python scripts/make_films.py path/to/aclImdb_v1.tar.gz
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

import numpy as np

FILMS_FILE = Path(__file__).parents[1] / "benchmark" / "corpus" / "films.npz"
FOLDERS = ("train/neg", "train/pos", "test/neg", "test/pos")


def main(archive: str) -> None:
    addresses = {}
    with tarfile.open(archive) as tar:
        for folder in FOLDERS:
            split, label = folder.split("/")
            file = tar.extractfile(f"aclImdb/{split}/urls_{label}.txt")  # line i: the film of review i, from 0 on
            addresses[folder] = file.read().decode("ascii").split()
    films = sorted(set().union(*addresses.values()))
    numbers = {film: number for number, film in enumerate(films)}
    arrays = {folder: np.array([numbers[film] for film in lines], np.int16) for folder, lines in addresses.items()}
    np.savez_compressed(FILMS_FILE, **arrays)
    in_test = len({*addresses["test/neg"], *addresses["test/pos"]})
    print(f"{FILMS_FILE}: {len(films):,} films, {in_test:,} of them in the test split")


if __name__ == "__main__":
    main(sys.argv[1])
