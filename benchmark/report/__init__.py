"""The report on a benchmark: from its record to statistics, tables and charts, to HTML, Markdown, CSV and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.report.build import ReportFiles, build_report, write_accuracy_picture

__all__ = ["ReportFiles", "build_report", "write_accuracy_picture"]


def __getattr__(name: str) -> Any:
    """Import the charts' libraries when a report is built, not whenever a part of this package is named."""
    if name in __all__:
        from benchmark.report import build

        return getattr(build, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
