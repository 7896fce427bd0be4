"""Stanford's layout, ``train/neg/123_4.txt``, in an archive or a folder."""

from __future__ import annotations

import os
import re
import tarfile
import zlib
from pathlib import Path

import numpy as np

from benchmark.corpus.encoding import Progress, RawCorpus, RawSplit
from benchmark.errors import UserError

FOLDERS = ("train/neg", "train/pos", "test/neg", "test/pos")
MAX_REVIEW_BYTES = 1_000_000  # the longest of the real ones has 13,704
MAX_ARCHIVE_BYTES = 2_000_000_000  # unpacked; the real one has about 500 MB
LAYOUT = "train/neg, train/pos, test/neg and test/pos with files like 123_4.txt"

# Hidden files are skipped; anything else in a label folder has to be a review.
_IN_LABEL_FOLDER = re.compile(r"(?:\./)?(?:[^/]+/)?(train/neg|train/pos|test/neg|test/pos)/([^/.][^/]*)")
_REVIEW_NAME = re.compile(r"(\d{1,9})_\d+\.txt", re.ASCII)
_ADDRESSES = re.compile(r"(?:\./)?(?:[^/]+/)?(train|test)/urls_(neg|pos)\.txt")

Texts = dict[str, dict[int, bytes]]  # folder -> number -> text
Films = dict[str, list[str]]  # folder -> film of each number


def read_archive(path: Path, progress: Progress) -> RawCorpus:
    """Read the labelled reviews of a ``.tar.gz`` in one pass, without unpacking it to disk.

    Links, devices and all other members are passed over.

    Raises
    ------
    UserError
        If the archive is damaged, too large, or holds something else.
    """
    progress(f"Reading {path.name}")
    texts: Texts = {folder: {} for folder in FOLDERS}
    films: Films = {}
    unpacked = 0
    try:
        with tarfile.open(path, "r:gz") as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep all of them
                unpacked += member.size
                if unpacked > MAX_ARCHIVE_BYTES:
                    raise UserError(f"{path} unpacks to more than {MAX_ARCHIVE_BYTES:,} bytes")
                if member.isreg() and (place := _IN_LABEL_FOLDER.fullmatch(member.name)):
                    _check_size(path, member.name, member.size)
                    _add(texts, place[1], place[2], archive.extractfile(member).read(), path)  # type: ignore[union-attr]
                elif member.isreg() and (place := _ADDRESSES.fullmatch(member.name)):
                    content = archive.extractfile(member).read()  # type: ignore[union-attr]
                    films[f"{place[1]}/{place[2]}"] = content.decode("utf-8", "replace").splitlines()
            while block := archive.fileobj.read(1 << 20):  # up to gzip's own checksum
                if block.strip(b"\0"):
                    raise tarfile.ReadError("a damaged header")
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise UserError(f"{path} is not a complete .tar.gz archive ({error}); download or copy it again") from None
    return _arrange(texts, films, path)


def read_folder(folder: Path, progress: Progress) -> RawCorpus:
    """Read the reviews of an extracted archive.

    Raises
    ------
    UserError
        If the folder does not hold reviews in Stanford's layout.
    """
    progress(f"Reading {folder.name}")
    texts: Texts = {name: {} for name in FOLDERS}
    for name, entry in list_folder(folder):
        if not entry.is_file(follow_symlinks=False):
            raise UserError(f"{folder}: {name}/{entry.name} is not a plain file")
        _check_size(folder, f"{name}/{entry.name}", entry.stat().st_size)
        _add(texts, name, entry.name, Path(entry.path).read_bytes(), folder)
    films: Films = {}
    for name in FOLDERS:
        split, label = name.split("/")
        addresses = folder / split / f"urls_{label}.txt"
        if addresses.is_file():
            films[name] = addresses.read_text("utf-8", "replace").splitlines()
    return _arrange(texts, films, folder)


def is_stanford_folder(folder: Path) -> bool:
    """Whether the folder has one of Stanford's label folders."""
    return any((folder / name).is_dir() for name in FOLDERS)


def list_folder(folder: Path) -> list[tuple[str, os.DirEntry[str]]]:
    """List the files of the label folders: (``train/neg``, entry), hidden files left out."""
    entries = []
    for name in FOLDERS:
        if (folder / name).is_dir():
            with os.scandir(folder / name) as scan:
                entries += [(name, entry) for entry in scan if not entry.name.startswith(".")]
    return sorted(entries, key=lambda item: (item[0], item[1].name))


def _check_size(source: Path, name: str, size: int) -> None:
    if size > MAX_REVIEW_BYTES:
        raise UserError(f"{source}: {name} is larger than a review can be, {MAX_REVIEW_BYTES:,} bytes")


def _add(texts: Texts, folder: str, name: str, text: bytes, source: Path) -> None:
    number = _REVIEW_NAME.fullmatch(name)
    if number is None:
        raise UserError(f"{source}: {folder}/{name!r} is not named like a review, {folder}/123_4.txt")
    if int(number[1]) in texts[folder]:
        raise UserError(f"{source} has two reviews {folder}/{int(number[1])}; each number may be there once")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{source}: {folder}/{name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    texts[folder][int(number[1])] = text


def _arrange(texts: Texts, films: Films, source: Path) -> RawCorpus:
    """Order the reviews of both splits: negative before positive, by ascending number."""
    missing = [folder for folder in FOLDERS if not texts[folder]]
    if missing:
        raise UserError(f"{source} has no reviews in {', '.join(missing)}; Stanford's layout is {LAYOUT}")
    films_known = all(max(texts[folder]) < len(films.get(folder, ())) for folder in FOLDERS)

    def split(negative: str, positive: str) -> RawSplit:
        keys = [(folder, number) for folder in (negative, positive) for number in sorted(texts[folder])]
        return RawSplit(
            labels=np.array([folder == positive for folder, _ in keys], np.int64),
            review_ids=[f"{folder}/{number}" for folder, number in keys],
            texts=[texts[folder][number] for folder, number in keys],
            groups=[films[folder][number] for folder, number in keys] if films_known else None,
        )

    return RawCorpus(split("train/neg", "train/pos"), split("test/neg", "test/pos"))
