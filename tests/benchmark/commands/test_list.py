"""What the list of benchmarks shows."""

import pytest

from benchmark.commands.list import _benchmark
from tracking.reader import BenchmarkRow


@pytest.mark.parametrize(
    ("status", "verdict", "finished", "shown"),
    [
        ("finished", "above", 3, "above"),
        ("finished", "none", 3, "finished"),
        ("finished", None, 3, "finished"),
        ("failed", "above", 2, "failed 2/3"),
        ("running", None, 0, "running 0/3"),
    ],
)
def test_the_result_is_the_verdict_of_a_finished_benchmark(status, verdict, finished, shown):
    row = BenchmarkRow(
        "id", "name", "2026-01-02T03:04", status, "lstm", "7", finished, 3, None, verdict, "imdb", 25_000
    )
    assert _benchmark(row)["result"] == shown
