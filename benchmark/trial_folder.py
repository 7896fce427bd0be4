"""The folder of a finished trial: its result, predictions and model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.results import Predictions, TrialResult

RESULT_FILE = "result.json"
PREDICTIONS_FILE = "predictions.parquet"
NETWORK_FILE = "model.keras"
BASELINE_FILE = "baseline.skops"
TENSORBOARD_FOLDER = "tensorboard"
SOURCE_FILE = "architecture.py"


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
        raise UserError(f"the result {path} cannot be read: {_first_line(error)}") from None


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one row for each review, in the given order, by a rename.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [
        pa.array(getattr(predictions, name).tolist() if name == "review_id" else getattr(predictions, name), kind)
        for name, kind in _columns().items()
    ]
    unfinished = path.with_name(f"{path.name}.part")
    pq.write_table(pa.table(columns, list(_columns())), unfinished, compression="zstd")
    os.replace(unfinished, path)


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    UserError
        If the file is missing or damaged, or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"the predictions {path} cannot be read: {_first_line(error)}") from None
    found = {field.name: field.type for field in table.schema}
    if found != _columns():
        raise UserError(f"the predictions {path} have the columns {_named(found)}; expected are {_named(_columns())}")
    arrays: dict[str, Any] = {name: table[name].to_numpy() for name in found if name != "review_id"}
    return Predictions(review_id=np.array(table["review_id"].to_pylist(), np.str_), **arrays)


def _columns() -> dict[str, object]:
    import pyarrow as pa

    return {
        "review_id": pa.string(),
        "label": pa.int8(),
        "probability": pa.float32(),
        "words": pa.int32(),
        "group": pa.int32(),
        "in_train": pa.bool_(),
        "repeated": pa.bool_(),
    }


def _named(columns: dict[str, object]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
