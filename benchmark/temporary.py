"""Temporary files that name the process that made them, so that those of a killed one can be told and removed."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

_NAME = re.compile(r"benchmark-(\d+)-")


def temporary_directory() -> TemporaryDirectory[str]:
    """Make a folder that is gone when its context is left."""
    return TemporaryDirectory(prefix=_prefix())


def temporary_file(suffix: str) -> Path:
    """Make an empty file, which the caller removes."""
    descriptor, path = tempfile.mkstemp(suffix, _prefix())
    os.close(descriptor)
    return Path(path)


def abandoned_temporary_files() -> list[Path]:
    """List the files and folders of this user whose process is gone."""
    return [path for path in sorted(Path(tempfile.gettempdir()).glob("benchmark-*")) if _is_abandoned(path)]


def _is_abandoned(path: Path) -> bool:
    name = _NAME.match(path.name)
    return name is not None and path.lstat().st_uid == os.geteuid() and not psutil.pid_exists(int(name[1]))


def _prefix() -> str:
    return f"benchmark-{os.getpid()}-"
