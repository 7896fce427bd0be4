"""Stanford's ``aclImdb_v1.tar.gz``, read in one pass and never unpacked to disk."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path
from typing import IO

from benchmark.corpus.progress import Progress
from benchmark.corpus.reviews import Review
from benchmark.corpus.stanford import LARGEST_REVIEW_BYTES, ReviewKey, add_review, arrange, review_key
from benchmark.errors import UserError

# The real archive has 100,033 members, the largest of 41 MB, and about 500 MB in all.
LARGEST_MEMBER_BYTES = 100_000_000
MOST_MEMBERS = 500_000
MOST_BYTES = 2_000_000_000

_BLOCK = 512


def read_archive(path: Path, progress: Progress) -> tuple[list[Review], list[Review]]:
    """Read the labelled reviews of an archive in Stanford's layout; other members are passed over.

    Raises
    ------
    UserError
        If the archive is damaged, hostile (links, paths that lead out of it, bombs), or holds something else.
    """
    try:
        with path.open("rb") as file:
            return arrange(_read_texts(file, path, progress), str(path))
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, UnicodeError, ValueError) as error:
        raise UserError(f"{path} is not a whole .tar.gz archive: {error}; get it anew or give another") from None


def _read_texts(file: IO[bytes], path: Path, progress: Progress) -> dict[ReviewKey, bytes]:
    texts: dict[ReviewKey, bytes] = {}
    compressed_bytes = path.stat().st_size
    stream = _BoundedStream(gzip.GzipFile(fileobj=file), path)
    members = 0
    with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]
        while (member := archive.next()) is not None:
            archive.members.clear()  # tarfile would keep all of them
            members += 1
            _refuse_hostile(member, members, path)
            key = review_key(member.name, str(path)) if member.isreg() else None
            if key is not None:
                add_review(texts, key, _read_review(archive, member, path), str(path))
            if members % 1000 == 0:
                progress(f"reading {path.name}", file.tell(), compressed_bytes)
        stream.check_end()
    progress(f"reading {path.name}", compressed_bytes, compressed_bytes)
    return texts


def _refuse_hostile(member: tarfile.TarInfo, members: int, path: Path) -> None:
    reason = ""
    if member.name.startswith("/") or ".." in member.name.split("/"):
        reason = "leads out of the archive"
    elif not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)):
        reason = "is neither a plain file nor a folder"
    elif member.size > LARGEST_MEMBER_BYTES:
        reason = f"is larger than {LARGEST_MEMBER_BYTES:,} bytes"
    elif members > MOST_MEMBERS:
        reason = f"is one more than the {MOST_MEMBERS:,} members that an archive may have"
    if reason:
        raise UserError(f"{path} is refused: its member {member.name[:200]!r} {reason}")


def _read_review(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> bytes:
    if member.size > LARGEST_REVIEW_BYTES:
        raise UserError(f"{path} is refused: {member.name!r} is larger than a review, {LARGEST_REVIEW_BYTES:,} bytes")
    content = archive.extractfile(member)
    assert content is not None, "a regular member has content"
    return content.read()


class _BoundedStream:
    """The decompressed archive for tarfile: forward only, and bounded in each read and in all.

    tarfile reads the long names that an archive may bring into memory before anyone sees the member.
    """

    def __init__(self, raw: gzip.GzipFile, path: Path) -> None:
        self._raw = raw
        self._path = path
        self._position = 0
        self._last_block = b""

    def read(self, size: int) -> bytes:
        if not 0 <= size <= LARGEST_REVIEW_BYTES + _BLOCK:
            raise UserError(f"{self._path} is refused: it holds a header of {size:,} bytes")
        block = self._raw.read(size)
        self._position += len(block)
        if self._position > MOST_BYTES:
            raise UserError(f"{self._path} is refused: it unpacks to more than {MOST_BYTES:,} bytes")
        self._last_block = block
        return block

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        while self._position < position and self.read(min(position - self._position, LARGEST_REVIEW_BYTES)):
            pass

    def check_end(self) -> None:
        """Refuse an archive that tarfile stopped reading before its end mark, as it does at a damaged header."""
        if self._last_block != bytes(_BLOCK):
            raise tarfile.ReadError("it is damaged or cut short")
        while self.read(LARGEST_REVIEW_BYTES):  # up to gzip's own checksum
            pass
