"""The answer of a benchmark or of a comparison: sentence, table, next steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console


def show_summary(
    console: Console, report: Any, *, report_file: Path | None, ui_link: str, model_uri: str | None
) -> None:
    """Print the sentence, the table, and three lines: the report, the link to MLflow's UI, the model's command.

    Parameters
    ----------
    report : benchmark.report.Report
    ui_link : str
        The URL of the run in MLflow's UI, or the command that starts the UI.
    model_uri : str or None
        For example ``models:/imdb-cnn_lstm/3``; None where no model is registered.
    """
    raise NotImplementedError


def show_comparison(console: Console, comparison: Any, *, report_file: Path) -> None:
    """Print one row an architecture, and whether there is a regression."""
    raise NotImplementedError
