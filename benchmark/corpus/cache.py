"""The cache folder, and folders in it that are complete or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from benchmark.errors import UserError

CACHE_VARIABLE = "IMDB_BENCHMARK_CACHE"


def cache_folder() -> Path:
    """Return ``$IMDB_BENCHMARK_CACHE``, or this system's folder for the user's caches.

    Holds ``corpora/``, ``downloads/`` and ``pending/`` (trials that MLflow does not have yet).
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("imdb-benchmark")


@contextlib.contextmanager
def complete_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder, and rename it to `folder` where the block ends without an error.

    What was at `folder` before is replaced; where another process was first, its folder stays.

    Raises
    ------
    UserError
        If the cache cannot be written.
    """
    with writing(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)  # damaged, or it would have been opened
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder.parent) as temporary:
            new = Path(temporary, "new")
            new.mkdir()
            yield new
            try:
                new.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Refuse a folder of the cache that the block cannot write."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder} cannot be written ({reason}); set ${CACHE_VARIABLE} to another folder") from error
