"""A trial's result and predictions as files."""

import math
import os
from dataclasses import replace
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
    write_predictions,
    write_trial,
)
from tests.support.records import trial_config, trial_result

PREDICTIONS = Predictions(
    review_id=np.array(["test/neg/0", "test/pos/10", "ünïcode"]),
    label=np.array([0, 1, 1], np.int8),
    probability=np.array([0.25, 0.75, 1.0], np.float32),
    words=np.array([3, 0, 2_000_000_000], np.int32),
    group=np.array([0, 0, 7], np.int32),
    in_train=np.array([True, False, False]),
    repeated=np.array([False, False, True]),
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


def test_predictions_of_a_version_that_shuffled_no_words_are_read(tmp_path: Path) -> None:
    write_predictions(tmp_path / PREDICTIONS_FILE, replace(PREDICTIONS, probability_shuffled=None))
    assert "probability_shuffled" not in pq.read_schema(tmp_path / PREDICTIONS_FILE).names
    assert read_predictions(tmp_path / PREDICTIONS_FILE).probability_shuffled is None


def test_the_result_comes_last_and_by_a_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = []
    monkeypatch.setattr(os, "replace", lambda old, new: before.extend(path.name for path in tmp_path.iterdir()))
    write_trial(tmp_path, result(), PREDICTIONS)
    assert sorted(before) == [PREDICTIONS_FILE, f"{RESULT_FILE}.part"]


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"config":', b"PAR1 and no more"])
def test_a_missing_or_damaged_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / RESULT_FILE).write_bytes(content)
        (tmp_path / PREDICTIONS_FILE).write_bytes(content)
    with pytest.raises(UserError, match=r"^result\.json cannot be read: [^\n]+$"):
        read_result(tmp_path)
    with pytest.raises(UserError, match=r"^predictions\.parquet cannot be read: [^\n]+$"):
        read_predictions(tmp_path / PREDICTIONS_FILE)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / PREDICTIONS_FILE
    pq.write_table(pa.table({"review_id": ["a"], "label": [1.0]}), path)
    with pytest.raises(UserError, match="has the columns review_id: string, label: double; expected are review"):
        read_predictions(path)


def test_arrays_of_different_lengths_are_refused(tmp_path: Path) -> None:
    shorter = Predictions(**{**vars(PREDICTIONS), "label": PREDICTIONS.label[:2]})
    with pytest.raises(ValueError, match="length"):
        write_predictions(tmp_path / PREDICTIONS_FILE, shorter)
