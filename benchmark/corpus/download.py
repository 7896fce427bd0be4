"""The download of IMDB, resumed where it was cut."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TimeRemainingColumn
from rich.progress import Progress as Bar

from benchmark.corpus.cache import writing

STANFORD_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
STANFORD_HASH = "md5:7c2ac02c03563afcf9b574c7e56c153a"
REACH_SECONDS = 3.0  # until an address of a server answers
READ_SECONDS = 30.0  # without a single byte
CHUNK_BYTES = 1 << 14

Progress = Callable[[str], None]


class DownloadError(Exception):
    """A file cannot be downloaded; the message is one line."""


def download_imdb(folder: Path, progress: Progress, console: Console | None = None) -> Path:
    """Download Stanford's archive to `folder`, where it is not there yet; return its path.

    Parameters
    ----------
    progress : callable
        Called with a line for the user.
    console : rich.console.Console, optional
        A terminal for a bar with the seconds that are left.

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
    part = folder / f"{name}.part"

    def download(url: str, output_file: str, _: object) -> None:
        progress(f"Downloading {url}")
        columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Bar(*columns, console=console, transient=True, disable=not (console and console.is_terminal)) as bar:
            task = bar.add_task("", total=None)
            while not _append(url, part, bar, task):
                pass
        part.replace(output_file)

    pooch.get_logger().setLevel("ERROR")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two processes would write the same part
            try:
                return Path(pooch.retrieve(STANFORD_URL, STANFORD_HASH, name, folder, downloader=download))
            except requests.RequestException as error:
                reason = f"no more of it comes ({type(error).__name__}); the same command goes on where this one ended"
            except ValueError:
                reason = f"what came does not have the published hash, {STANFORD_HASH}, and is removed"
    raise DownloadError(f"{STANFORD_URL}: {reason}")


def _append(url: str, part: Path, bar: Bar, task: TaskID) -> bool:
    """Download what is missing in `part`; return whether that was all of it.

    Raises
    ------
    requests.RequestException
        If the download was cut before a single byte came.
    """
    import requests

    part.touch()
    size = part.stat().st_size
    headers = {"Range": f"bytes={size}-", "Accept-Encoding": "identity"}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=(REACH_SECONDS, READ_SECONDS)) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                return True  # nothing is missing
            answer.raise_for_status()
            is_rest = answer.status_code == requests.codes.partial_content
            with part.open("ab" if is_rest else "wb") as file:
                missing = int(answer.headers.get("Content-Length", 0))
                bar.update(task, completed=file.tell(), total=file.tell() + missing)
                for chunk in answer.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    bar.advance(task, len(chunk))
        return True
    except requests.RequestException:
        if part.stat().st_size <= size:
            raise
        return False
