"""Files of a report: page, Markdown, JSON, CSV and charts."""

from __future__ import annotations

from pathlib import Path

from benchmark.report.report_types import Report


def render(report: Report, folder: Path) -> None:
    """Write ``report.html``, ``report.md``, ``report.json``, ``trials.csv``, ``charts/*.svg`` and ``ladder.png``.

    The folder is made where it is missing. The same report gives the same bytes.
    """
    raise NotImplementedError


def answer_markdown(report: Report, links: dict[str, str] | None = None) -> str:
    """Return the answer as Markdown: its sentences, the ladder as a table, and the command.

    It is the description of the benchmark's MLflow run.

    Parameters
    ----------
    links : dict of str to str, optional
        Run id of a trial to the address of its page; the accuracies of the seeds are linked with it.
    """
    raise NotImplementedError
