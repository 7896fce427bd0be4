"""A trial's result and predictions as files."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.errors import UserError
from benchmark.results import Predictions
from benchmark.trial_folder import (
    PREDICTIONS_FILE,
    RESULT_FILE,
    read_predictions,
    read_result,
    read_trial_folder,
    write_trial,
)
from tests.support.records import corpus_facts, trial_config, trial_result, write_trial_folder

PREDICTIONS = Predictions(
    review_id=np.array(["test/neg/0", "test/pos/10", "ünïcode"]),
    label=np.array([0, 1, 1], np.int8),
    probability=np.array([0.25, 0.75, 1.0], np.float32),
    words=np.array([3, 0, 2_000_000_000], np.int32),
    group=np.array([0, 0, 7], np.int32),
    probability_shuffled=np.array([0.5, 0.25, 0.75], np.float32),
)


def result():
    return trial_result(trial_config(), PREDICTIONS)


def test_what_is_written_reads_back_with_its_types(tmp_path: Path) -> None:
    written = result()
    scores = written.scores.model_copy(update={"roc_auc": math.nan})
    write_trial(tmp_path, written.model_copy(update={"scores": scores}), PREDICTIONS)
    read_back = read_result(tmp_path)
    assert math.isnan(read_back.scores.roc_auc)
    assert read_back.model_copy(update={"scores": written.scores}) == written
    read = read_predictions(tmp_path / PREDICTIONS_FILE)
    for name, array in vars(PREDICTIONS).items():
        np.testing.assert_array_equal(getattr(read, name), array)
        assert name == "review_id" or getattr(read, name).dtype == array.dtype
    assert sorted(path.name for path in tmp_path.iterdir()) == [PREDICTIONS_FILE, RESULT_FILE]


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"config":', b"PAR1 and no more"])
def test_a_missing_or_damaged_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / RESULT_FILE).write_bytes(content)
        (tmp_path / PREDICTIONS_FILE).write_bytes(content)
    with pytest.raises(UserError, match=r"^result\.json cannot be read: [^\n]+$"):
        read_result(tmp_path)
    with pytest.raises(UserError, match=r"^predictions\.parquet cannot be read: [^\n]+$"):
        read_predictions(tmp_path / PREDICTIONS_FILE)


def edit_result(folder: Path, **changes: object) -> None:
    path = folder / RESULT_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def edit_predictions(folder: Path, **first_row: object) -> None:
    table = pq.read_table(folder / PREDICTIONS_FILE)
    columns = table.to_pydict()
    for name, value in first_row.items():
        columns[name][0] = value
    pq.write_table(pa.table(columns, schema=table.schema), folder / PREDICTIONS_FILE)


def half(folder: Path) -> None:
    pq.write_table(pq.read_table(folder / PREDICTIONS_FILE)[:200], folder / PREDICTIONS_FILE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: edit_result(folder, wall_seconds=math.inf), "result.json cannot be read: .* wall_seconds"),
        (lambda folder: edit_result(folder, corpus_digest="0" * 64), "its corpus is not that of the benchmark"),
        (lambda folder: edit_predictions(folder, probability=math.nan), "a probability is not a number from 0 to 1"),
        (
            lambda folder: edit_predictions(folder, probability=0.9),
            "its accuracy is 0.8800, and that of its predictions",
        ),
        (lambda folder: edit_predictions(folder, review_id="test/neg/2"), "it has two predictions for one review"),
        (half, "it has 200 predictions, and not one for each of 400 reviews"),
    ],
)
def test_a_trial_that_does_not_hold_is_refused_in_one_line(tmp_path: Path, change, reason: str) -> None:
    written = write_trial_folder(tmp_path, trial_config())
    result, _ = read_trial_folder(tmp_path, trial_config(), corpus_facts())
    assert result == written
    change(tmp_path)
    with pytest.raises(UserError, match=f"^[^\n]*{reason}"):
        read_trial_folder(tmp_path, trial_config(), corpus_facts())
