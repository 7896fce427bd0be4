"""The folder of a finished trial: its result, predictions and model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.corpus.facts import CorpusFacts, reviews_used
from benchmark.errors import UserError
from benchmark.results import Predictions, TrialResult
from benchmark.statistics.scores import scores

if TYPE_CHECKING:
    import pyarrow as pa

RESULT_FILE = "result.json"
PREDICTIONS_FILE = "predictions.parquet"
NETWORK_FILE = "model.keras"
BASELINE_FILE = "baseline.skops"
TENSORBOARD_FOLDER = "tensorboard"
SOURCE_FILE = "architecture.py"
SUMMARY_FILE = "model_summary.txt"
COLUMNS = {
    "review_id": "string",
    "label": "int8",
    "probability": "float",
    "words": "int32",
    "group": "int32",
    "probability_shuffled": "float",
}
SCORE_TOLERANCE = 1e-5
_last_read: dict[str, tuple[pa.ChunkedArray, NDArray[Any]]] = {}


def write_trial(folder: Path, result: TrialResult, predictions: Predictions) -> None:
    """Write the predictions, then the result by a rename: a folder with ``result.json`` is complete."""
    write_predictions(folder / PREDICTIONS_FILE, predictions)
    unfinished = folder / f"{RESULT_FILE}.part"
    unfinished.write_text(result.model_dump_json(indent=2), encoding="utf-8")
    os.replace(unfinished, folder / RESULT_FILE)


def read_trial_folder(folder: Path, config: TrialConfig, corpus: CorpusFacts) -> tuple[TrialResult, Predictions]:
    """Read a finished trial: whatever comes in is checked here, and only here.

    Parameters
    ----------
    config : TrialConfig
        Of the planned trial.
    corpus : CorpusFacts
        Of the benchmark.

    Raises
    ------
    UserError
        If a file is missing or damaged, there is not one possible prediction for each test review of this
        corpus, or the scores are not those of the predictions.
    """
    result = read_result(folder)
    predictions = read_predictions(folder / PREDICTIONS_FILE)
    if result.corpus_digest != corpus.digest:
        raise UserError("its corpus is not that of the benchmark")
    reviews = reviews_used(corpus.test_reviews, config.max_reviews)
    predicted = len(predictions.review_id)
    if predicted != reviews:
        raise UserError(f"it has {predicted:,} predictions, and not one for each of {reviews:,} reviews")
    try:
        expected = scores(predictions.label, predictions.probability)
        if predictions.probability_shuffled is not None:
            scores(predictions.label, predictions.probability_shuffled)
    except ValueError as error:
        raise UserError(str(error)) from None
    for name, stored in result.scores.model_dump().items():
        if not np.isclose(expected[name], stored, rtol=0, atol=SCORE_TOLERANCE, equal_nan=True):
            raise UserError(f"its {name} is {stored:.4f}, and that of its predictions {expected[name]:.4f}")
    return result, predictions


def read_result(folder: Path) -> TrialResult:
    """Read what `write_trial` wrote.

    Raises
    ------
    UserError
        If there is no result, or it is damaged.
    """
    try:
        return TrialResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).replace(f"{folder}/", "").splitlines()[:3])
        raise UserError(f"{RESULT_FILE} cannot be read: {reason}") from None


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one row for each review, in the given order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: column for name, column in vars(predictions).items() if column is not None}
    schema = pa.schema([(name, COLUMNS[name]) for name in columns])
    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    UserError
        If the file is missing or damaged, has other columns, or two rows for one review.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(name, kind, nullable=False) for name, kind in COLUMNS.items()])
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own pool keeps 40 MB for such small files
    try:
        with pq.ParquetFile(path) as file:
            table = file.read(list(COLUMNS)).cast(schema)  # version 0.4 wrote more
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = str(error).replace(f"{path.parent}/", "").splitlines()[0]
        raise UserError(f"{path.name} cannot be read: {reason}") from None
    return Predictions(**{name: _array(name, table[name]) for name in COLUMNS})


def _array(name: str, column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column as an array; one that equals the last of its name is the same array, in memory once."""
    if name in _last_read and _last_read[name][0].equals(column):
        return _last_read[name][1]
    array = column.to_numpy()
    if name == "review_id":
        if len(set(array)) < len(array):
            raise UserError("it has two predictions for one review")
        array = array.astype(np.str_)
    _last_read[name] = column, array
    return array
