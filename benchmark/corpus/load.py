"""What ``--data`` means: from a source to a cached corpus."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.corpus import synthetic
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import FACTS_FILE, Corpus, DamagedCorpus, open_corpus
from benchmark.corpus.download import DownloadError, download_imdb
from benchmark.corpus.encoding import SYNTHETIC_NAME, Progress, RawCorpus, encode_corpus
from benchmark.corpus.keras_npz import NPZ_NAME, WORD_INDEX_NAME, read_keras_npz
from benchmark.corpus.stanford import is_stanford_folder, list_folder, read_archive, read_folder
from benchmark.corpus.table import SUFFIXES, check_table, parse_columns, read_table, table_files
from benchmark.errors import UserError

DATA_VARIABLE = "IMDB_DATA"
NAMES = ("auto", "imdb", "synthetic")

FORMAT = 3  # of a cached corpus: raise it with every change of what its folder holds, or of the encoding


@dataclass(frozen=True)
class _Source:
    """A corpus that can be read; refusals begin with `option`, `key` changes with the content."""

    option: str
    layout: str
    key: str
    name: str
    description: str
    read: Callable[[Path, Progress], RawCorpus]  # takes a folder for temporary files


def load_corpus(data: str, *, columns: str | None = None, on_progress: Progress | None = None) -> Corpus:
    """Load the corpus that ``--data`` names, from the cache where it has been read before.

    Parameters
    ----------
    data : str
        ``auto``, ``imdb``, ``synthetic``, or a path: Keras's ``imdb.npz``, an archive or a folder in Stanford's
        layout, a ``.csv``, ``.parquet`` or ``.jsonl`` table, or a folder with a ``train`` and a ``test`` table.
    columns : str, optional
        Other names of a table's columns: ``text=body,label=stars>=4``.
    on_progress : callable, optional
        Called with a line for the user: what is downloaded or read, and that IMDB could not be had.

    Raises
    ------
    UserError
        If there is no such corpus, or it is damaged.
    """
    progress = on_progress or _ignore
    source = _chosen_source(data, columns)
    if source is not None:
        corpus = _load(source, progress)
        if data == "imdb" and corpus.facts.kind != "imdb":
            raise UserError(f"--data imdb: {source.option} is {source.description}, not the whole of IMDB; unset it")
        return corpus
    if cached := _cached_imdb():
        return cached
    try:
        path = download_imdb(cache_folder() / "downloads", progress)
    except DownloadError as error:
        if data == "imdb":
            raise UserError(
                f"--data imdb: it cannot be downloaded ({error}); connect this machine to the network, or give the "
                f"path of {NPZ_NAME} or aclImdb_v1.tar.gz with --data or ${DATA_VARIABLE}, or try --data synthetic"
            ) from None
        progress(f"IMDB cannot be downloaded, so the synthetic corpus is used ({error})")
        return _load(_synthetic(), progress)
    return _load(_source_at(str(path), "--data", None), progress)


def check_data(data: str, columns: str | None = None) -> None:
    """Refuse what `load_corpus` cannot read, as far as a glance at the source shows it.

    Raises
    ------
    UserError
        If ``--data``, or ``$IMDB_DATA`` where that counts, names nothing that can be read, or ``--columns`` does not
        fit the table.
    """
    _chosen_source(data, columns)


def _chosen_source(data: str, columns: str | None) -> _Source | None:
    """Return the source that ``--data`` or the variable names; None where IMDB has to be found."""
    parse_columns(columns)
    if data in ("auto", "imdb") and (path := os.environ.get(DATA_VARIABLE)):
        return _source_at(path, f"${DATA_VARIABLE}", columns)
    if data not in NAMES:
        return _source_at(data, "--data", columns)
    if columns is not None:
        raise UserError(f"--columns is for a table, and --data is {data}; give a {', '.join(SUFFIXES)} file")
    return _synthetic() if data == "synthetic" else None


def _source_at(data: str, option: str, columns: str | None) -> _Source:
    """Find out what a path holds: a table by its name, all else by its content."""
    try:
        path = Path(data).expanduser()
        if path.is_dir():
            source = _folder(path, option, columns)
        elif path.suffix in SUFFIXES and path.is_file():
            source = _table([(None, path)], path, option, columns)
        else:
            source = _archive_or_npz(path, option)
    except FileNotFoundError:
        close = difflib.get_close_matches(data.lower(), NAMES, 1) if option == "--data" else []
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise UserError(f"{option}: there is no file or folder {data!r}{hint}; {_possible(option)}") from None
    except UserError as error:
        raise UserError(f"{option}: {error}") from None
    except (OSError, ValueError, RuntimeError) as error:  # also a NUL in the path, or ~ and an unknown user
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{option}: {data!r} cannot be read ({reason}); {_possible(option)}") from None
    if source is None:
        raise UserError(f"{option}: {data!r} is none of the possible sources; {_possible(option)}")
    if columns is not None and source.layout != "table":
        raise UserError(f"--columns is for a table, and {option} is {source.description}; leave it out")
    return source


def _folder(folder: Path, option: str, columns: str | None) -> _Source | None:
    if is_stanford_folder(folder):
        return _Source(
            option,
            "stanford",
            _stat_key(Path(entry.path) for _, entry in list_folder(folder)),
            _slug(folder.absolute().name),
            f"the folder {folder.absolute().name}, in the layout of Stanford's archive",
            lambda _, progress: read_folder(folder, progress),
        )
    tables = table_files(folder)
    if not any(tables.values()):
        return None
    for split, files in tables.items():
        if not files:
            raise UserError(f"{folder} has no table for the {split} split; name it {split}.csv, .parquet or .jsonl")
    return _table([(split, path) for split, files in tables.items() for path in files], folder, option, columns)


def _table(files: Sequence[tuple[str | None, Path]], path: Path, option: str, columns: str | None) -> _Source:
    parsed = parse_columns(columns)
    for _, file in files:
        check_table(file, parsed)
    return _Source(
        option,
        "table",
        _stat_key((file for _, file in files), columns or ""),
        _slug(path.absolute().stem),
        path.name,
        lambda scratch, progress: read_table(files, parsed, scratch, progress),
    )


def _archive_or_npz(path: Path, option: str) -> _Source | None:
    if path.exists() and not path.is_file():
        return None
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return _Source(
            option,
            "stanford",
            _stat_key([path]),
            _slug(path.name.partition(".")[0]),
            f"the archive {path.name}, in the layout of Stanford's",
            lambda _, progress: read_archive(path, progress),
        )
    if start == b"PK\x03\x04":
        if not path.with_name(WORD_INDEX_NAME).is_file():
            raise UserError(f"{path} needs Keras's {WORD_INDEX_NAME} in the same folder")
        return _Source(
            option,
            "keras",
            _stat_key([path, path.with_name(WORD_INDEX_NAME)]),
            "imdb",
            f"{path.name} and {WORD_INDEX_NAME}, as Keras publishes them",
            lambda _, progress: read_keras_npz(path, progress),
        )
    return None


def _synthetic() -> _Source:
    return _Source(
        "--data",
        SYNTHETIC_NAME,
        f"{synthetic.VERSION}-{synthetic.REVIEWS_PER_SPLIT}-{synthetic.SEED}",
        SYNTHETIC_NAME,
        f"synthetic reviews, made by a grammar (seed {synthetic.SEED}): their accuracies say nothing about IMDB",
        lambda *_: synthetic.synthetic_corpus(),
    )


def _load(source: _Source, progress: Progress) -> Corpus:
    folder = cache_folder() / "corpora" / f"{source.layout}-{source.key}-{FORMAT}"
    try:
        return open_corpus(folder)
    except DamagedCorpus:
        pass
    with complete_folder(folder) as new:
        try:
            encode_corpus(source.read(new, progress), new, source.name, source.description, progress)
        except UserError as error:
            raise UserError(f"{source.option}: {error}") from None
    return open_corpus(folder)


def _cached_imdb() -> Corpus | None:
    """Return the whole of IMDB where it has been read before, from Keras's files first."""
    for facts_file in sorted((cache_folder() / "corpora").glob(f"*-{FORMAT}/{FACTS_FILE}")):
        try:
            if json.loads(facts_file.read_bytes())["kind"] == "imdb":
                return open_corpus(facts_file.parent)
        except (OSError, ValueError, KeyError, TypeError, DamagedCorpus):
            continue
    return None


def _stat_key(paths: Iterable[Path], also: str = "") -> str:
    """Hash the names, sizes and times of change of files, without reading them."""
    digest = hashlib.sha256(f"{also}\n".encode())
    for path in paths:
        facts = path.stat()
        name = os.fsencode(path.absolute())
        digest.update(b"%s %d %d\n" % (name, facts.st_size, facts.st_mtime_ns))
    return digest.hexdigest()[:16]


def _slug(name: str) -> str:
    """Make a part of a model's registered name, never that of a real or synthetic IMDB."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "reviews"
    return f"my-{slug}" if slug in NAMES else slug


def _possible(option: str) -> str:
    names = f"{', '.join(NAMES)}, or " if option == "--data" else ""
    return (
        f"possible are {names}the path of a {', '.join(SUFFIXES)} table, of a folder with a train and a test table, of "
        f"Keras's {NPZ_NAME}, or of Stanford's aclImdb_v1.tar.gz or its folder aclImdb"
    )


def _ignore(line: str) -> None:
    """Show nothing."""
