"""Stanford's layout, ``train/neg/123_4.txt``, in an archive or a folder."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from benchmark.corpus.encoding import RawCorpus, Review
from benchmark.errors import UserError

FOLDERS = ("train/neg", "train/pos", "test/neg", "test/pos")
UNLABELLED = "train/unsup"

_REVIEW_NAME = re.compile(r"(\d{1,9})_\d+\.txt", re.ASCII)


def read_archive(path: Path) -> RawCorpus:
    """Read the reviews of a ``.tar.gz`` in one pass; nothing of it is written to disk.

    Links, devices and all other members are skipped.

    Raises
    ------
    UserError
        If the archive is damaged, or holds something else.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            raw = _arrange(_members(archive), path)
            while archive.fileobj.read(1 << 20):  # up to gzip's own checksum
                pass
            return raw
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} is not a complete .tar.gz archive ({error}); download or copy it again") from None


def read_folder(folder: Path) -> RawCorpus:
    """Read the reviews of an extracted archive.

    Raises
    ------
    UserError
        If the folder does not hold reviews in Stanford's layout.
    """
    return _arrange(((path, path.read_bytes()) for path in list_folder(folder)), folder)


def list_folder(folder: Path) -> list[Path]:
    """List the files of reviews and of films, hidden ones left out; none where the folder has another layout."""
    return sorted([*folder.glob("t*/[npu]*/[!.]*"), *folder.glob("t*/urls_[np]*.txt")])


def _members(archive: tarfile.TarFile) -> Iterator[tuple[PurePath, bytes]]:
    for member in archive:
        path = PurePosixPath(member.name)
        content = archive.extractfile(member) if member.isreg() else None
        if content and not path.name.startswith("."):
            yield path, content.read()


def _arrange(files: Iterable[tuple[PurePath, bytes]], source: Path) -> RawCorpus:
    """Order the reviews of both splits: negative before positive, by ascending number."""
    texts: dict[str, dict[int, str]] = {folder: {} for folder in (*FOLDERS, UNLABELLED)}
    films: dict[str, list[bytes]] = {}
    for path, content in files:
        folder, name = "/".join(path.parts[-3:-1]), path.name
        if name in ("urls_neg.txt", "urls_pos.txt"):
            films[f"{path.parent.name}/{name[5:8]}"] = content.split()
            continue
        if folder not in texts:
            continue
        match = _REVIEW_NAME.fullmatch(name)
        if match is None:
            raise UserError(f"{source}: {folder}/{name!r} is not named like a review, {folder}/123_4.txt")
        number = int(match[1])
        if number in texts[folder]:
            raise UserError(f"{source} has two reviews {folder}/{number}; each number may be there once")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"{source}: {folder}/{name} is not UTF-8 text (byte {error.start}); save it as UTF-8"
            raise UserError(message) from None
        if not text.strip():
            raise UserError(f"{source}: {folder}/{name} is empty; remove it")
        texts[folder][number] = text
    # Line i of a list of addresses is the film of review i
    has_films = True
    for folder in FOLDERS:
        if not texts[folder]:
            raise UserError(
                f"{source} has no reviews in {folder}; Stanford's layout is train/neg, train/pos, test/neg and "
                "test/pos with files like 123_4.txt"
            )
        has_films = has_films and len(films.get(folder, ())) > max(texts[folder])

    reviews: dict[str, list[Review]] = {"train": [], "test": []}
    for folder in FOLDERS:
        split, label = folder.split("/")
        for number, text in sorted(texts[folder].items()):
            film = films[folder][number] if has_films else None
            reviews[split].append(Review(f"{folder}/{number}", int(label == "pos"), text, film))
    unlabelled = [text for _, text in sorted(texts[UNLABELLED].items())]
    return RawCorpus(reviews["train"], reviews["test"], unlabelled=unlabelled)
