"""A stored benchmark read back, reported on and described in MLflow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.results import BenchmarkRecord
from tracking.session import Session, run_name
from tracking.store import ui_page

if TYPE_CHECKING:
    from benchmark.report.report_types import Report


def write_report(
    record: BenchmarkRecord,
    texts: Mapping[str, str] | None,
    folder: Path,
) -> Report:
    """Write the report and, unless `texts` is None, the page that lists every review; return the report."""
    from benchmark.report import collect_trials, render, render_reviews, summarize

    architectures = collect_trials(record)
    report = summarize(record, architectures)
    render(report, folder)
    if texts is not None:
        render_reviews(report, architectures, texts, folder)
    return report


def publish(
    session: Session,
    record: BenchmarkRecord,
    folder: Path,
    texts: Mapping[str, str],
) -> Report:
    """Write the report, log it, and describe the benchmark's run by its answer.

    Parameters
    ----------
    texts : mapping of str to str
        Those of the test reviews by their ids, for the page that lists every review.
    """
    from benchmark.report import answer_markdown

    # the report has the name that the run gets, so that it is the same when it is written again
    name = run_name([trial.config for trial in record.trials], record.best)
    report = write_report(replace(record, name=name), texts, folder)
    page = ui_page(record.experiment_id, f"{record.run_id}/artifacts/report/report.html")
    session.publish(
        folder,
        tags={
            "mlflow.note.content": answer_markdown(report, page),
            "mlflow.runName": name,
            "benchmark.verdict": report.verdict,
        },
        metrics=sortable_metrics(report),
    )
    return report


def sortable_metrics(report: Report) -> dict[str, float]:
    """Return what runs are sorted by: the best accuracy, and each architecture's with the ends of its interval."""
    metrics = {}
    if report.rows:
        metrics["best_accuracy"] = report.rows[0].accuracy
    for row in report.rows:
        name = re.sub(r"[^\w.-]+", " ", row.architecture).strip()  # MLflow refuses brackets here
        metrics[f"accuracy/{name}"] = round(row.accuracy, 6)
        metrics[f"accuracy_low/{name}"] = round(row.interval.low, 6)
        metrics[f"accuracy_high/{name}"] = round(row.interval.high, 6)
    return metrics
