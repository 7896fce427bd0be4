"""A trial's files as bytes, to send them from one machine to another."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from benchmark.results import RESULT_FILE, TrialResult


def read_files(directory: Path) -> dict[str, bytes]:
    """Read every file below `directory`, by relative path, but the result, which travels by itself."""
    paths = (path for path in sorted(directory.rglob("*")) if path.is_file() and path.name != RESULT_FILE)
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def write_files(directory: Path, files: Mapping[str, bytes], result: TrialResult) -> None:
    """Write what `read_files` gave, and the result last, so that a folder with a result is whole.

    Raises
    ------
    ValueError
        If a name leads out of the directory; nothing is written then.
    """
    for name in files:
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"a worker sent a file named {name!r}, which leads out of its trial's folder")
    shutil.rmtree(directory, ignore_errors=True)  # what an attempt left that was killed
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (directory / RESULT_FILE).write_text(result.model_dump_json(indent=2))
