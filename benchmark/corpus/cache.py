"""Encoded corpora on disk: plain arrays in a folder that is complete or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from pydantic import ValidationError

from benchmark.corpus.corpus import VOCABULARY_FILE, Corpus, Half
from benchmark.corpus.reviews import EncodedReviews
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.errors import UserError
from benchmark.results import CorpusFacts

CACHE_VARIABLE = "IMDB_BENCHMARK_CACHE"
FORMAT = 1  # part of every cache folder's name: raise it when what a folder holds, or the encoding, changes

_FACTS_FILE = "corpus.json"
_ABANDONED_SECONDS = 24 * 3600.0


class CacheError(Exception):
    """A cache folder is missing, incomplete or damaged."""


def default_cache_directory() -> Path:
    """``$IMDB_BENCHMARK_CACHE``, or the user's cache folder of this system."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("imdb-benchmark")


def corpus_directory(cache_directory: Path, source: str, key: str) -> Path:
    """Name the folder of a corpus from its source's kind and the hash of the source's content."""
    return cache_directory / "corpora" / f"{source}-{key[:16]}-{FORMAT}"


def write_corpus(directory: Path, facts: CorpusFacts, encoded: EncodedReviews) -> None:
    """Write a corpus to a temporary folder beside `directory`, and move it there in one step.

    Where another process was first, its folder stays and this one is dropped: both hold the same.

    Raises
    ------
    UserError
        If the cache cannot be written.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        for abandoned in abandoned_folders(directory.parent.parent):
            shutil.rmtree(abandoned, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=directory.parent))
        try:
            _write_files(temporary, facts, encoded)
            _move_into_place(temporary, directory)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise cannot_write(directory.parent, error) from error


def open_cached_corpus(directory: Path) -> Corpus:
    """Open a corpus that `load_corpus` has cached; takes milliseconds and reads nothing twice.

    Raises
    ------
    CacheError
        If the folder is not a complete cached corpus.
    """
    directory = Path(directory)
    try:
        index = json.loads((directory / _FACTS_FILE).read_text("utf-8"))
        for name, expected in index["files"].items():
            if (directory / name).stat().st_size != expected["bytes"]:
                raise ValueError(f"{name} does not have the size that it was written with")
        return Corpus(
            facts=CorpusFacts(**index["facts"]),
            vocabulary=Vocabulary.load(directory / VOCABULARY_FILE),
            train=_open_half(directory, "train"),
            test=_open_half(directory, "test"),
            directory=directory,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise CacheError(f"{directory} is not a complete cached corpus: {error}") from error


def verify_cache(directory: Path) -> list[str]:
    """Compare every file of a cached corpus with its hash, and the corpus with its digest.

    Returns
    -------
    list of str
        What is wrong, one line each; empty where all is well.
    """
    try:
        corpus = open_cached_corpus(directory)
    except CacheError as error:
        return [str(error)]
    files = json.loads((directory / _FACTS_FILE).read_text("utf-8"))["files"]
    problems = [
        f"{directory / name} does not have the hash that it was written with"
        for name, expected in files.items()
        if _sha256(directory / name) != expected["sha256"]
    ]
    if EncodedReviews(corpus.vocabulary, corpus.train, corpus.test).digest() != corpus.facts.digest:
        problems.append(f"{directory} does not have the digest that {_FACTS_FILE} gives")
    return problems


def cached_corpora(cache_directory: Path) -> list[Path]:
    """List the folders of the cached corpora, whole or damaged."""
    return sorted(path for path in (cache_directory / "corpora").glob("[!.]*") if path.is_dir())


def abandoned_folders(cache_directory: Path) -> list[Path]:
    """List the folders of corpora whose writing was cut short, a day ago or longer."""
    now = time.time()
    begun = sorted((cache_directory / "corpora").glob(".writing-*"))
    return [path for path in begun if now - path.stat().st_mtime > _ABANDONED_SECONDS]


def _write_files(directory: Path, facts: CorpusFacts, encoded: EncodedReviews) -> None:
    encoded.vocabulary.save(directory / VOCABULARY_FILE)
    for half_name, half in (("train", encoded.train), ("test", encoded.test)):
        for name, array in _arrays(half).items():
            np.save(directory / f"{half_name}_{name}.npy", array, allow_pickle=False)
    files = {path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in sorted(directory.iterdir())}
    index = {"facts": facts.model_dump(), "files": files}
    (directory / _FACTS_FILE).write_text(json.dumps(index, indent=2) + "\n", "utf-8")


def _arrays(half: Half) -> dict[str, Any]:
    return {field.name: getattr(half, field.name) for field in fields(half) if getattr(half, field.name) is not None}


def _open_half(directory: Path, half_name: str) -> Half:
    arrays = {}
    for field in fields(Half):
        path = directory / f"{half_name}_{field.name}.npy"
        if path.exists():  # a corpus may have no text
            arrays[field.name] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return Half(**arrays)


def _move_into_place(temporary: Path, directory: Path) -> None:
    try:
        temporary.rename(directory)
    except OSError:
        if not directory.is_dir():
            raise
        try:
            open_cached_corpus(directory)  # another process was first
        except CacheError:
            directory.rename(temporary.with_name(f"{temporary.name}-damaged"))
            temporary.rename(directory)
            shutil.rmtree(temporary.with_name(f"{temporary.name}-damaged"), ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cannot_write(directory: Path, error: OSError) -> UserError:
    """Say in one line that the cache cannot be written, and how to have it elsewhere."""
    return UserError(
        f"the corpus cannot be kept in {directory} ({error.strerror or error}); set ${CACHE_VARIABLE} to another"
    )
