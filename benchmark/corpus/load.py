"""What ``--data`` means: from a source to a cached corpus."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmark.corpus import encoding
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import Corpus, open_corpus, read_facts
from benchmark.corpus.download import DownloadError, Progress, download_imdb
from benchmark.corpus.encoding import RawCorpus, encode_corpus
from benchmark.corpus.held_out import hold_out
from benchmark.corpus.stanford import list_folder, read_archive, read_folder
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.corpus.table import SUFFIXES, find_tables, parse_columns, read_table
from benchmark.errors import UserError

DATA_VARIABLE = "IMDB_DATA"
NAMES = ("auto", "imdb", "synthetic")

# Of a cached corpus: raise it with every change of what its folder holds, of the encoding, or of the synthetic reviews
FORMAT = 9


@dataclass(frozen=True)
class _Source:
    """A corpus that can be read.

    Attributes
    ----------
    name, description : str
        Of the corpus.
    read : callable
    files : sequence of Path
        Those that it reads.
    settings : str
        What else decides how they are read.
    option : str
        How its refusals begin.
    """

    name: str
    description: str
    read: Callable[[], RawCorpus]
    files: Sequence[Path] = ()
    settings: str = ""
    option: str = "--data"

    def folder(self) -> Path:
        """Return where it is cached; changes with the content of the files, and refuses those that cannot be read."""
        digest = hashlib.sha256(f"{self.description}\n{self.settings}\n".encode())
        for path in self.files:
            try:
                with path.open("rb") as file:
                    state = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise UserError(f"{self.option}: {path} cannot be read ({error.strerror})") from None
            digest.update(os.fsencode(path) + f" {state}\n".encode())
        return cache_folder() / "corpora" / f"{self.name}-{digest.hexdigest()[:16]}-{FORMAT}"


SYNTHETIC = _Source(
    "synthetic",
    "synthetic reviews of random words: their accuracies say nothing about IMDB",
    synthetic_corpus,
)


def load_corpus(
    data: str,
    *,
    columns: str | None = None,
    train: bool = True,
    held_out: bool = False,
    on_progress: Progress = lambda line: None,
    console: Console | None = None,
) -> Corpus:
    """Load the corpus that ``--data`` names, from the cache where it has been read before.

    Parameters
    ----------
    data : str
        ``auto``, ``imdb``, ``synthetic``, or a path: an archive or a folder in Stanford's layout, a ``.csv``,
        ``.parquet`` or ``.jsonl`` table, or a folder with a ``train`` and a ``test`` table.
    columns : str, optional
        Other names of a table's columns: ``text=body,label=stars>=4``.
    train : bool
        False for stored models: all reviews of a table without a column ``split`` are for testing, even if there are
        only two.
    held_out : bool
        A fifth of its training split as the test; see `hold_out`.
    on_progress : callable, optional
        Called with a line for the user: what is downloaded or read, and that IMDB could not be had.
    console : rich.console.Console, optional
        Where a download shows its bar.

    Raises
    ------
    UserError
        If there is no such corpus, or it is damaged.
    """
    source = check_data(data, columns, train)
    if source is None:
        corpus = find_cached(encoding.STANFORD_DIGEST) or _read(_download(data, on_progress, console), on_progress)
    else:
        corpus = _read(source, on_progress)
        if data == "imdb" and corpus.facts.kind != "imdb":
            raise UserError(f"--data imdb: {source.option} is {source.description}, not the whole of IMDB; unset it")
    return _read(_held_out(corpus), on_progress) if held_out else corpus


def _read(source: _Source, progress: Progress) -> Corpus:
    folder = source.folder()
    try:
        return open_corpus(folder)
    except (OSError, ValueError):  # not there, or damaged
        progress(f"Reading {source.description}")
        with complete_folder(folder) as new:
            try:
                encode_corpus(source.read(), new, source.name, source.description)
            except UserError as error:
                raise UserError(f"{source.option}: {error}") from None
    return open_corpus(folder)


def check_data(data: str, columns: str | None = None, train: bool = True) -> _Source | None:
    """Refuse what `load_corpus` cannot read, as far as a glance at the source shows it.

    Returns
    -------
    source
        What ``--data``, or ``$IMDB_DATA`` where that counts, names; None where IMDB has to be found.

    Raises
    ------
    UserError
        If it is nothing that can be read, or ``--columns`` has another form.
    """
    option = "--data"
    if data in ("auto", "imdb") and (path := os.environ.get(DATA_VARIABLE)):
        data, option = path, f"${DATA_VARIABLE}"
    source = None
    if data == "synthetic":
        source = SYNTHETIC
    elif data not in NAMES:
        source = _source_at(data, option, columns, train)
    if columns is not None and (source is None or not source.settings):
        raise UserError(f"--columns is for a table, and {option} is {data}; give a {', '.join(SUFFIXES)} file")
    return source


def _download(data: str, progress: Progress, console: Console | None) -> _Source:
    """Download IMDB, or else take the synthetic corpus where ``--data auto`` allows it."""
    try:
        return _archive(download_imdb(cache_folder() / "downloads", progress, console), "--data")
    except DownloadError as error:
        if data == "imdb":
            raise UserError(
                f"--data imdb: it cannot be downloaded ({error}); connect this machine to the network, or give the "
                f"path of aclImdb_v1.tar.gz with --data or ${DATA_VARIABLE}, or try --data synthetic"
            ) from None
        progress(f"IMDB cannot be downloaded, so the synthetic corpus is used ({error})")
        return SYNTHETIC


def find_cached(digest: str) -> Corpus | None:
    """Return the corpus with this digest, if it has been read before."""
    for folder in (cache_folder() / "corpora").glob(f"*-{FORMAT}"):
        with suppress(OSError, ValueError):  # damaged
            if read_facts(folder).digest == digest:
                return open_corpus(folder)
    return None


def _source_at(data: str, option: str, columns: str | None, train: bool) -> _Source:
    """Find out what a path holds."""
    problem = "is none of the possible sources"
    try:
        path = Path(os.path.expanduser(data)).absolute()
        path.stat()
        if tables := find_tables(path):
            read = partial(read_table, tables, parse_columns(columns), train)
            return _Source(_name(path), path.name, read, tables, f"{columns} {train}", option)
        if path.is_file() and path.suffix in (".gz", ".tgz"):
            return _archive(path, option)
        if reviews := list_folder(path):
            description = f"the folder {path.name}, in the layout of Stanford's"
            return _Source(_name(path), description, partial(read_folder, path), reviews, option=option)
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise UserError(
        f"{option}: {data!r} {problem}; possible are --data {', '.join(NAMES)}, or the path of a {', '.join(SUFFIXES)} "
        "table, of a folder with train.csv and test.csv, or of Stanford's aclImdb_v1.tar.gz or its folder aclImdb"
    )


def _archive(path: Path, option: str) -> _Source:
    description = f"the archive {path.name}, in the layout of Stanford's"
    return _Source(_name(path), description, partial(read_archive, path), [path], option=option)


def _held_out(corpus: Corpus) -> _Source:
    facts = corpus.facts
    drawn = f"{facts.group_name}s" if facts.groups else "reviews"
    return _Source(
        f"{facts.name}-held-out",
        f"{facts.source}; held out as the test: a fifth of the {drawn} of its training split (fixed seed)",
        partial(hold_out, corpus),
        settings=facts.digest_with(unlabelled=True),
        option="--held-out",
    )


def _name(path: Path) -> str:
    """Make a part of a model's registered name, never that of a real or synthetic IMDB."""
    words = re.findall("[a-z0-9]+", path.name.partition(".")[0].lower())
    name = "-".join(words)[:40] or "reviews"
    return f"my-{name}" if name in NAMES else name
