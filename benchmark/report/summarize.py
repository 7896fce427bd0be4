"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

from benchmark.report.report_types import Report
from benchmark.results import BenchmarkRecord


def summarize(record: BenchmarkRecord) -> Report:
    """Compute all that the report says; the same record gives the same report."""
    raise NotImplementedError
