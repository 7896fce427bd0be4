"""Tables of reviews: CSV, Parquet or JSON lines."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.encoding import MAX_BYTES, MAX_REVIEWS, Progress, RawCorpus, RawSplit
from benchmark.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SUFFIXES = (".csv", ".parquet", ".jsonl")
FIELDS = ("text", "label", "split", "id", "group")
MIN_REVIEWS = 20
MAX_ID_LENGTH = 200
SPLIT_SEED = 113
TEST_EVERY = 4  # without a column `split`, every fourth group is for testing
_BLOCK_BYTES = 1 << 24  # a row has to fit into two of them
_PARQUET_BYTES = 1 << 27  # of a block, at most
_SMALL_FILES = 20_000_000  # bytes

_WORD = rf"[^\s{re.escape(string.punctuation)}]"
_AT_LEAST = re.compile(r"(.+?)\s*>=\s*(-?\d+(?:\.\d+)?)")


def table_files(folder: Path, split: str) -> list[Path]:
    """List the tables of a split in a folder: ``train.csv``, ``train-0001.parquet``, ``train/part.jsonl``."""
    files = [*folder.glob(f"{split}*.*"), *folder.glob(f"{split}/*.*")]
    return sorted(path for path in files if path.suffix in SUFFIXES)


def check_tables(paths: Iterable[Path], columns: str | None) -> tuple[dict[str, str], float | None]:
    """Compare the columns of tables with ``--columns``.

    Returns
    -------
    names : dict of str to str
        The column of each field that the tables have.
    minimum : float or None
        The number from which on a label is positive: 4 of ``label=stars>=4``.

    Raises
    ------
    UserError
        If a column is missing, the tables differ, a file is not a table, or ``--columns`` has another form.
    """
    chosen, minimum = _parse_columns(columns)
    names = {field: field for field in FIELDS} | chosen
    needed = dict.fromkeys(("text", "label", *chosen))  # each once
    first: dict[str, str] = {}
    for path in paths:
        with _refusing(path):
            header = _open(path, names.values()).schema.names
        there = {field: name for field, name in names.items() if name in header}
        missing = [repr(names[field]) for field in needed if field not in there]
        if missing:
            others = ", ".join(repr(name[:40]) for name in header[:20])
            raise UserError(
                f"{path} has no column {' and no '.join(missing)}, only {others}; name its columns with "
                "--columns text=…,label=…"
            )
        first = first or there
        if there != first:
            raise UserError(
                f"{path} has the columns {', '.join(there)}, and others {', '.join(first)}; give all the same"
            )
    return first, minimum


def _parse_columns(columns: str | None) -> tuple[dict[str, str], float | None]:
    """Read ``text=body,label=stars>=4``: the column of each field that it names, and the number."""
    chosen: dict[str, str] = {}
    minimum = None
    if columns is None:
        return chosen, minimum
    for part in columns.split(","):
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


def read_table(
    files: Mapping[Path, str | None],
    names: Mapping[str, str],
    minimum: float | None,
    progress: Progress,
    train: bool = True,
) -> RawCorpus:
    """Read tables as one corpus.

    Parameters
    ----------
    files : mapping of path to split or None
        None: the table's column ``split`` says it, or the reviews are split here.
    names, minimum
        As `check_tables` returns them.
    progress : callable
        Called with a line for the user.
    train : bool
        False: reviews that no column splits are all for testing, and the words of the vocabulary are theirs.

    Raises
    ------
    UserError
        If a row is not a review, or they are too few.
    """
    import pandas as pd

    rows = _read_rows(files, names, progress)
    if train and len(rows) < MIN_REVIEWS:
        raise UserError(f"{len(rows)} reviews are too few; a benchmark needs at least {MIN_REVIEWS}")
    without_word = ~rows["text"].str.contains(_WORD, na=False)
    _refuse(rows, "text", without_word, "give it a word or remove the row")
    for field in map(str, rows):
        empty = ~rows[field].str.contains(r"\S", na=False)
        _refuse(rows, field, empty, "fill it in or remove the row")
    labels, label_names = _number_labels(rows, names["label"], minimum)
    groups = None
    if "group" in rows:
        groups = pd.factorize(rows["group"], sort=True)[0].astype(np.int32)

    note = _add_split(rows, labels, groups, train)
    _add_ids(rows, in_each_split=any(files.values()))

    def split_of(name: str) -> RawSplit:
        chosen = np.flatnonzero(rows["split"] == name)
        own = rows.iloc[chosen]
        return RawSplit(
            labels=labels[chosen],
            review_ids=(f"{name}/" + own["id"]).tolist(),
            texts=own["text"].tolist(),
            groups=None if groups is None else groups[chosen],
        )

    trained, tested = split_of("train"), split_of("test")
    if not train and not len(trained):
        trained = tested
    return RawCorpus(trained, tested, labels=label_names, note=note)


def _read_rows(files: Mapping[Path, str | None], names: Mapping[str, str], progress: Progress) -> pd.DataFrame:
    """Return all rows as strings, each at (path, position)."""
    import pandas as pd

    # a small Parquet file may hold a long text any number of times
    most = MAX_BYTES
    if sum(path.stat().st_size for path in files) < _SMALL_FILES:
        most = MAX_BYTES // 4
    size = reviews = 0
    tables = {}
    for path, split in files.items():
        progress(f"Reading {path.name}")
        columns: dict[str, list[str | None]] = {field: [] for field in names}
        for block in _blocks(path, names):
            size += block.nbytes
            reviews += len(block)
            if size > most or reviews > MAX_REVIEWS:
                raise UserError(f"{path}: more than {MAX_REVIEWS:,} rows or {most:,} bytes of text are not read")
            for field, values in columns.items():
                values += block[field].to_pylist()
        tables[path] = pd.DataFrame(columns, dtype=object)
        if split is not None:
            tables[path]["split"] = split
    return pd.concat(tables)


def _add_split(
    rows: pd.DataFrame,
    labels: NDArray[np.int64],
    groups: NDArray[np.int32] | None,
    train: bool,
) -> str:
    """Find out which reviews are for testing; return the note of a `RawCorpus`."""
    if "split" in rows:
        rows["split"] = rows["split"].str.strip().str.lower()
        wrong = ~rows["split"].isin(("train", "test"))
        _refuse(rows, "split", wrong, "possible are train and test: rename it or remove the row")
        return ""
    if not train:
        rows["split"] = "test"
        return ""
    in_test = draw_test_split(labels, groups)
    rows["split"] = np.where(in_test, "test", "train")
    kept = "" if groups is None else ", groups kept together"
    return f"; {in_test.mean():.0%} of the reviews were drawn for testing (fixed seed, stratified by label{kept})"


def _add_ids(rows: pd.DataFrame, in_each_split: bool) -> None:
    """Number the reviews where they have no ids; refuse ids that cannot be used."""
    if "id" not in rows:
        numbers: Iterable[int] = range(len(rows))
        if in_each_split:
            numbers = rows.groupby("split").cumcount()
        rows["id"] = [str(number + 1) for number in numbers]
    unprintable = ~rows["id"].map(str.isprintable).astype(bool)
    too_long = rows["id"].str.len() > MAX_ID_LENGTH
    bad = unprintable | too_long | rows.duplicated(["split", "id"])
    remedy = "name another column with --columns id=…: each id once, without control characters, at most "
    _refuse(rows, "id", bad, f"{remedy}{MAX_ID_LENGTH} characters")


def draw_test_split(labels: NDArray[np.int64], groups: NDArray[np.integer] | None) -> NDArray[np.bool_]:
    """Draw a quarter of the reviews for testing: stratified by label, groups kept together, by a fixed seed.

    Groups are sorted by their share of label 1 and their size, ties at random, and every fourth one is drawn.
    """
    group = np.arange(len(labels))
    if groups is not None:
        group = np.unique(groups, return_inverse=True)[1]
    size = np.bincount(group)
    share = np.bincount(group, weights=labels) / size
    at_random = np.random.RandomState(SPLIT_SEED).random_sample(len(size))
    order = np.lexsort((at_random, size, share))
    drawn = np.zeros(len(size), bool)
    drawn[order[TEST_EVERY - 1 :: TEST_EVERY]] = True
    return drawn[group]


def _refuse(
    rows: pd.DataFrame,
    field: str,
    bad: pd.Series[bool],
    remedy: str,
) -> None:
    """Name the first bad row."""
    if bad.any():
        row = int(bad.argmax())
        path, position = rows.index[row]
        value = rows[field].iat[row]
        shown = "empty"
        if isinstance(value, str) and value.strip():
            shown = repr(value[:50])
        raise UserError(f"{path}, review {position + 1:,}: its {field} is {shown}; {remedy}")


def _number_labels(rows: pd.DataFrame, column: str, minimum: float | None) -> tuple[NDArray[np.int64], tuple[str, str]]:
    """Return the labels as 0 and 1, and their names."""
    import pandas as pd

    if minimum is not None:
        numbers = pd.to_numeric(rows["label"], errors="coerce")
        _refuse(rows, "label", numbers.isna(), "--columns asks for a number")
        names = f"{column} < {minimum:g}", f"{column} >= {minimum:g}"
        return np.where(numbers >= minimum, 1, 0), names
    labels = rows["label"].str.strip()
    seen = labels.unique().tolist()
    first_two = " and ".join(repr(name[:50]) for name in seen[:2])
    remedy = (
        f"a benchmark needs exactly two labels, and there are {first_two} before it: remove the other rows, or give a "
        "condition such as --columns label=stars>=4"
    )
    _refuse(rows, "label", ~labels.isin(seen[:2]), remedy)
    _refuse(rows, "label", ~labels.map(str.isprintable).astype(bool), "give it a name without control characters")
    if len(seen) < 2:
        raise UserError(f"every review has the label {seen[0]!r}; a benchmark needs exactly two")
    try:
        seen.sort(key=float)
    except ValueError:
        seen.sort(key=lambda name: (name.casefold(), name))
    return np.where(labels == seen[1], 1, 0), (seen[0], seen[1])


def _blocks(path: Path, names: Mapping[str, str]) -> Iterator[pa.Table]:
    """Yield the fields of a table as strings, a few rows at a time."""
    import pyarrow as pa

    with _refusing(path):
        reader = _open(path, names.values())
        if path.suffix == ".parquet":
            rows_at_once = 1024
            for number in range(reader.num_row_groups):
                longest_text = max(1, reader.metadata.row_group(number).total_byte_size)
                rows_at_once = min(rows_at_once, _PARQUET_BYTES // longest_text)
            reader = reader.iter_batches(max(1, rows_at_once), columns=list(names.values()))
        for batch in reader:
            block = pa.table({field: batch[name].cast(pa.string()) for field, name in names.items()})
            block.validate(full=True)  # that it is UTF-8
            yield block


def _open(path: Path, columns: Iterable[str]) -> Any:
    """Return a reader of a table, with its schema."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
    if path.suffix == ".jsonl":
        return pa.json.open_json(path, pa.json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES))
    return pa.csv.open_csv(
        path,
        pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        pa.csv.ParseOptions(newlines_in_values=True),
        pa.csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
    )


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
