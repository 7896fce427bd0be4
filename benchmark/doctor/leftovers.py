"""What lies on this machine's disk and should not: damaged corpora, files of processes that were killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from benchmark.corpus import cached_corpora, verify_cache
from benchmark.corpus.cache import abandoned_folders
from benchmark.doctor.finding import Finding
from benchmark.temporary import abandoned_temporary_files


def corpus_findings(cache_directory: Path) -> list[Finding]:
    """Tell the cached corpora that are not what was written; reads every byte of them."""
    return [
        Finding("; ".join(problems), "remove it: it is read again when it is needed", partial(remove, directory))
        for directory in cached_corpora(cache_directory)
        if (problems := verify_cache(directory))
    ]


def temporary_findings(cache_directory: Path) -> list[Finding]:
    """Tell the temporary files of processes that are gone."""
    abandoned = [*abandoned_folders(cache_directory), *abandoned_temporary_files()]
    if not abandoned:
        return []
    count = f"{len(abandoned)} temporary file{'s' if len(abandoned) > 1 else ''}"
    example = "" if len(abandoned) == 1 else ", for example"
    return [
        Finding(
            f"{count} left by processes that were killed{example}: {abandoned[0]}",
            "remove them",
            partial(_remove_all, abandoned),
        )
    ]


def remove(path: Path) -> None:
    """Remove a file or a folder; one that is gone by now is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_all(paths: Iterable[Path]) -> None:
    for path in paths:
        remove(path)
