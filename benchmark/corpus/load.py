"""What ``--data`` means: from a source to a cached corpus."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmark.corpus import synthetic
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import Corpus, DamagedCorpus, open_corpus
from benchmark.corpus.download import DownloadError, download_imdb
from benchmark.corpus.encoding import SYNTHETIC_NAME, Progress, RawCorpus, encode_corpus
from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.stanford import list_folder, read_archive, read_folder
from benchmark.corpus.table import SUFFIXES, check_tables, is_table, read_table, table_files
from benchmark.errors import UserError

DATA_VARIABLE = "IMDB_DATA"
NAMES = ("auto", "imdb", "synthetic")

FORMAT = 6  # of a cached corpus: raise it with every change of what its folder holds, or of the encoding


@dataclass(frozen=True)
class _Source:
    """A corpus that can be read; refusals begin with `option`."""

    layout: str
    name: str
    description: str
    read: Callable[..., RawCorpus]
    files: Sequence[Path] = ()
    columns: str = ""
    option: str = "--data"

    def folder(self) -> Path:
        """Return where it is cached; changes with the names, sizes and times of change of the files."""
        digest = hashlib.sha256(f"{self.columns}\n".encode())
        for path in self.files:
            facts = path.stat()
            digest.update(b"%s %d %d\n" % (os.fsencode(path), facts.st_size, facts.st_mtime_ns))
        return cache_folder() / "corpora" / f"{self.layout}-{digest.hexdigest()[:16]}-{FORMAT}"


def load_corpus(
    data: str,
    *,
    columns: str | None = None,
    train: bool = True,
    unlabelled: bool = False,
    on_progress: Progress | None = None,
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
    unlabelled : bool
        Keep the unlabelled reviews of Stanford's layout too, where it has them.
    on_progress : callable, optional
        Called with a line for the user: what is downloaded or read, and that IMDB could not be had.
    console : rich.console.Console, optional
        Where a download shows its bar.

    Raises
    ------
    UserError
        If there is no such corpus, or it is damaged.
    """
    progress = on_progress or (lambda line: None)
    source = check_data(data, columns)
    if source is None:
        if cached := find_cached(lambda facts: facts.kind == "imdb"):
            return cached
        source = _download(data, progress, console)
    if not train and source.layout == "table":
        source = replace(source, layout="tested-table", read=partial(source.read, train=False))
    if unlabelled and source.layout == "stanford":
        source = replace(source, layout="stanford-unlabelled", read=partial(source.read, unlabelled=True))
    folder = source.folder()
    try:
        corpus = open_corpus(folder)
    except DamagedCorpus:
        with complete_folder(folder) as new:
            try:
                encode_corpus(source.read(progress), new, source.name, source.description, progress)
            except UserError as error:
                raise UserError(f"{source.option}: {error}") from None
        corpus = open_corpus(folder)
    if data == "imdb" and corpus.facts.kind != "imdb":
        raise UserError(f"--data imdb: {source.option} is {source.description}, not the whole of IMDB; unset it")
    return corpus


def check_data(data: str, columns: str | None = None) -> _Source | None:
    """Refuse what `load_corpus` cannot read, as far as a glance at the source shows it.

    Returns
    -------
    source
        What ``--data``, or ``$IMDB_DATA`` where that counts, names; None where IMDB has to be found.

    Raises
    ------
    UserError
        If it is nothing that can be read, or ``--columns`` does not fit the table.
    """
    if data in ("auto", "imdb") and (path := os.environ.get(DATA_VARIABLE)):
        return _source_at(path, f"${DATA_VARIABLE}", columns)
    if data not in NAMES:
        return _source_at(data, "--data", columns)
    if columns is not None:
        raise UserError(f"--columns is for a table, and --data is {data}; give a {', '.join(SUFFIXES)} file")
    return _synthetic() if data == "synthetic" else None


def _download(data: str, progress: Progress, console: Console | None) -> _Source:
    """Download IMDB, or else take the synthetic corpus where ``--data auto`` allows it."""
    try:
        path = download_imdb(cache_folder() / "downloads", progress, console)
    except DownloadError as error:
        if data == "imdb":
            raise UserError(
                f"--data imdb: it cannot be downloaded ({error}); connect this machine to the network, or give the "
                f"path of aclImdb_v1.tar.gz with --data or ${DATA_VARIABLE}, or try --data synthetic"
            ) from None
        progress(f"IMDB cannot be downloaded, so the synthetic corpus is used ({error})")
        return _synthetic()
    return _source_at(str(path), "--data", None)


def _source_at(data: str, option: str, columns: str | None) -> _Source:
    """Find out what a path holds: a table by its name, all else by its content."""
    if "://" in data:
        raise UserError(f"{option}: {data!r} is an address; download the file, and give its path")
    names = f"{', '.join(NAMES)}, or " if option == "--data" else ""
    possible = (
        f"possible are {names}the path of a {', '.join(SUFFIXES)} table, of a folder with a train and a test table, "
        f"or of Stanford's aclImdb_v1.tar.gz or its folder aclImdb"
    )
    try:
        path = Path(data).expanduser().absolute()
        path.stat()
        source = _folder(path, columns) if path.is_dir() else _file(path, columns)
    except UserError as error:
        raise UserError(f"{option}: {error}") from None
    except (OSError, ValueError, RuntimeError) as error:  # also a NUL in the path, or ~ and an unknown user
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{option}: {data!r} cannot be read ({reason}); {possible}") from None
    if source is None:
        raise UserError(f"{option}: {data!r} is none of the possible sources; {possible}")
    if columns is not None and source.layout != "table":
        raise UserError(f"--columns is for a table, and {option} is {source.description}; leave it out")
    return replace(source, option=option)


def _folder(folder: Path, columns: str | None) -> _Source | None:
    if reviews := list_folder(folder):
        description = f"the folder {folder.name}, in the layout of Stanford's"
        return _Source("stanford", _name(folder), description, partial(read_folder, folder), reviews)
    files: dict[Path, str | None] = {}
    for split in ("train", "test"):
        files |= dict.fromkeys(table_files(folder, split), split)
    if not files:
        return None
    for split in ("train", "test"):
        if split not in files.values():
            raise UserError(f"{folder} has no table for the {split} split; name it {split}.csv, .parquet or .jsonl")
    return _tables(files, folder, columns)


def _file(path: Path, columns: str | None) -> _Source | None:
    if not path.is_file():
        return None
    if is_table(path):
        return _tables({path: None}, path, columns)
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        description = f"the archive {path.name}, in the layout of Stanford's"
        return _Source("stanford", _name(path), description, partial(read_archive, path), [path])
    return None


def _tables(files: Mapping[Path, str | None], path: Path, columns: str | None) -> _Source:
    names, minimum = check_tables(files, columns)
    read = partial(read_table, files, names, minimum)
    return _Source("table", _name(path), path.name, read, list(files), columns or "")


def _synthetic() -> _Source:
    version = f"{synthetic.VERSION}-{synthetic.REVIEWS_PER_SPLIT}-{synthetic.SEED}"
    return _Source(
        f"{SYNTHETIC_NAME}-{version}",
        SYNTHETIC_NAME,
        f"synthetic reviews, made by a grammar (seed {synthetic.SEED}): their accuracies say nothing about IMDB",
        lambda progress: synthetic.synthetic_corpus(),
    )


def find_cached(is_wanted: Callable[[CorpusFacts], bool]) -> Corpus | None:
    """Return a corpus that has been read before."""
    for folder in sorted((cache_folder() / "corpora").glob(f"*-{FORMAT}")):
        with suppress(DamagedCorpus):
            corpus = open_corpus(folder)
            if is_wanted(corpus.facts):
                return corpus
    return None


def _name(path: Path) -> str:
    """Make a part of a model's registered name, never that of a real or synthetic IMDB."""
    name = re.sub(r"[^a-z0-9]+", "-", path.name.partition(".")[0].lower()).strip("-")[:40] or "reviews"
    return f"my-{name}" if name in NAMES else name
