"""From a benchmark in the store to its report and its summary metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.analysis.analyse import analyse
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.commands.time_stamp import time_stamp
from benchmark.corpus import Corpus
from benchmark.errors import UserError
from benchmark.report import build_report
from benchmark.results import BenchmarkRecord, HardReview
from tracking.records import read_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import Store


@dataclass(frozen=True)
class Conclusion:
    """What a benchmark came to, and where its report lies."""

    record: BenchmarkRecord
    analysis: Analysis
    report_file: Path


def write_report(store: Store, run_id: str, output: Path) -> Conclusion:
    """Read a benchmark from the store, and write its report to a folder of its own below `output`."""
    record = read_benchmark(store.client, run_id)
    analysis = analyse(record)
    folder = output / f"benchmark-{run_id[:8]}"
    try:
        files = build_report(record, folder, generated_at=time_stamp(), analysis=analysis)
    except OSError as error:
        raise UserError(
            f"--output: the report cannot be written to {folder}: {error.strerror or error}; every result is stored: "
            f"`python -m benchmark report --run-id {run_id} --output ELSEWHERE`"
        ) from None
    return Conclusion(record, analysis, files.html)


def conclude(store: Store, tracker: BenchmarkTracker, corpus: Corpus, output: Path) -> Conclusion:
    """Log what only a whole benchmark has: texts of the hardest reviews, summary metrics, and the report."""
    before = analyse(read_benchmark(store.client, tracker.run_id))
    tracker.log_hard_reviews([HardReview(hard.review_id, corpus.text(hard.review_id)) for hard in before.hard_reviews])
    tracker.log_summary(summary_metrics(before))
    conclusion = write_report(store, tracker.run_id, output)
    tracker.log_report(conclusion.report_file.parent)
    return conclusion


def summary_metrics(analysis: Analysis) -> dict[str, float]:
    """Metrics of the benchmark run: ``<architecture>.accuracy_mean`` and the like, and the number of trials."""
    metrics = {"trials_finished": float(analysis.trials_finished), "trials_planned": float(analysis.trials_planned)}
    for summary in analysis.architectures:
        metrics |= {f"{summary.architecture}.{name}": value for name, value in _metrics(summary).items()}
    return metrics


def _metrics(summary: ArchitectureSummary) -> dict[str, float]:
    metrics = {
        "accuracy_mean": summary.accuracy.mean,
        "accuracy_median": summary.accuracy_median,
        "accuracy_worst": summary.accuracy_worst,
        "f1_mean": summary.f1.mean,
        "seconds_per_epoch": summary.seconds_per_epoch.mean,
        "reviews_per_second": summary.reviews_per_second.mean,
        "peak_memory_mb": summary.peak_memory_mb.mean,
    }
    if summary.roc_auc is not None:
        metrics["roc_auc_mean"] = summary.roc_auc.mean
    if summary.accuracy.sd is not None:
        metrics["accuracy_std"] = summary.accuracy.sd
    if summary.paper is not None:
        metrics["points_to_paper"] = summary.paper.difference_points
    return metrics
