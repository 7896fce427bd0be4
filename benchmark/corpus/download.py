"""Downloads with published hashes, that go on where an interrupted one stopped."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.corpus.cache import cannot_write
from benchmark.corpus.keras_npz import NPZ_NAME, WORD_INDEX_NAME
from benchmark.corpus.progress import Progress

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0  # without a single byte
_CHUNK_BYTES = 1 << 18


class DownloadError(Exception):
    """A file cannot be had; the message is one line."""


@dataclass(frozen=True)
class Download:
    """A published file; `known_hash` is ``algorithm:hex digits``."""

    name: str
    url: str
    known_hash: str


_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"

KERAS_NPZ = Download(
    NPZ_NAME, f"{_KERAS}/imdb.npz", "sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
)
KERAS_WORD_INDEX = Download(WORD_INDEX_NAME, f"{_KERAS}/imdb_word_index.json", "md5:bfafd718b763782e994055a2d397834f")
STANFORD_ARCHIVE = Download(
    "aclImdb_v1.tar.gz",
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "md5:7c2ac02c03563afcf9b574c7e56c153a",
)


def has_known_hash(path: Path, known_hash: str) -> bool:
    """Whether the file is there, whole and as published."""
    if not path.is_file():
        return False
    algorithm, _, expected = known_hash.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == expected


def fetch(download: Download, directory: Path, progress: Progress) -> Path:
    """Give the file in `directory`, downloading it where it is not there with its published hash.

    Raises
    ------
    DownloadError
        If it cannot be had, or what came does not have the published hash. What came of an interrupted download is
        kept for the next call; what has a wrong hash is not.
    UserError
        If it cannot be written.
    """
    import requests

    partial = directory / f"{download.name}.part"
    continued = partial.exists()
    try:
        with _one_at_a_time(directory):
            try:
                return _retrieve(download, partial, progress)
            except ValueError as error:
                if isinstance(error, requests.RequestException) or not continued:
                    raise
                return _retrieve(download, partial, progress)  # what was there is of another version: from nothing
    except requests.RequestException as error:
        raise DownloadError(f"{download.url} cannot be had ({_reason(error)})") from error
    except ValueError as error:
        raise DownloadError(f"{download.url} does not have its published hash, {download.known_hash}") from error
    except OSError as error:
        raise cannot_write(directory, error) from error


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    """Let others wait: who comes second finds the file there."""
    directory.mkdir(parents=True, exist_ok=True)
    folder = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _retrieve(download: Download, partial: Path, progress: Progress) -> Path:
    import pooch

    pooch.get_logger().setLevel("ERROR")  # the progress tells what is being done
    downloader = _Resuming(partial, download.name, progress)
    return Path(
        pooch.retrieve(
            download.url, download.known_hash, fname=download.name, path=partial.parent, downloader=downloader
        )
    )


class _Resuming:
    """Downloads to a partial file that outlives an interruption; pooch checks the hash and moves the whole one."""

    def __init__(self, partial: Path, name: str, progress: Progress) -> None:
        self._partial = partial
        self._name = name
        self._progress = progress

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests

        start = self._partial.stat().st_size if self._partial.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
            if start and response.status_code == requests.codes.requested_range_not_satisfiable:
                os.replace(self._partial, output_file)  # it is whole, or the hash will say that it is not
                return
            response.raise_for_status()
            if response.status_code != requests.codes.partial_content:
                start = 0
            self._write(response, start)
        os.replace(self._partial, output_file)

    def _write(self, response: Any, start: int) -> None:
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else 0
        with open(os.open(self._partial, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            file.seek(start)
            for chunk in response.iter_content(_CHUNK_BYTES):
                file.write(chunk)
                self._progress(f"downloading {self._name}", file.tell(), total)
            file.truncate()


def _reason(error: Exception) -> str:
    """The innermost cause in few words: requests wraps a refused connection in three layers of text."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server says {error.response.status_code}"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS:g} seconds"
    if isinstance(error, requests.ConnectionError) and not isinstance(error, requests.Timeout):
        return "no connection"
    return type(error).__name__
