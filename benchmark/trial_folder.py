"""The folder of a finished trial: its result, predictions and model."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.errors import UserError
from benchmark.results import Predictions, TrialResult

if TYPE_CHECKING:
    import pyarrow as pa

RESULT_FILE = "result.json"
PREDICTIONS_FILE = "predictions.parquet"
NETWORK_FILE = "model.keras"
BASELINE_FILE = "baseline.skops"
TENSORBOARD_FOLDER = "tensorboard"
SOURCE_FILE = "architecture.py"
SHUFFLED = "probability_shuffled"  # a column that trials of earlier versions do not have


def write_trial(folder: Path, result: TrialResult, predictions: Predictions) -> None:
    """Write the predictions, then the result by a rename: a folder with ``result.json`` is complete."""
    write_predictions(folder / PREDICTIONS_FILE, predictions)
    unfinished = folder / f"{RESULT_FILE}.part"
    unfinished.write_text(result.model_dump_json(indent=2), encoding="utf-8")
    os.replace(unfinished, folder / RESULT_FILE)


def read_result(folder: Path) -> TrialResult:
    """Read what `write_trial` wrote.

    Raises
    ------
    UserError
        If there is no result, or it is damaged.
    """
    path = folder / RESULT_FILE
    try:
        return TrialResult.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"the result {path} cannot be read: {str(error).splitlines()[0]}") from None


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one row for each review, in the given order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = vars(predictions) | {"review_id": predictions.review_id.tolist()}
    if predictions.probability_shuffled is None:
        del columns[SHUFFLED]
    pq.write_table(pa.table(columns, schema=_schema(columns)), path, compression="zstd")


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    UserError
        If the file is missing or damaged, or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own pool keeps 40 MB for such small files
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"the predictions {path} cannot be read: {str(error).splitlines()[0]}") from None
    schema = _schema(table.column_names)
    if table.schema != schema:
        found, expected = (", ".join(str(schema).splitlines()) for schema in (table.schema, schema))
        raise UserError(f"the predictions {path} have the columns {found}; expected are {expected}")
    arrays = {name: table[name].to_numpy() for name in table.column_names}
    return Predictions(**arrays | {"review_id": arrays["review_id"].astype(np.str_)})


def _schema(names: Collection[str]) -> pa.Schema:
    """The columns; that of the shuffled words only where it is among the names."""
    import pyarrow as pa

    columns = {
        "review_id": pa.string(),
        "label": pa.int8(),
        "probability": pa.float32(),
        "words": pa.int32(),
        "group": pa.int32(),
        "in_train": pa.bool_(),
        "repeated": pa.bool_(),
    }
    if SHUFFLED in names:
        columns[SHUFFLED] = pa.float32()
    return pa.schema(columns)
