"""What ``--data`` means, and the way from a source to a cached corpus."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmark.config import closest_match
from benchmark.corpus import generated
from benchmark.corpus.archive import read_archive
from benchmark.corpus.cache import CacheError, corpus_directory, open_cached_corpus, write_corpus
from benchmark.corpus.corpus import Corpus
from benchmark.corpus.download import (
    KERAS_NPZ,
    KERAS_WORD_INDEX,
    STANFORD_ARCHIVE,
    Download,
    DownloadError,
    fetch,
    has_known_hash,
)
from benchmark.corpus.keras_npz import NPZ_NAME, WORD_INDEX_NAME, read_keras_npz
from benchmark.corpus.progress import Progress, no_progress
from benchmark.corpus.reviews import EncodedReviews, encode_reviews
from benchmark.corpus.stanford import listing_digest, read_folder
from benchmark.errors import UserError
from benchmark.results import CorpusFacts, CorpusKind

DATA_VARIABLE = "IMDB_DATA"

# The whole labelled half of Stanford's archive, as this package encodes it. Printed by
#   python -m benchmark.corpus path/to/aclImdb_v1.tar.gz
IMDB_DIGEST = "abae9df5eacbcf6b9ee9ca1bf6938a0c7ab90f11db0707b5482ca6dc78581fa6"

_NAMES = ("auto", "imdb", "generated")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """Where IMDB's reviews are published."""

    keras_npz: Download = KERAS_NPZ
    keras_word_index: Download = KERAS_WORD_INDEX
    stanford_archive: Download = STANFORD_ARCHIVE


PUBLISHED = Published()


@dataclass(frozen=True)
class _Source:
    """A corpus that can be read; `key` changes with its content, `kind` is None where only the digest can tell."""

    option: str
    layout: str
    key: str
    description: str
    read: Callable[[], EncodedReviews]
    kind: CorpusKind | None = None


def load_corpus(
    data: str, cache_directory: Path, progress: Progress = no_progress, published: Published = PUBLISHED
) -> Corpus:
    """Load the corpus that ``--data`` names, from the cache where it has been read before.

    Parameters
    ----------
    data : str
        ``auto``, ``imdb``, ``generated``, or the path of an ``imdb.npz``, of an archive in Stanford's layout, or of
        the folder that it unpacks to.
    cache_directory : Path
        See `default_cache_directory`.
    progress : Progress
        Called while something is downloaded or read.
    published : Published
        Where to download from.

    Raises
    ------
    UserError
        If there is no such corpus, or it is damaged.
    """
    match data:
        case "generated":
            return _load(_generated(), cache_directory)
        case "auto" | "imdb":
            return _load_imdb(data, cache_directory, progress, published)
        case _:
            return _load(_at(data, "--data", progress, published), cache_directory)


def check_data(data: str) -> None:
    """Refuse a path that is no corpus, before anything else is done.

    Raises
    ------
    UserError
        If ``--data``, or ``$IMDB_DATA`` where that counts, names nothing that can be read.
    """
    if data in ("auto", "imdb"):
        chosen = os.environ.get(DATA_VARIABLE)
        if chosen:
            _at(chosen, f"${DATA_VARIABLE}", no_progress, PUBLISHED)
    elif data != "generated":
        _at(data, "--data", no_progress, PUBLISHED)


def _load_imdb(data: str, cache_directory: Path, progress: Progress, published: Published) -> Corpus:
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        corpus = _load(_at(chosen, f"${DATA_VARIABLE}", progress, published), cache_directory)
        if data == "imdb" and corpus.facts.kind != "imdb":
            raise UserError(f"--data imdb: ${DATA_VARIABLE} is {chosen!r}, which is not the whole IMDB corpus")
        return corpus
    try:
        path = _published_file(cache_directory / "downloads", progress, published)
    except DownloadError as error:
        if data == "imdb":
            raise UserError(
                f"--data imdb: {error}; connect this machine to the network, or give the path of {NPZ_NAME} or "
                f"{published.stanford_archive.name} as --data or ${DATA_VARIABLE}, or try --data generated"
            ) from None
        _log.warning("%s: the generated corpus is used, not IMDB", error)
        return _load(_generated(), cache_directory)
    return _load(_at(str(path), "--data", progress, published), cache_directory)


def _published_file(downloads: Path, progress: Progress, published: Published) -> Path:
    """Give what was downloaded before; else download Keras's two files; else Stanford's archive."""
    keras = (published.keras_npz, published.keras_word_index)
    if all(has_known_hash(downloads / file.name, file.known_hash) for file in keras):
        return downloads / published.keras_npz.name
    archive = downloads / published.stanford_archive.name
    if has_known_hash(archive, published.stanford_archive.known_hash):
        return archive
    try:
        npz, _ = (fetch(file, downloads, progress) for file in keras)
        return npz
    except DownloadError as keras_error:
        try:
            return fetch(published.stanford_archive, downloads, progress)
        except DownloadError as stanford_error:
            raise DownloadError(f"{keras_error}, and {stanford_error}") from None


def _at(data: str, option: str, progress: Progress, published: Published) -> _Source:
    """Find out what a path holds, by its content."""
    try:
        path = Path(data).expanduser()
        if path.is_dir():
            return _Source(
                option,
                "folder",
                listing_digest(path),
                f"the folder {path.absolute().name}, in the layout of Stanford's archive",
                lambda: encode_reviews(*read_folder(path, progress)),
            )
        start = b"" if path.exists() and not path.is_file() else _first_bytes(path)
        if start[:2] == b"\x1f\x8b":
            return _Source(
                option,
                "archive",
                _sha256(path),
                f"the archive {path.name}, in the layout of Stanford's",
                lambda: encode_reviews(*read_archive(path, progress)),
            )
        if start == b"PK\x03\x04":
            return _keras(path, option, published)
    except FileNotFoundError:
        close = closest_match(data.lower(), _NAMES) if option == "--data" else ""
        raise UserError(f"{option}: there is no file or folder {data!r}{close}; {_possible(option)}") from None
    except (OSError, ValueError, RuntimeError) as error:  # also a NUL in the path, or ~ and an unknown user
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{option}: {data!r} cannot be read ({reason}); {_possible(option)}") from None
    raise UserError(f"{option}: {data!r} is neither an .npz nor a .tar.gz file; {_possible(option)}")


def _possible(option: str) -> str:
    names = f"{', '.join(_NAMES)}, or " if option == "--data" else ""
    return (
        f"possible are {names}the path of Keras's {NPZ_NAME}, of Stanford's {STANFORD_ARCHIVE.name}, "
        "or of the folder aclImdb that it unpacks to"
    )


def _keras(path: Path, option: str, published: Published) -> _Source:
    word_index = path.with_name(WORD_INDEX_NAME)
    if not word_index.is_file():
        raise UserError(f"{option}: {path} needs Keras's {WORD_INDEX_NAME} beside it, in {path.absolute().parent}")
    is_published = has_known_hash(path, published.keras_npz.known_hash) and has_known_hash(
        word_index, published.keras_word_index.known_hash
    )
    return _Source(
        option,
        "keras",
        hashlib.sha256(f"{_sha256(path)} {_sha256(word_index)}".encode()).hexdigest(),
        f"{path.name} and {word_index.name}, in the form of Keras's",
        lambda: read_keras_npz(path, word_index),
        "imdb" if is_published else "custom",
    )


def _generated() -> _Source:
    return _Source(
        "--data",
        "generated",
        f"{generated.VERSION}-{generated.REVIEWS_PER_HALF}-{generated.SEED}",
        f"generated by a seeded grammar (seed {generated.SEED}): not IMDB, its accuracies say nothing about IMDB",
        lambda: encode_reviews(*generated.generate_corpus()),
        "generated",
    )


def _load(source: _Source, cache_directory: Path) -> Corpus:
    directory = corpus_directory(cache_directory, source.layout, source.key)
    try:
        return open_cached_corpus(directory)
    except CacheError:
        pass
    try:
        encoded = source.read()
    except UserError as error:
        raise UserError(f"{source.option}: {error}") from None
    digest = encoded.digest()
    facts = CorpusFacts(
        kind=source.kind or ("imdb" if digest == IMDB_DIGEST else "custom"),
        digest=digest,
        source=source.description,
        train_reviews=len(encoded.train),
        test_reviews=len(encoded.test),
        vocabulary_words=len(encoded.vocabulary),
    )
    write_corpus(directory, facts, encoded)
    return open_cached_corpus(directory)


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
