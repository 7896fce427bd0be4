"""A trial's predictions are written to a file and read back unchanged."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.errors import UserError
from benchmark.predictions_file import read_predictions, write_predictions
from benchmark.results import Predictions


def some_predictions() -> Predictions:
    return Predictions(
        review_id=np.array(["test/neg/0", "test/pos/11"]),
        label=np.array([0, 1], dtype=np.int8),
        probability=np.array([0.1, 1 / 3], dtype=np.float32),
        words=np.array([230, 0], dtype=np.int32),
    )


def test_what_is_read_is_what_was_written_bit_for_bit(tmp_path: Path) -> None:
    written = some_predictions()
    write_predictions(tmp_path / "predictions.parquet", written)
    read = read_predictions(tmp_path / "predictions.parquet")
    for column in ("review_id", "label", "probability", "words"):
        np.testing.assert_array_equal(getattr(read, column), getattr(written, column), strict=True)


def test_a_failed_write_leaves_no_file_of_that_name(tmp_path: Path) -> None:
    uneven = Predictions(**{**vars(some_predictions()), "words": np.array([1], dtype=np.int32)})
    with pytest.raises(ValueError, match="length"):
        write_predictions(tmp_path / "predictions.parquet", uneven)
    assert not (tmp_path / "predictions.parquet").exists()


@pytest.mark.parametrize("content", [b"", b"not parquet", b"PAR1 cut short"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "predictions.parquet"
    path.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read") as refusal:
        read_predictions(path)
    assert "\n" not in str(refusal.value)


def test_a_file_with_other_columns_is_refused_with_the_expected_ones(tmp_path: Path) -> None:
    path = tmp_path / "predictions.parquet"
    pq.write_table(pa.table({"review_id": ["test/neg/0"], "probability": [0.5]}), path)
    with pytest.raises(UserError, match="expected are review_id string, label int8"):
        read_predictions(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_predictions(tmp_path / "predictions.parquet")
