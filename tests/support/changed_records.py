"""Synthetic benchmarks with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmark.results import BenchmarkRecord, TrialResult
from tests.support.records import make_record

CHANGED_RUN_ID = "c" * 32


def with_results(record: BenchmarkRecord, change: Callable[[TrialResult], TrialResult]) -> BenchmarkRecord:
    """The same benchmark with every finished trial's result changed."""
    trials = tuple(
        replace(trial, result=change(trial.result)) if trial.result is not None else trial for trial in record.trials
    )
    return replace(record, trials=trials, run_id=CHANGED_RUN_ID)


def slower(record: BenchmarkRecord, factor: float) -> BenchmarkRecord:
    """The same benchmark with epochs that took so many times as long."""

    def change(result: TrialResult) -> TrialResult:
        epochs = tuple(
            epoch.model_copy(update={"train_seconds": factor * epoch.train_seconds}) for epoch in result.epochs
        )
        return result.model_copy(update={"epochs": epochs})

    return with_results(record, change)


def worse(record: BenchmarkRecord, points: float, architecture: str = "cnn_lstm") -> BenchmarkRecord:
    """A benchmark like it, in which the trials of one architecture lost so many points of accuracy."""
    accuracies = {
        (architecture, trial.config.seed): trial.result.test_accuracy - points / 100
        for trial in record.trials
        if trial.config.architecture == architecture and trial.result is not None
    }
    changed = make_record(record.config.architectures, record.config.seeds, accuracies=accuracies)
    return replace(changed, run_id=CHANGED_RUN_ID)
