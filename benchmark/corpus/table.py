"""Tables of reviews: CSV, Parquet or JSON lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.encoding import MAX_REVIEWS, RawCorpus, RawSplit, max_bytes
from benchmark.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet", ".jsonl")
FIELDS = ("text", "label", "split", "id", "group")
MIN_REVIEWS = 20
MAX_ID_LENGTH = 200
SPLIT_SEED = 113
TEST_EVERY = 4  # without a column `split`, every fourth group is for testing
JSON_ROWS = 1000  # of which the columns are read first
MISSING_LABELS = ("", "nan", "null", "none", "na", "n/a")
OTHER_SEPARATORS = ";\t|"  # of files that are called .csv

_WORD = r"[^\s!-/:-@\[-`{-~]"  # neither a space nor punctuation
_AT_LEAST = re.compile(r"(.+?)\s*>=\s*(-?\d+(?:\.\d+)?)")


def is_table(path: Path) -> bool:
    """Return whether a file has the name of a table."""
    return path.suffix.lower() in SUFFIXES


def table_files(folder: Path, split: str) -> list[Path]:
    """List the tables of a split in a folder: ``train.csv``, or all in the folder ``train``."""
    files = [path for path in folder.iterdir() if path.stem == split]
    files += (folder / split).glob("*")
    return sorted(filter(is_table, files))


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
        If a column is missing or there twice, the tables differ, a file is not a table, or ``--columns`` has another
        form.
    """
    chosen, minimum = _parse_columns(columns)
    names = {field: field for field in FIELDS} | chosen
    needed = {"text": names["text"], "label": names["label"]} | chosen
    first: dict[str, str] = {}
    for path in paths:
        header = _header(path)
        _check_header(path, header, needed.values())
        for name in names.values():
            if header.count(name) > 1:
                raise UserError(f"{path} has several columns {name!r}; rename or remove all but one")
        there = {field: name for field, name in names.items() if name in header}
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


def _check_header(path: Path, header: list[str], needed: Iterable[str]) -> None:
    """Refuse a table that has not each of the needed columns."""
    missing = [name for name in needed if name not in header]
    if not missing:
        return
    for separator in OTHER_SEPARATORS:
        if set(missing) <= set(separator.join(header).split(separator)):
            raise UserError(f"{path}: its columns are separated by {separator!r}; save it with commas between them")
    names = " and no ".join(map(repr, missing))
    others = ", ".join(repr(name[:40]) for name in header[:20])
    raise UserError(f"{path} has no column {names}, only {others}; name its columns with --columns text=…,label=…")


def read_table(
    files: Mapping[Path, str | None],
    names: Mapping[str, str],
    minimum: float | None,
    train: bool = True,
) -> RawCorpus:
    """Read tables as one corpus.

    Parameters
    ----------
    files : mapping of path to split or None
        None: the table's column ``split`` says it, or the reviews are split here.
    names, minimum
        As `check_tables` returns them.
    train : bool
        False: reviews that no column splits are all for testing, and the words of the vocabulary are theirs.

    Raises
    ------
    UserError
        If a row is not a review, or they are too few.
    """
    rows = _read_rows(files, names)
    if train and len(rows) < MIN_REVIEWS:
        raise UserError(f"{len(rows)} reviews are too few; a benchmark needs at least {MIN_REVIEWS}")
    _refuse(rows, "text", ~rows["text"].str.contains(_WORD), "give it a word or remove the row")
    for field in map(str, rows):
        _refuse(rows, field, rows[field].str.strip() == "", "fill it in or remove the row")
    label_names = _number_labels(rows, names["label"], minimum)
    note = _add_split(rows, train)
    _add_ids(rows, in_each_split=any(files.values()))
    trained, tested = _split(rows, "train"), _split(rows, "test")
    if not train and not len(trained):
        trained = tested
    return RawCorpus(trained, tested, labels=label_names, note=note)


def _split(rows: pd.DataFrame, name: str) -> RawSplit:
    own = rows[rows["split"] == name]
    return RawSplit(
        labels=own["label"].to_numpy(np.int64),
        review_ids=(f"{name}/" + own["id"]).tolist(),
        texts=own["text"].tolist(),
        groups=own["group"].to_numpy() if "group" in own else None,
    )


def _read_rows(files: Mapping[Path, str | None], names: Mapping[str, str]) -> pd.DataFrame:
    """Return all rows as strings, each at (path, position); a missing value is empty."""
    import pandas as pd

    tables = {}
    for path, split in files.items():
        with _refusing(path):
            tables[path] = _read(path, names, max_bytes(files))
        if split is not None:
            tables[path]["split"] = split
    rows = pd.concat(tables)
    # a small Parquet file may hold a long text any number of times
    if len(rows) > MAX_REVIEWS or rows["text"].str.len().sum() > max_bytes(files):
        raise UserError(f"more than {MAX_REVIEWS:,} rows or {max_bytes(files):,} bytes of text are not read")
    return rows


def _read(path: Path, names: Mapping[str, str], limit: int) -> pd.DataFrame:
    """Return the fields of a table; a ValueError if they are not text or numbers."""
    import pandas as pd
    import pyarrow.parquet as pq
    from pandas.api.types import infer_dtype

    if path.suffix.lower() == ".parquet":
        groups = pq.ParquetFile(path).metadata.to_dict()["row_groups"]
        _check_size(sum(group["total_byte_size"] for group in groups), limit)
        columns = list(set(names.values()))  # one may be two fields
        arrow = pq.read_table(path, columns=columns, read_dictionary=columns)  # equal texts stay one object
        table = arrow.to_pandas(ignore_metadata=True)  # where a column was the index
    else:
        _check_size(path.stat().st_size, limit)
        table = _read_text(path)
    fields = {}
    for field, name in names.items():
        values = table[name].astype(object)
        kind = infer_dtype(values)
        if kind == "bytes" or kind.startswith("mixed"):
            raise ValueError(f"the values of the column {name!r} are not of one type, text or numbers")
        fields[field] = values.fillna("").map(str).to_numpy()
    return pd.DataFrame(fields, dtype=object)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(f"it has more than {limit:,} bytes")


def _read_text(path: Path, rows: int | None = None) -> pd.DataFrame:
    import pandas as pd

    if path.suffix.lower() == ".jsonl":
        try:
            return pd.read_json(path, lines=True, dtype=False, encoding="utf-8-sig", nrows=rows)
        except TypeError:
            raise ValueError("a line is null, and not an object with the columns as its names") from None
    table = pd.read_csv(path, dtype=object, keep_default_na=False, nrows=rows)
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes the first field for the row's name
        raise ValueError("its rows have more fields than its header")
    return table


def _header(path: Path) -> list[str]:
    """Return the names of a table's columns."""
    import pandas as pd
    import pyarrow.parquet as pq

    with _refusing(path):
        match path.suffix.lower():
            case ".csv":  # pandas renames the second of two equal names
                return pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False).iloc[0].tolist()
            case ".parquet":
                return pq.read_schema(path).names
        return [str(name) for name in _read_text(path, JSON_ROWS)]


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Raise as one line what prevents the reading of a table."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, ValueError, OSError) as error:
        reason = " ".join(str(error).replace(str(path), path.name).split())[:300]
        remedy = "; save it as UTF-8" if isinstance(error, UnicodeError) else ""
        raise UserError(f"{path} cannot be read as a {path.suffix} table in UTF-8: {reason}{remedy}") from None


def _number_labels(rows: pd.DataFrame, column: str, minimum: float | None) -> tuple[str, str]:
    """Replace the labels by 0 and 1, and return their names."""
    import pandas as pd

    labels = rows["label"].str.strip().str.normalize("NFC")
    _refuse(rows, "label", labels.str.lower().isin(MISSING_LABELS), "fill it in or remove the row")
    if minimum is not None:
        numbers = pd.to_numeric(labels, errors="coerce")
        _refuse(rows, "label", numbers.isna(), "--columns asks for a number")
        rows["label"] = np.where(numbers >= minimum, 1, 0)
        return f"{column} < {minimum:g}", f"{column} >= {minimum:g}"
    names = labels.unique().tolist()
    shown = " and ".join(repr(name[:50]) for name in names[:2])
    if len(names) < 2:
        raise UserError(f"every review has the label {shown}; a benchmark needs exactly two")
    remedy = (
        f"a benchmark needs exactly two labels, and there are {shown} before it: remove the other rows, or give a "
        "condition such as --columns label=stars>=4"
    )
    _refuse(rows, "label", ~labels.isin(names[:2]), remedy)
    _refuse(rows, "label", ~labels.map(str.isprintable).astype(bool), "give it a name without control characters")
    try:
        names.sort(key=float)
        is_one_number = float(names[0]) == float(names[1])
    except ValueError:
        names.sort(key=lambda name: (name.casefold(), name))
        is_one_number = False
    if is_one_number:
        raise UserError(f"the labels {shown} are the same number; write it in one way")
    rows["label"] = np.where(labels == names[1], 1, 0)
    return names[0], names[1]


def _add_split(rows: pd.DataFrame, train: bool) -> str:
    """Find out which reviews are for testing; return the note of a `RawCorpus`."""
    if "split" in rows:
        rows["split"] = rows["split"].str.strip().str.lower()
        wrong = ~rows["split"].isin(("train", "test"))
        _refuse(rows, "split", wrong, "possible are train and test: rename it or remove the row")
        return ""
    if not train:
        rows["split"] = "test"
        return ""
    groups = rows["group"].to_numpy() if "group" in rows else np.arange(len(rows))
    in_test = draw_test_split(rows["label"].to_numpy(), groups)
    rows["split"] = np.where(in_test, "test", "train")
    kept = ", groups kept together" if "group" in rows else ""
    return f"; {in_test.mean():.0%} of the reviews were drawn for testing (fixed seed, stratified by label{kept})"


def draw_test_split(labels: NDArray[np.int64], groups: NDArray[Any]) -> NDArray[np.bool_]:
    """Draw a quarter of the reviews for testing: stratified by label, groups kept together, by a fixed seed.

    Groups are sorted by their share of label 1 and their size, ties at random, and every fourth one is drawn.
    """
    group = np.unique(groups, return_inverse=True)[1]
    size = np.bincount(group)
    share = np.bincount(group, weights=labels) / size
    at_random = np.random.RandomState(SPLIT_SEED).random_sample(len(size))
    order = np.lexsort((at_random, size, share))
    drawn = np.zeros(len(size), bool)
    drawn[order[TEST_EVERY - 1 :: TEST_EVERY]] = True
    return drawn[group]


def _add_ids(rows: pd.DataFrame, in_each_split: bool) -> None:
    """Number the reviews where they have no ids; refuse ids that cannot be used."""
    if "id" not in rows:
        numbers = rows.groupby("split").cumcount() if in_each_split else np.arange(len(rows))
        rows["id"] = [str(number + 1) for number in numbers]
    is_usable = rows["id"].map(lambda name: name.isprintable() and len(name) <= MAX_ID_LENGTH).astype(bool)
    remedy = "name another column with --columns id=…: each id once, without control characters, at most "
    _refuse(rows, "id", ~is_usable | rows.duplicated(["split", "id"]), f"{remedy}{MAX_ID_LENGTH} characters")


def _refuse(rows: pd.DataFrame, field: str, is_bad: pd.Series[bool], remedy: str) -> None:
    """Name the first bad row."""
    if is_bad.any():
        row = int(is_bad.argmax())
        path, position = rows.index[row]
        value = str(rows[field].iat[row])
        shown = repr(value[:50]) if value.strip() else "empty"
        raise UserError(f"{path}, review {position + 1:,}: its {field} is {shown}; {remedy}")
