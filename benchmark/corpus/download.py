"""Downloads of IMDB, given up within seconds where there is no network."""

from __future__ import annotations

import threading
from pathlib import Path

from benchmark.corpus.cache import cannot_write
from benchmark.corpus.encoding import Progress
from benchmark.corpus.keras_npz import NPZ_HASH, NPZ_NAME, WORD_INDEX_HASH, WORD_INDEX_NAME

REACH_SECONDS = 3.0  # until a server answers; the look-up of its name and all its addresses included
READ_SECONDS = 30.0  # without a single byte

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
# URL and published hash; the first file of each publication is the one that is read
KERAS_FILES = {
    f"{_KERAS}/{NPZ_NAME}": NPZ_HASH,
    f"{_KERAS}/{WORD_INDEX_NAME}": WORD_INDEX_HASH,
}
STANFORD_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
STANFORD_FILES = {STANFORD_URL: "md5:7c2ac02c03563afcf9b574c7e56c153a"}


class DownloadError(Exception):
    """A file cannot be downloaded; the message is one line."""


def download_imdb(folder: Path, progress: Progress) -> Path:
    """Download Keras's two files, or else Stanford's archive, to `folder`; return the file to read.

    Raises
    ------
    DownloadError
        If neither can be had.
    UserError
        If they cannot be written.
    """
    problems = []
    for files in (KERAS_FILES, STANFORD_FILES):
        try:
            paths = [_retrieve(url, known_hash, folder, progress) for url, known_hash in files.items()]
            return paths[0]
        except DownloadError as error:
            problems.append(str(error))
    raise DownloadError("; ".join(problems))


def _retrieve(url: str, known_hash: str, folder: Path, progress: Progress) -> Path:
    import pooch
    import requests

    name = url.rpartition("/")[2]
    if not (folder / name).is_file():
        _check_reachable(url)
        progress(f"Downloading {url}")
    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(timeout=(REACH_SECONDS, READ_SECONDS))
    try:
        return Path(pooch.retrieve(url, known_hash, fname=name, path=folder, downloader=downloader))
    except requests.RequestException as error:
        raise DownloadError(f"{url}: {type(error).__name__}") from error
    except ValueError as error:
        raise DownloadError(f"{url} does not have its published hash, {known_hash}") from error
    except OSError as error:
        raise cannot_write(folder, error) from error


def _check_reachable(url: str) -> None:
    """Ask for the headers in a thread: no time-out of a request covers the look-up of its name."""
    import requests

    problem = f"no answer within {REACH_SECONDS:g} seconds"

    def ask() -> None:
        nonlocal problem
        try:
            status = requests.head(url, timeout=REACH_SECONDS, allow_redirects=True).status_code
            problem = "" if status < 400 else f"the server answers {status}"
        except requests.RequestException:
            problem = "no connection"

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    if problem:
        raise DownloadError(f"{url}: {problem}")
