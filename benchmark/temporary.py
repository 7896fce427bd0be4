"""Temporary files that a lock marks as in use, so that those of a killed process can be told and removed.

The number of a process would not tell: it comes round again, and in another container that shares the folder it means
another process. A lock is gone with the process that holds it, wherever that runs.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_NAME = re.compile(r"benchmark-\d+-")
_SECONDS_TO_LOCK = 60.0  # a new file has no lock yet


@contextmanager
def temporary_directory() -> Iterator[str]:
    """Make a folder that is gone when its context is left."""
    with TemporaryDirectory(prefix=_prefix()) as directory, _locked(directory):
        yield directory


@contextmanager
def temporary_file(suffix: str) -> Iterator[Path]:
    """Make an empty file that is gone when its context is left."""
    descriptor, name = tempfile.mkstemp(suffix, _prefix())
    os.close(descriptor)
    path = Path(name)
    try:
        with _locked(name):
            yield path
    finally:
        path.unlink(missing_ok=True)


def abandoned_temporary_files() -> list[Path]:
    """List the files and folders of this user that no process holds any more."""
    return [path for path in sorted(Path(tempfile.gettempdir()).glob("benchmark-*")) if _is_abandoned(path)]


def _is_abandoned(path: Path) -> bool:
    try:
        facts = path.lstat()
        if not _NAME.match(path.name) or facts.st_uid != os.geteuid() or path.is_symlink():
            return False
        return time.time() - facts.st_mtime > _SECONDS_TO_LOCK and not _is_locked(path)
    except OSError:
        return False  # it has just gone, or no lock can be asked for here


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _locked(path: str) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks, where the doctor cannot ask for one either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _prefix() -> str:
    return f"benchmark-{os.getpid()}-"
