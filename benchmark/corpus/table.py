"""Tables of reviews: CSV, Parquet or JSON lines."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.encoding import Progress, RawCorpus, RawSplit, StoredTexts
from benchmark.errors import UserError

SUFFIXES = (".csv", ".parquet", ".jsonl")
FIELDS = ("text", "label", "split", "id", "group")
MIN_REVIEWS = 20
MAX_TEXT_BYTES = 1_000_000
MAX_ID_LENGTH = 200
SPLIT_SEED = 113
TEST_EVERY = 4  # without a column `split`, every fourth group is for testing
_PROGRESS_ROWS = 100_000
_BATCH_ROWS = 2_000

_AT_LEAST = re.compile(r"(.+?)\s*>=\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Columns:
    """Where a table has each field.

    Attributes
    ----------
    names : dict of str to str
        Field to column, for all of `FIELDS`.
    chosen : set of str
        Fields that the user has named: their columns must be there.
    minimum : float or None
        Label 1 is a number in the label column from here on.
    """

    names: dict[str, str]
    chosen: set[str]
    minimum: float | None = None


def parse_columns(columns: str | None) -> Columns:
    """Read ``text=body,label=stars>=4``.

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
    return Columns({field: field for field in FIELDS} | chosen, set(chosen), minimum)


def table_files(folder: Path) -> dict[str, list[Path]]:
    """List the tables of each split in a folder: ``train.csv``, ``test-0001.parquet``, ``train/part.jsonl``."""
    return {
        split: sorted(
            path
            for suffix in SUFFIXES
            for pattern in (f"{split}*{suffix}", f"{split}/*{suffix}")
            for path in folder.glob(pattern)
        )
        for split in ("train", "test")
    }


def check_table(path: Path, columns: Columns) -> list[str]:
    """Compare a table's columns with `columns`; return the fields that it has.

    Raises
    ------
    UserError
        If a column is missing, or the file is not a table.
    """
    try:
        header = next(_READERS[path.suffix](path, []), [])
    except _UNREADABLE as error:
        raise _refused(path, error) from None
    required = {"text", "label", *columns.chosen}
    missing = [columns.names[field] for field in FIELDS if field in required and columns.names[field] not in header]
    if missing:
        there = ", ".join(repr(str(column)[:40]) for column in header[:20]) or "nothing"
        raise UserError(
            f"{path} has no column {' and no '.join(map(repr, missing))}, only {there}; name its columns with "
            "--columns text=…,label=…"
        )
    return [field for field in FIELDS if columns.names[field] in header]


def read_table(
    files: Sequence[tuple[str | None, Path]], columns: Columns, folder: Path, progress: Progress
) -> RawCorpus:
    """Read tables row by row; their texts go to a temporary file in `folder`, so that they are never in memory.

    Parameters
    ----------
    files : sequence of (split or None, path)
        None: the table's column ``split`` says it, or the reviews are split here.
    columns : Columns
    folder : Path
    progress : callable
        Called with a line for the user.

    Raises
    ------
    UserError
        If a row is not a review, or they are too few.
    """
    fields = check_table(files[0][1], columns)
    rows = _Rows(columns, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115  # read again when it is encoded
    for split, path in files:
        if check_table(path, columns) != fields:
            raise UserError(f"{path} and {files[0][1]} have different columns; give both {', '.join(fields)}")
        number = 0
        progress(f"Reading {path.name}")
        try:
            reader = _READERS[path.suffix](path, [columns.names[field] for field in fields])
            next(reader)
            for number, values in enumerate(reader, start=1):
                try:
                    rows.add(split, dict(zip(fields, values, strict=True)))
                except ValueError as error:
                    raise UserError(f"{path}, review {number:,}: {error}") from None
                if number % _PROGRESS_ROWS == 0:
                    progress(f"Reading {path.name}: {number:,} reviews")
        except _UNREADABLE as error:
            raise _refused(path, error, number) from None
    return rows.to_corpus()


class _Rows:
    """The rows read so far."""

    def __init__(self, columns: Columns, file: IO[bytes]) -> None:
        self._columns = columns
        self._file = file
        self._ends = array("q", [0])
        self._labels: dict[str, int] = {}  # name to number, by first appearance
        self._numbers = bytearray()  # of the labels
        self._splits: list[str | None] = []
        self._ids: list[str] = []
        self._row_numbers: Counter[str | None] = Counter()
        self._groups: list[str] = []

    def add(self, split: str | None, row: dict[str, Any]) -> None:
        self._row_numbers[split] += 1
        self._ids.append(str(row.get("id", self._row_numbers[split])))
        for field, value in row.items():
            if value is None or not str(value).strip():
                raise ValueError(f"its {field} is empty; fill it in or remove the row")
        text = row["text"]
        if not isinstance(text, str):
            raise ValueError(f"its text is a {type(text).__name__}; name the column of texts with --columns text=…")
        content = text.encode("utf-8", "replace")  # a lone surrogate becomes "?"
        if len(content) > MAX_TEXT_BYTES:
            raise ValueError(f"its text is longer than {MAX_TEXT_BYTES:,} bytes; shorten it or remove the row")
        if split is None and "split" in row:
            split = str(row["split"]).strip().lower()
            if split not in ("train", "test"):
                raise ValueError(
                    f"its split is {split[:50]!r}; possible are train and test: rename it or remove the row"
                )
        self._numbers.append(self._label_number(row["label"]))
        self._splits.append(split)
        if len(self._ids[-1]) > MAX_ID_LENGTH or not self._ids[-1].isprintable():
            raise ValueError(
                f"its id has control characters or is longer than {MAX_ID_LENGTH} characters; name another column with "
                "--columns id=…"
            )
        if "group" in row:
            self._groups.append(str(row["group"]))
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def to_corpus(self) -> RawCorpus:
        """Return all rows as a corpus, split here where the source does not say it."""
        if len(self._numbers) < MIN_REVIEWS:
            raise UserError(f"{len(self._numbers)} reviews are too few; a benchmark needs at least {MIN_REVIEWS}")
        self._file.flush()
        label_names, labels = self._sorted_labels()
        groups = self._groups or None
        in_test = np.array([split == "test" for split in self._splits])
        note = ""
        if self._splits[0] is None:
            in_test = draw_test_split(labels, groups)
            kept = "" if groups is None else ", groups kept together"
            note = f"{in_test.mean():.0%} of the reviews were drawn for testing (fixed seed, stratified by label{kept})"
        return RawCorpus(
            self._split("train", ~in_test, labels, groups),
            self._split("test", in_test, labels, groups),
            labels=label_names,
            note=note,
        )

    def _split(
        self, name: str, chosen: NDArray[np.bool_], labels: NDArray[np.int64], groups: list[str] | None
    ) -> RawSplit:
        rows = np.flatnonzero(chosen)
        ids = [f"{name}/{self._ids[row]}" for row in rows.tolist()]
        if len(set(ids)) < len(ids):
            repeated = next(review_id for review_id, count in Counter(ids).items() if count > 1)
            raise UserError(
                f"two reviews have the id {repeated!r}; give each its own, or another column: --columns id=…"
            )
        ends = np.frombuffer(self._ends, np.int64)
        texts = StoredTexts(self._file, ends[:-1][rows], ends[1:][rows])
        return RawSplit(
            labels[rows], ids, texts, groups=None if groups is None else [groups[row] for row in rows.tolist()]
        )

    def _label_number(self, value: Any) -> int:
        if self._columns.minimum is not None:
            try:
                if (number := float(value)) == number:  # not NaN
                    return int(number >= self._columns.minimum)
            except (TypeError, ValueError):
                pass
            raise ValueError(f"its label is {str(value)[:50]!r}, not a number as --columns says")
        name = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        if not name.isprintable():
            raise ValueError("its label has control characters; give it another name")
        position = self._labels.setdefault(name, len(self._labels))
        if position > 1:
            names = ", ".join(repr(label[:50]) for label in self._labels)
            raise ValueError(
                f"its label is the third: {names}; a benchmark needs exactly two: remove the other rows, or give a "
                "condition such as --columns label=stars>=4"
            )
        return position

    def _sorted_labels(self) -> tuple[tuple[str, str], NDArray[np.int64]]:
        """Return the names of the labels 0 and 1, and each review's label."""
        numbers = np.frombuffer(self._numbers, np.uint8).astype(np.int64)
        if self._columns.minimum is not None:
            column, minimum = self._columns.names["label"], self._columns.minimum
            return (f"{column} < {minimum:g}", f"{column} >= {minimum:g}"), numbers
        if len(self._labels) < 2:
            raise UserError(f"every review has the label {next(iter(self._labels))!r}; a benchmark needs exactly two")
        first, second = self._labels
        try:
            swapped = float(first) > float(second)
        except ValueError:
            swapped = (first.casefold(), first) > (second.casefold(), second)
        return ((second, first), 1 - numbers) if swapped else ((first, second), numbers)


def draw_test_split(labels: NDArray[np.int64], groups: Sequence[str] | None) -> NDArray[np.bool_]:
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


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield the header, then the fields of `columns` of each row; as the other readers do."""
    csv.field_size_limit(10 * MAX_TEXT_BYTES)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        yield header
        positions = [header.index(column) for column in columns]
        for row in reader:
            if len(row) == len(header):
                yield [row[position] for position in positions]
            elif row:
                raise ValueError(f"line {reader.line_num} has {len(row)} fields, the header {len(header)}")


def _jsonl_rows(path: Path, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    with path.open(encoding="utf-8-sig") as file:
        is_first = True
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is not a JSON object")
            if is_first:
                is_first = False
                yield list(row)
            yield [row.get(column) for column in columns]


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as table:
        yield table.schema_arrow.names
        for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=list(columns)):
            yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)


_READERS: dict[str, Callable[[Path, Sequence[str]], Iterator[Sequence[Any]]]] = {
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
    ".parquet": _parquet_rows,
}
_UNREADABLE = (OSError, ValueError, csv.Error)


def _refused(path: Path, error: Exception, reviews: int = 0) -> UserError:
    after = f", after review {reviews:,}" if reviews else ""
    if isinstance(error, UnicodeDecodeError):
        return UserError(f"{path} is not UTF-8 text{after}; save it as UTF-8")
    return UserError(f"{path} cannot be read{after}: {' '.join(str(error).split())[:300]}")
