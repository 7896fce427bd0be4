"""Tables of reviews: CSV, Parquet or JSON lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.encoding import RawCorpus, Review
from benchmark.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet", ".jsonl")
SEPARATORS = (",", ";", "\t")  # the one that is most often in the first line
NEEDED = ("text", "label")
FIELDS = (*NEEDED, "split", "id", "group")
MIN_REVIEWS = 20
SPLIT_SEED = 113
TEST_EVERY = 4  # without a column `split`, every fourth group is for testing

_AT_LEAST = re.compile(r"(.+?)\s*>=\s*(-?\d+(?:\.\d+)?)")


def is_table(path: Path) -> bool:
    """Return whether a file has the name of a table."""
    return path.suffix.lower() in SUFFIXES


def find_tables(path: Path) -> list[Path]:
    """Return the table at a path, or the tables named ``train`` and ``test`` of a folder; none where there is none."""
    if path.is_file():
        return [path] if is_table(path) else []
    tables = [file for file in path.glob("*") if is_table(file) and file.stem in ("train", "test")]
    return tables if len({file.stem for file in tables}) == 2 else []


def parse_columns(columns: str | None) -> dict[str, str]:
    """Read ``text=body,label=stars>=4``: the column of each field that it names, and the minimum.

    Raises
    ------
    UserError
        If it has another form.
    """
    chosen: dict[str, str] = {}
    if columns is None:
        return chosen
    for part in columns.split(","):
        field, _, column = (piece.strip() for piece in part.partition("="))
        if field not in FIELDS or not column or field in chosen:
            raise UserError(
                f"--columns {columns!r}: {part.strip()!r} is not of the form field=column, each field once; the fields "
                f"are {', '.join(FIELDS)}, for example text=body,label=stars>=4"
            )
        if field == "label" and (match := _AT_LEAST.fullmatch(column)):
            column, chosen["minimum"] = match.groups()
        chosen[field] = column
    return chosen


def read_table(
    files: Sequence[Path],
    chosen: Mapping[str, str],
    train: bool = True,
) -> RawCorpus:
    """Read tables as one corpus.

    Parameters
    ----------
    files : sequence of Path
        One, whose column ``split`` is followed or whose reviews are split here; or two, named by their split.
    chosen : mapping of str to str
        As `parse_columns` returns it.
    train : bool
        False: reviews that no column splits are all for testing, and the words of the vocabulary are theirs.

    Raises
    ------
    UserError
        If a file is not a table, a column is missing, a row is not a review, or they are too few.
    """
    import pandas as pd

    tables = {}
    for path in files:
        tables[path] = _fields(path, chosen)
        if len(files) > 1:
            tables[path]["split"] = path.stem
    rows = pd.concat(tables).fillna("")  # one table may have a column that another one has not
    if train and len(rows) < MIN_REVIEWS:
        raise UserError(f"{len(rows)} reviews are too few; a benchmark needs at least {MIN_REVIEWS}")
    for field in map(str, rows):
        _refuse(rows, field, rows[field].str.strip() == "", "fill it in or remove the row")
    label_names = _number_labels(rows, chosen)
    note = _add_split(rows, train)
    if "id" not in rows:
        rows["id"] = [str(position + 1) for _, position in rows.index]
    _refuse(rows, "id", rows.duplicated(["split", "id"]), "each may be there once; give another --columns id=…")
    if "group" not in rows:
        rows["group"] = None

    reviews: dict[str, list[Review]] = {"train": [], "test": []}
    row: Any
    for row in rows.itertuples():
        reviews[row.split].append(Review(f"{row.split}/{row.id}", row.label, row.text, row.group))
    trained = reviews["train"] if train or reviews["train"] else reviews["test"]
    return RawCorpus(trained, reviews["test"], labels=label_names, note=note)


def _fields(path: Path, chosen: Mapping[str, str]) -> pd.DataFrame:
    """Return the fields of a table as strings; a missing value is empty."""
    import pandas as pd
    from pandas.api.types import infer_dtype

    table = read_frame(path)
    header = list(map(str, table))
    fields = {}
    for field in FIELDS:
        name = chosen.get(field, field)
        if header.count(name) > 1:
            raise UserError(f"{path} has several columns {name!r}; rename or remove all but one")
        if name in header:
            values = table[name].astype(object)
            kind = infer_dtype(values)
            if kind.startswith(("bytes", "mixed")):
                raise UserError(f"{path}: the values of the column {name!r} are not of one type, text or numbers")
            fields[field] = values.fillna("").map(str)
        elif field in chosen or field in NEEDED:
            others = ", ".join(repr(other[:40]) for other in header[:20])
            raise UserError(f"{path} has no column {name!r}, only {others}; name it with --columns {field}=…")
    return pd.DataFrame(fields, dtype=object)


def read_frame(path: Path) -> pd.DataFrame:
    """Read all columns of a table.

    Raises
    ------
    UserError
        If it is none.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return pq.read_table(path).to_pandas(ignore_metadata=True)  # where a column was the index
        if suffix == ".jsonl":
            return pd.read_json(path, lines=True, dtype=False, convert_axes=False, encoding="utf-8-sig")
        with path.open(encoding="utf-8", errors="replace") as file:
            separator = max(SEPARATORS, key=file.readline().count)
        # without a header, since pandas changes equal names
        table = pd.read_csv(path, sep=separator, header=None, dtype=str, keep_default_na=False)
        return table[1:].set_axis(table.iloc[0], axis="columns").reset_index(drop=True)
    except (pa.ArrowException, ValueError, TypeError, OSError) as error:
        reason = " ".join(str(error).replace(str(path), path.name).split())[:300]
        form = "UTF-8, with commas, semicolons or tabs between the columns of a .csv"
        raise UserError(f"{path} cannot be read as a {path.suffix} table ({form}): {reason}") from None


def _number_labels(rows: pd.DataFrame, chosen: Mapping[str, str]) -> tuple[str, str]:
    """Replace the labels by 0 and 1, and return their names."""
    import pandas as pd

    labels = rows["label"].str.strip()
    if "minimum" in chosen:
        column, minimum = chosen["label"], float(chosen["minimum"])
        numbers = pd.to_numeric(labels, errors="coerce")
        _refuse(rows, "label", numbers.isna(), "--columns asks for a number")
        rows["label"] = np.where(numbers >= minimum, 1, 0)
        return f"{column} < {minimum:g}", f"{column} >= {minimum:g}"
    names = labels.unique().tolist()
    if len(names) != 2:
        shown = ", ".join(repr(name[:50]) for name in names[:5])
        raise UserError(
            f"a benchmark needs exactly two labels, not {len(names)} ({shown}): remove the other rows, or give a "
            "condition such as --columns label=stars>=4"
        )
    try:
        names.sort(key=float)
    except ValueError:
        names.sort(key=str.casefold)
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


def draw_test_split(labels: NDArray[np.int64], groups: NDArray[Any], every: int = TEST_EVERY) -> NDArray[np.bool_]:
    """Draw reviews for testing: stratified by label, groups kept together, by a fixed seed.

    Groups are sorted by their share of label 1 and their size, ties at random, and every fourth one is drawn, or as
    `every` says.
    """
    group = np.unique(groups, return_inverse=True)[1]
    size = np.bincount(group)
    share = np.bincount(group, weights=labels) / size
    at_random = np.random.RandomState(SPLIT_SEED).random_sample(len(size))
    order = np.lexsort((at_random, size, share))
    drawn = np.zeros(len(size), bool)
    drawn[order[every - 1 :: every]] = True
    return drawn[group]


def _refuse(rows: pd.DataFrame, field: str, is_bad: pd.Series[bool], remedy: str) -> None:
    """Name the first bad row."""
    if is_bad.any():
        row = int(is_bad.argmax())
        path, position = rows.index[row]
        value = str(rows[field].iat[row])
        shown = repr(value[:50]) if value.strip() else "empty"
        raise UserError(f"{path}, review {position + 1:,}: its {field} is {shown}; {remedy}")
