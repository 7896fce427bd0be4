"""Downloads of IMDB, given up within seconds where there is no network."""

from __future__ import annotations

import threading
from pathlib import Path

from benchmark.corpus.cache import cannot_write
from benchmark.corpus.encoding import Progress

REACH_SECONDS = 3.0  # until a server answers; the look-up of its name and all its addresses included
READ_SECONDS = 30.0  # without a single byte

STANFORD_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
STANFORD_HASH = "md5:7c2ac02c03563afcf9b574c7e56c153a"


class DownloadError(Exception):
    """A file cannot be downloaded; the message is one line."""


def download_imdb(folder: Path, progress: Progress) -> Path:
    """Download Stanford's archive to `folder`, where it is not there yet; return its path.

    Raises
    ------
    DownloadError
        If it cannot be had.
    UserError
        If it cannot be written.
    """
    import pooch
    import requests

    name = STANFORD_URL.rpartition("/")[2]
    if not (folder / name).is_file():
        _check_reachable(STANFORD_URL)
        progress(f"Downloading {STANFORD_URL}")
    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(timeout=(REACH_SECONDS, READ_SECONDS))
    try:
        return Path(pooch.retrieve(STANFORD_URL, STANFORD_HASH, fname=name, path=folder, downloader=downloader))
    except requests.RequestException as error:
        raise DownloadError(f"{STANFORD_URL}: {type(error).__name__}") from error
    except ValueError as error:
        raise DownloadError(f"{STANFORD_URL} does not have its published hash, {STANFORD_HASH}") from error
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
