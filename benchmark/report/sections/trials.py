"""The trials one by one, and what they cost."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.analysis.parts import Provenance, Spread, TrialRow
from benchmark.report.charts.parts import MOST_TRIALS_SHOWN
from benchmark.report.document import Paragraph, Section, TableBlock
from benchmark.report.sections.accuracy import NOTHING, spread_cell, timed
from benchmark.report.table import Cell, make_table


def trials_section(analysis: Analysis) -> Section:
    """Every trial with its run; of many, only those that need a look."""
    if not analysis.trials:
        return Section("trials", "Trials", (Paragraph("This benchmark has no trial."),))
    order = {verdict.architecture: place for place, verdict in enumerate(analysis.verdicts)}
    shown = tuple(sorted(analysis.trials, key=lambda trial: order.get(trial.architecture, len(order))))
    caption, note = "Every trial", ""
    if len(analysis.trials) > MOST_TRIALS_SHOWN:
        remarkable = [trial for trial in shown if trial.status != "finished" or trial.is_outlier]
        shown = tuple(remarkable[:MOST_TRIALS_SHOWN])
        caption = "Trials that need a look"
        note = (
            f"{n.count(len(shown))} of {n.count(len(analysis.trials))} trials: those without a result, and outliers. "
            "trials.csv has all of them."
        )
    if not shown:
        text = f"All {n.count(len(analysis.trials))} trials finished and none is an outlier; "
        return Section("trials", "Trials", (Paragraph(f"{text}trials.csv has a line for each."),))

    def row(trial: TrialRow) -> list[Cell | str]:
        missing = "no result"
        status = Cell(trial.status, detail=trial.failure or ("outlier" if trial.is_outlier else ""))
        return [
            trial.title,
            str(trial.seed),
            status,
            Cell(n.known(trial.test_accuracy, n.percent, missing), mark="strong"),
            n.known(trial.wilson, n.percent_interval, missing),
            n.known(trial.test_f1, n.decimal(4), missing),
            n.known(trial.test_roc_auc, n.decimal(4), missing if trial.test_accuracy is None else n.UNKNOWN),
            n.known(trial.test_loss, n.decimal(4), missing),
            # an epoch of one step has only the first one, which is timed apart
            n.UNKNOWN if trial.reviews_per_second == 0 else n.known(trial.seconds_per_epoch, n.decimal(1), missing),
            n.known(trial.wall_seconds, n.seconds, missing),
            Cell(trial.registered_version or "none", mark="line"),
            Cell(n.short_id(trial.weights_sha256), code=True) if trial.weights_sha256 else "none",
            Cell(n.short_id(trial.run_id), code=True, href=run_url(analysis.provenance, trial.run_id)),
        ]

    columns = ["Architecture", "Seed", "Status", "Accuracy", "95% interval (Wilson), %", "F1", "ROC AUC", "Loss"]
    columns += ["Seconds per epoch", "Time in all", "Registered as", "Weights", "Run"]
    table = make_table(
        "trials", caption, columns, map(row, shown), words=("Status", "Registered as", "Weights", "Run"), note=note
    )
    return Section("trials", "Trials", (TableBlock(table),))


def cost_section(analysis: Analysis) -> Section:
    """Time, memory and size."""
    about = Paragraph(analysis.cost.sentence)
    if not analysis.architectures:
        return Section("cost", "Cost", (NOTHING,))
    gpu = any(one.peak_gpu_memory_mb for one in analysis.architectures)

    def row(one: ArchitectureSummary) -> list[Cell | str]:
        return [
            one.title,
            timed(one, spread_cell(one.seconds_per_epoch, n.decimal(1))),
            timed(one, spread_cell(one.reviews_per_second, n.count)),
            spread_cell(one.evaluation_milliseconds_per_review, n.decimal(2)),
            spread_cell(one.trace_seconds, n.decimal(1)),
            n.seconds(one.wall_seconds.mean),
            _memory(one.peak_memory_mb),
            *([_memory(one.peak_gpu_memory_mb)] if gpu else []),
            n.megabytes(one.model_mb),
            n.count(one.parameters),
        ]

    columns = ["Architecture", "Training, seconds per epoch", "Training, reviews per second"]
    columns += ["Evaluation, ms per review", "First step, seconds", "Trial in all", "Peak memory"]
    columns += [*(["Peak GPU memory"] if gpu else []), "Saved model", "Parameters"]
    note = (
        "Mean over the seeds, with the standard deviation over them. The first step, in which TensorFlow traces the "
        "graph, is not part of an epoch's time. Peak memory is the highest of any seed, of the worker process, which "
        "keeps TensorFlow between trials."
    )
    table = make_table("cost", "Cost of a trial", columns, map(row, analysis.architectures), note=note)
    return Section("cost", "Cost", (about, TableBlock(table)))


def _memory(value: Spread | None) -> str:
    return n.UNKNOWN if value is None else n.megabytes(value.high)


def run_url(facts: Provenance, run_id: str) -> str | None:
    """Where MLflow's pages show a run; None where the tracking store has no pages."""
    if not facts.tracking_uri.startswith(("http://", "https://")):
        return None
    return f"{facts.tracking_uri.rstrip('/')}/#/experiments/{facts.experiment_id}/runs/{run_id}"
