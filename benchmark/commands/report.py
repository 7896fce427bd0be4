"""``report``: build a benchmark's report again from the store alone."""

from __future__ import annotations

from pathlib import Path

from benchmark.commands.conclude import write_report
from benchmark.terminal import make_console, show_summary
from tracking.records import find_benchmark
from tracking.store import open_store


def report_command(run_id: str, output: str, tracking_uri: str | None, experiment_name: str | None) -> int:
    """Write the report of the benchmark run `run_id` below the folder `output`."""
    store = open_store(tracking_uri, experiment_name)
    conclusion = write_report(store, find_benchmark(store.client, store.experiment_id, run_id), Path(output))
    console = make_console()
    show_summary(console, conclusion.analysis)
    console.print(f"report  {conclusion.report_file}", markup=False)
    return 0
