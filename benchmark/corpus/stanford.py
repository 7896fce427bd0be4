"""Stanford's layout, ``train/neg/123_4.txt``, in a folder or an archive."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmark.corpus.progress import Progress
from benchmark.corpus.reviews import Review
from benchmark.errors import UserError

HALVES = ("train", "test")
LABELS = ("neg", "pos")
LARGEST_REVIEW_BYTES = 1_000_000  # the longest of the real ones has 13,704

# Hidden files are skipped; anything else in a label folder has to be a review.
_IN_LABEL_FOLDER = re.compile(r"(?:\./)?(?:[^/]+/)?(train|test)/(neg|pos)/([^/.][^/]*)")
_REVIEW_NAME = re.compile(r"(\d{1,9})_\d+\.txt", re.ASCII)


class ReviewKey(NamedTuple):
    """A review's place in the layout; sorted, they are in the corpus's order: negative first, by ascending id."""

    half: str
    label: str
    number: int

    @property
    def review_id(self) -> str:
        return f"{self.half}/{self.label}/{self.number}"


def review_key(path: str, source: str) -> ReviewKey | None:
    """Read a review's key off its path, or None where the path is not in a label folder.

    Raises
    ------
    UserError
        If the path is in a label folder but not named as reviews are.
    """
    match = _IN_LABEL_FOLDER.fullmatch(path)
    if match is None:
        return None
    half, label, name = match.groups()
    number = _REVIEW_NAME.fullmatch(name)
    if number is None:
        raise UserError(f"{source}: {path!r} is not named like a review, {half}/{label}/123_4.txt")
    return ReviewKey(half, label, int(number[1]))


def arrange(texts: Mapping[ReviewKey, bytes], source: str) -> tuple[list[Review], list[Review]]:
    """Order the reviews of both halves: negative before positive, by ascending id.

    Raises
    ------
    UserError
        If a label folder has no review, or a review is not UTF-8 text.
    """
    found = {(key.half, key.label) for key in texts}
    missing = [f"{half}/{label}" for half in HALVES for label in LABELS if (half, label) not in found]
    if missing:
        raise UserError(
            f"{source} has no reviews in {', '.join(missing)}; it takes Stanford's layout: "
            "train/neg, train/pos, test/neg and test/pos with files like 123_4.txt"
        )
    halves: dict[str, list[Review]] = {half: [] for half in HALVES}
    for key in sorted(texts):
        _check_utf8(texts[key], key, source)
        halves[key.half].append(Review(key.review_id, LABELS.index(key.label), texts[key]))
    return halves["train"], halves["test"]


def read_folder(folder: Path, progress: Progress) -> tuple[list[Review], list[Review]]:
    """Read the reviews of an extracted archive.

    Raises
    ------
    UserError
        If the folder does not hold reviews in Stanford's layout.
    """
    texts: dict[ReviewKey, bytes] = {}
    entries = _list_folder(folder)
    total = sum(entry.stat(follow_symlinks=False).st_size for _, entry in entries)
    done = 0
    for number, (path, entry) in enumerate(entries):
        key = review_key(path, str(folder))
        if key is None:
            continue
        if not entry.is_file(follow_symlinks=False):
            raise UserError(f"{folder}: {path!r} is not a plain file")
        if entry.stat().st_size > LARGEST_REVIEW_BYTES:
            raise UserError(f"{folder}: {path!r} is larger than a review can be, {LARGEST_REVIEW_BYTES:,} bytes")
        add_review(texts, key, Path(entry.path).read_bytes(), str(folder))
        done += len(texts[key])
        if number % 1000 == 0:
            progress(f"reading {folder.name}", done, total)
    progress(f"reading {folder.name}", total, total)
    return arrange(texts, str(folder))


def listing_digest(folder: Path) -> str:
    """Hash the names, sizes and times of change of a folder's reviews, without reading them."""
    digest = hashlib.sha256(f"{folder.resolve()}\n".encode("utf-8", "surrogateescape"))
    for path, entry in _list_folder(folder):
        facts = entry.stat(follow_symlinks=False)
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def add_review(texts: dict[ReviewKey, bytes], key: ReviewKey, text: bytes, source: str) -> None:
    """Add a review's text.

    Raises
    ------
    UserError
        If the review is there already.
    """
    if key in texts:
        raise UserError(f"{source} has two reviews {key.review_id}; each id may be there once")
    texts[key] = text


def _list_folder(folder: Path) -> list[tuple[str, os.DirEntry[str]]]:
    entries = []
    for half in HALVES:
        for label in LABELS:
            place = folder / half / label
            if place.is_dir():
                with os.scandir(place) as scan:
                    entries += [(f"{half}/{label}/{entry.name}", entry) for entry in scan]
    return sorted(entries, key=lambda item: item[0])


def _check_utf8(text: bytes, key: ReviewKey, source: str) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{source}: review {key.review_id} is not UTF-8 text (byte {error.start})") from None
