"""A trial's predictions as a Parquet file: columns of plain numbers and strings, nothing to unpickle."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import UserError
from benchmark.results import Predictions

SCHEMA = pa.schema(
    [
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("label", pa.int8(), nullable=False),
        pa.field("probability", pa.float32(), nullable=False),
        pa.field("words", pa.int32(), nullable=False),
    ]
)


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one row a review, in the given order; the file appears whole or not at all.

    Raises
    ------
    ValueError
        If the four arrays differ in length.
    """
    columns = [
        pa.array(predictions.review_id.tolist(), pa.string()),
        pa.array(predictions.label, pa.int8()),
        pa.array(predictions.probability, pa.float32()),
        pa.array(predictions.words, pa.int32()),
    ]
    unfinished = path.with_name(path.name + ".part")
    pq.write_table(pa.Table.from_arrays(columns, schema=SCHEMA), unfinished, compression="zstd")
    os.replace(unfinished, path)


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    UserError
        If the file is not there, is damaged, or has other columns.
    """
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"the predictions {path} cannot be read: {reason}") from None
    if not table.schema.equals(SCHEMA):
        raise UserError(
            f"the predictions {path} have the columns {_columns(table.schema)}; expected are {_columns(SCHEMA)}"
        )
    return Predictions(
        review_id=np.array(table["review_id"].to_pylist(), dtype=np.str_),
        label=table["label"].to_numpy(),
        probability=table["probability"].to_numpy(),
        words=table["words"].to_numpy(),
    )


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)
