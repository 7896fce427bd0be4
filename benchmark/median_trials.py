"""The trial that stands for its architecture: reproduced as its example, and served as its champion."""

from __future__ import annotations

from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.robust import median_seed


def median_trials(benchmark: BenchmarkRecord) -> dict[str, TrialRecord]:
    """The finished trial of median test accuracy of each architecture that has one, in the order of the benchmark."""
    medians = {}
    for architecture in benchmark.config.architectures:
        by_seed = {
            trial.config.seed: trial for trial in benchmark.finished if trial.config.architecture == architecture
        }
        accuracies = {seed: trial.result.test_accuracy for seed, trial in by_seed.items() if trial.result is not None}
        if accuracies:
            medians[architecture] = by_seed[median_seed(accuracies)]
    return medians
