"""From a benchmark in the store to its report and its summary metrics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.analysis.analyse import analyse
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.analysis.evidence import gather_evidence
from benchmark.analysis.reviews import hard_reviews
from benchmark.commands.time_stamp import time_stamp
from benchmark.corpus import Corpus
from benchmark.errors import UserError
from benchmark.report import build_report
from benchmark.results import BenchmarkRecord, HardReview
from tracking.runs import BenchmarkTracker


@dataclass(frozen=True)
class Conclusion:
    """What a benchmark came to, and where its report lies."""

    record: BenchmarkRecord
    analysis: Analysis
    report_file: Path


def write_report(record: BenchmarkRecord, analysis: Analysis, output: Path) -> Conclusion:
    """Write the report of a benchmark that was read from the store to a folder of its own below `output`."""
    folder = output / f"benchmark-{record.run_id[:8]}"
    try:
        files = build_report(record, folder, generated_at=time_stamp(), analysis=analysis)
    except OSError as error:
        raise UserError(
            f"--output: the report cannot be written to {folder}: {error.strerror or error}; every result is stored: "
            f"`python -m benchmark report --run-id {record.run_id} --output ELSEWHERE`"
        ) from None
    return Conclusion(record, analysis, files.html)


def conclude(record: BenchmarkRecord, tracker: BenchmarkTracker, corpus: Corpus, output: Path) -> Conclusion:
    """Log what only a whole benchmark has: texts of the hardest reviews, summary metrics, and the report.

    Parameters
    ----------
    record : BenchmarkRecord
        As the store has it, with its last status. It has every prediction, so it is read once and handed on.
    """
    hardest = hard_reviews(gather_evidence(record))
    texts = tuple(HardReview(one.review_id, corpus.text(one.review_id)) for one in hardest)
    tracker.log_hard_reviews(texts)
    record = replace(record, hard_reviews=texts)
    analysis = analyse(record)
    tracker.log_summary(summary_metrics(analysis))
    conclusion = write_report(record, analysis, output)
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
