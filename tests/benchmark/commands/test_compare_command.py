"""``compare`` from the command to its files, with two benchmarks that no store has."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.commands import compare
from benchmark.errors import UserError
from tests.support.changed_records import CHANGED_RUN_ID, worse
from tests.support.records import make_record

BASE = make_record(("lstm", "cnn_lstm"), (7, 8))
RECORDS = {BASE.run_id: BASE, CHANGED_RUN_ID: worse(BASE, 2)}


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "connect", lambda uri: None)
    monkeypatch.setattr(compare, "open_store", lambda uri, name: SimpleNamespace(client=None, experiment_id="1"))
    monkeypatch.setattr(compare, "find_benchmark", lambda client, experiment_id, which: which)
    monkeypatch.setattr(compare, "read_benchmark", lambda client, run_id: RECORDS[run_id])
    monkeypatch.setattr(compare, "log_comparison", lambda store, comparison, directory: None)


def run_compare(output: Path) -> dict[str, bytes]:
    """Every file of the comparison, by its place in the folder."""
    compare.compare_command(
        baseline=BASE.run_id,
        candidate=CHANGED_RUN_ID,
        max_accuracy_drop_points="1",
        max_slowdown="1.25",
        certain_only=False,
        output=str(output),
        tracking_uri=None,
        experiment_name=None,
    )
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def test_with_a_chosen_time_stamp_a_comparison_is_the_same_to_the_last_byte(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    first, again = run_compare(tmp_path / "first"), run_compare(tmp_path / "again")
    assert first == again
    page = f"comparison-{BASE.run_id[:8]}-{CHANGED_RUN_ID[:8]}/comparison.html"
    assert b"2011-03-13, 07:06 UTC" in first[page]


def test_a_folder_that_cannot_be_written_is_refused_in_a_line(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="--output: the comparison cannot be written to"):
        run_compare(tmp_path / "file")
