"""Tables of reviews: CSV, Parquet or JSON lines."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.encoding import Progress, RawCorpus, RawSplit
from benchmark.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.dataset import Dataset

SUFFIXES = (".csv", ".parquet", ".jsonl")
FIELDS = ("text", "label", "split", "id", "group")
MIN_REVIEWS = 20
MAX_ID_LENGTH = 200
SPLIT_SEED = 113
TEST_EVERY = 4  # without a column `split`, every fourth group is for testing
_BLOCK_BYTES = 1 << 24  # a row has to fit into two of them

_WORD = rf"[^\s{re.escape(string.punctuation)}]"
_AT_LEAST = re.compile(r"(.+?)\s*>=\s*(-?\d+(?:\.\d+)?)")


def parse_columns(columns: str | None) -> tuple[dict[str, str], float | None]:
    """Read ``text=body,label=stars>=4``: the column of each field that it names, and the number.

    Raises
    ------
    UserError
        If it has another form.
    """
    chosen: dict[str, str] = {}
    minimum = None
    for part in columns.split(",") if columns is not None else ():
        field, _, column = (piece.strip() for piece in part.partition("="))
        if field not in FIELDS or not column or field in chosen:
            raise UserError(
                f"--columns {columns!r}: {part.strip()!r} is not of the form field=column, each field once; the fields "
                f"are {', '.join(FIELDS)}, for example text=body,label=stars>=4"
            )
        if field == "label" and (match := _AT_LEAST.fullmatch(column)):
            column, minimum = match[1], float(match[2])
        chosen[field] = column
    return chosen, minimum


def table_files(folder: Path, split: str) -> list[Path]:
    """List the tables of a split in a folder: ``train.csv``, ``train-0001.parquet``, ``train/part.jsonl``."""
    found = (folder.glob(f"{split}{pattern}{suffix}") for suffix in SUFFIXES for pattern in ("*", "/*"))
    return sorted(path for paths in found for path in paths)


def check_tables(paths: Iterable[Path], columns: str | None) -> dict[str, str]:
    """Compare the columns of tables with ``--columns``; return the column of each field that they have.

    Raises
    ------
    UserError
        If a column is missing, the tables differ, or a file is not a table.
    """
    chosen, _ = parse_columns(columns)
    names = {field: chosen.get(field, field) for field in FIELDS}
    required = {"text", "label", *chosen}
    found: dict[str, str] = {}
    for path in paths:
        with _refusing(path):
            header = _open(path, names.values()).schema.names
        if missing := [name for field, name in names.items() if field in required and name not in header]:
            there = ", ".join(repr(name[:40]) for name in header[:20])
            raise UserError(
                f"{path} has no column {' and no '.join(map(repr, missing))}, only {there}; name its columns with "
                "--columns text=…,label=…"
            )
        here = {field: name for field, name in names.items() if name in header}
        if found and here != found:
            raise UserError(
                f"{path} has the columns {', '.join(here)}, and others {', '.join(found)}; give all the same"
            )
        found = here
    return found


def read_table(files: Mapping[Path, str | None], columns: str | None, progress: Progress) -> RawCorpus:
    """Read tables as one corpus.

    Parameters
    ----------
    files : mapping of path to split or None
        None: the table's column ``split`` says it, or the reviews are split here.
    columns : str or None
        As in ``--columns``.
    progress : callable
        Called with a line for the user.

    Raises
    ------
    UserError
        If a row is not a review, or they are too few.
    """
    import pandas as pd
    import pyarrow as pa

    names = check_tables(files, columns)
    tables = {}
    for path, split in files.items():
        progress(f"Reading {path.name}")
        tables[path] = _read(path, names)
        if split is not None:
            tables[path]["split"] = split
    rows = pd.concat(tables)  # each row is at (path, position)
    if len(rows) < MIN_REVIEWS:
        raise UserError(f"{len(rows)} reviews are too few; a benchmark needs at least {MIN_REVIEWS}")
    for field in names:
        pattern, remedy = (_WORD, "give it a word") if field == "text" else (r"\S", "fill it in")
        _refuse(rows, field, ~rows[field].str.contains(pattern, na=False), f"{remedy} or remove the row")
    label_names = _number_labels(rows, names["label"], parse_columns(columns)[1])
    labels = rows["label"].to_numpy(np.int64)
    groups = pd.factorize(rows["group"], sort=True)[0].astype(np.int32) if "group" in rows else None
    note = ""
    if "id" not in rows:
        numbers = rows.groupby("split").cumcount() if any(files.values()) else pd.Series(range(len(rows)), rows.index)
        rows["id"] = (numbers + 1).astype(str)
    if "split" in rows:
        rows["split"] = rows["split"].str.strip().str.lower()
        wrong = ~rows["split"].isin(("train", "test"))
        _refuse(rows, "split", wrong, "possible are train and test: rename it or remove the row")
    else:
        in_test = draw_test_split(labels, groups)
        rows["split"] = np.where(in_test, "test", "train")
        kept = "" if groups is None else ", groups kept together"
        note = f"{in_test.mean():.0%} of the reviews were drawn for testing (fixed seed, stratified by label{kept})"
    unprintable = ~rows["id"].map(str.isprintable).astype(bool)
    remedy = "name another column with --columns id=…: each id once, without control characters, at most "
    bad = unprintable | (rows["id"].str.len() > MAX_ID_LENGTH) | rows.duplicated(["split", "id"])
    _refuse(rows, "id", bad, f"{remedy}{MAX_ID_LENGTH} characters")
    texts = rows.pop("text").tolist()
    tables.clear()
    pa.default_memory_pool().release_unused()

    def split_of(name: str) -> RawSplit:
        chosen = np.flatnonzero(rows["split"] == name)
        return RawSplit(
            labels=labels[chosen],
            review_ids=(f"{name}/" + rows["id"].iloc[chosen]).tolist(),
            texts=[texts[row] for row in chosen],
            groups=None if groups is None else groups[chosen],
        )

    return RawCorpus(split_of("train"), split_of("test"), labels=label_names, note=note)


def draw_test_split(labels: NDArray[np.int64], groups: NDArray[np.integer] | None) -> NDArray[np.bool_]:
    """Draw a quarter of the reviews for testing: stratified by label, groups kept together, by a fixed seed.

    Groups are sorted by their share of label 1 and their size, ties at random, and every fourth one is drawn.
    """
    group = np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    size = np.bincount(group)
    share = np.bincount(group, weights=labels) / size
    order = np.lexsort((np.random.RandomState(SPLIT_SEED).random_sample(len(size)), size, share))
    drawn = np.zeros(len(size), bool)
    drawn[order[TEST_EVERY - 1 :: TEST_EVERY]] = True
    return drawn[group]


def _refuse(rows: pd.DataFrame, field: str, bad: pd.Series[bool], remedy: str) -> None:
    """Name the first bad row."""
    if bad.any():
        row = int(bad.argmax())
        path, position = rows.index[row]
        value = rows[field].iat[row]
        shown = repr(value[:50]) if isinstance(value, str) and value.strip() else "empty"
        raise UserError(f"{path}, review {position + 1:,}: its {field} is {shown}; {remedy}")


def _number_labels(rows: pd.DataFrame, column: str, minimum: float | None) -> tuple[str, str]:
    """Replace the labels by 0 and 1; return their names."""
    import pandas as pd

    if minimum is not None:
        numbers = pd.to_numeric(rows["label"], errors="coerce")
        _refuse(rows, "label", numbers.isna(), "--columns asks for a number")
        rows["label"] = (numbers >= minimum).astype(int)
        return f"{column} < {minimum:g}", f"{column} >= {minimum:g}"
    labels = rows["label"].str.strip()
    seen = labels.unique().tolist()
    names = " and ".join(repr(name[:50]) for name in seen[:2])
    remedy = "remove the other rows, or give a condition such as --columns label=stars>=4"
    more = f"a benchmark needs exactly two labels, and there are {names} before it: {remedy}"
    _refuse(rows, "label", ~labels.isin(seen[:2]), more)
    _refuse(rows, "label", ~labels.map(str.isprintable).astype(bool), "give it a name without control characters")
    if len(seen) < 2:
        raise UserError(f"every review has the label {seen[0]!r}; a benchmark needs exactly two")
    try:
        seen.sort(key=float)
    except ValueError:
        seen.sort(key=lambda name: (name.casefold(), name))
    rows["label"] = (labels == seen[1]).astype(int)
    return seen[0], seen[1]


def _read(path: Path, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the fields of a table as strings."""
    import pyarrow as pa
    import pyarrow.dataset

    with _refusing(path):
        fields = {field: pa.dataset.field(name).cast(pa.string()) for field, name in names.items()}
        table = _open(path, names.values()).to_table(columns=fields)
        table.validate(full=True)  # that it is UTF-8
        return table.to_pandas()


def _open(path: Path, columns: Iterable[str]) -> Dataset:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset
    import pyarrow.fs
    import pyarrow.json

    formats = {
        ".csv": pa.dataset.CsvFileFormat(
            pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
        ),
        ".jsonl": pa.dataset.JsonFileFormat(read_options=pa.json.ReadOptions(block_size=_BLOCK_BYTES)),
        ".parquet": pa.dataset.ParquetFileFormat(),
    }
    return pa.dataset.dataset(str(path), format=formats[path.suffix], filesystem=pa.fs.LocalFileSystem())


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Raise as one line what prevents the reading of a table."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, UnicodeError, OSError) as error:
        reason = " ".join(str(error).replace(str(path), path.name).rpartition("Invalid: ")[2].split())[:300]
        remedy = "; save it as UTF-8" if "UTF8" in reason else ""
        raise UserError(f"{path} cannot be read as a {path.suffix} table in UTF-8: {reason}{remedy}") from None
