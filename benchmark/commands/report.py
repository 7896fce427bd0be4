"""``report``: build a benchmark's report again from the store alone."""

from __future__ import annotations

from pathlib import Path

from benchmark.analysis.analyse import analyse
from benchmark.commands.conclude import write_report
from benchmark.terminal import make_console, show_summary
from tracking.records import read_benchmark
from tracking.run_lookup import find_benchmark
from tracking.store import connect, experiment_named


def report_command(run_id: str, output: str, tracking_uri: str | None, experiment_name: str | None) -> int:
    """Write the report of the benchmark run `run_id` below the folder `output`."""
    client = connect(tracking_uri)
    record = read_benchmark(client, find_benchmark(client, experiment_named(client, experiment_name), run_id))
    conclusion = write_report(record, analyse(record), Path(output))
    console = make_console()
    console.print(f"benchmark {record.run_id}, begun {record.started_at}", markup=False)
    show_summary(console, conclusion.analysis)
    console.print(f"report  {conclusion.report_file}", markup=False)
    return 0
