"""The cache folder, and folders in it that are complete or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from benchmark.errors import UserError

CACHE_VARIABLE = "IMDB_BENCHMARK_CACHE"
_ABANDONED_SECONDS = 24 * 3600.0


def cache_folder() -> Path:
    """Return ``$IMDB_BENCHMARK_CACHE``, or this system's folder for the user's caches.

    Holds ``corpora/``, ``downloads/`` and ``pending/`` (trials that MLflow does not have yet).
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("imdb-benchmark")


@contextmanager
def complete_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder, and rename it to `folder` where the block ends without an error.

    What was at `folder` before is replaced; where another process was first, its folder stays. A block that was killed
    leaves its temporary folder, which is removed a day later.

    Raises
    ------
    UserError
        If the cache cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for old in folder.parent.glob(".writing-*"):
            if time.time() - old.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        try:
            is_damaged = folder.exists()
            (temporary / "new").mkdir()
            yield temporary / "new"
            if is_damaged:
                folder.rename(temporary / "old")
            try:
                (temporary / "new").rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise cannot_write(folder.parent, error) from error


def cannot_write(folder: Path, error: OSError) -> UserError:
    """Return the refusal of a folder that cannot be written."""
    reason = error.strerror or error
    return UserError(f"{folder} cannot be written ({reason}); set ${CACHE_VARIABLE} to another folder")
