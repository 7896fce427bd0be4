"""What the list of benchmarks shows."""

import pytest

from benchmark.commands.list import result
from tracking.reader import BenchmarkRow


@pytest.mark.parametrize(
    ("status", "verdict", "shown"),
    [
        ("finished", "above", "above"),
        ("finished", "undecided", "undecided"),
        ("finished", "", "finished"),
        ("finished", None, "finished"),
        ("finished", "LSTM 87.20%, above 88.89%", "finished"),  # of an earlier version
        ("failed", "above", "failed"),
    ],
)
def test_the_result_is_the_verdict_of_a_finished_benchmark(status, verdict, shown):
    row = BenchmarkRow(
        run_id="0" * 32,
        name="benchmark",
        experiment="imdb-benchmark",
        started_at="2026-01-02T03:04:05+00:00",
        status=status,
        architectures=("lstm",),
        seeds=(7,),
        finished=1,
        planned=1,
        best_accuracy=0.9,
        verdict=verdict,
        corpus="imdb",
        train_reviews=25_000,
    )
    assert result(row) == shown
