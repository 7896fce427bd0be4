"""Finished trials by architecture, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.results import BenchmarkRecord, Predictions, TrialRecord
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import Floats, RightCounts, count_right
from benchmark.wording import printable

MIN_CHANGED_ANSWERS = 0.001  # the rounding of sums in another order changes fewer


@dataclass(frozen=True)
class ArchitectureTrials:
    """The finished trials of one architecture, in the order of their seeds.

    Attributes
    ----------
    title : str
        That of no other architecture: where two share one, each has its name behind it.
    predictions : Predictions
        Of the first trial, for what all have in common.
    probability : array of float32, shape (n_trials, n_reviews)
    right : array of bool, shape (n_trials, n_reviews)
    shuffled : RightCounts or None
        With the words of each review in random order; None of other reviews than the test split.
    reads_order : bool
        Its answers change where words are shuffled; True where that is not known.
    """

    name: str
    title: str
    trials: Sequence[TrialRecord]
    predictions: Predictions
    probability: NDArray[np.float32]
    right: NDArray[np.bool_]
    counts: RightCounts
    shuffled: RightCounts | None
    reads_order: bool

    @property
    def one_label(self) -> bool:
        """Whether it gives every review the same label."""
        positive = self.probability > 0.5
        return bool(positive.all() or not positive.any())

    @property
    def sequence_model(self) -> bool:
        """Whether it is a network whose answers change where words are shuffled."""
        return self.trials[0].config.kind == "network" and self.reads_order

    @property
    def weights(self) -> dict[int | None, str]:
        """Hash of the weights by seed."""
        return {trial.config.seed: trial.result.weights_sha256 for trial in self.trials if trial.result}


def collect_trials(record: BenchmarkRecord) -> list[ArchitectureTrials]:
    """Collect the finished trials of each architecture that is compared, the best first; of equals, one label first."""
    by_name = record.compared
    titles = {name: printable(trials[0].config.title) for name, trials in by_name.items()}
    times_used = Counter(titles.values())
    architectures = []
    for name, trials in by_name.items():
        title = titles[name]
        if times_used[title] > 1:
            title = f"{title} ({name})"

        trials.sort(key=lambda trial: trial.config.seed or 0)
        predictions = [trial.predictions for trial in trials if trial.predictions]
        first = predictions[0]
        deterministic = trials[0].config.seed is None
        probability = np.stack([predicted.probability for predicted in predictions])
        right = correct(first.label, probability)
        shuffled, reads_order = None, True
        answers = [one.probability_shuffled for one in predictions if one.probability_shuffled is not None]
        if answers:
            right_shuffled = correct(first.label, answers)
            shuffled = count_right(right_shuffled, first.group, deterministic)
            reads_order = bool((right_shuffled != right).mean() > MIN_CHANGED_ANSWERS)

        collected = ArchitectureTrials(
            name=name,
            title=title,
            trials=trials,
            predictions=first,
            probability=probability,
            right=right,
            counts=count_right(right, first.group, deterministic),
            shuffled=shuffled,
            reads_order=reads_order,
        )
        architectures.append(collected)
    return sorted(architectures, key=lambda own: (own.counts.median, own.one_label), reverse=True)


def with_both_labels(architectures: Iterable[ArchitectureTrials]) -> list[ArchitectureTrials]:
    """Leave out what gives every review the same label."""
    return [architecture for architecture in architectures if not architecture.one_label]


def share_right(architectures: Sequence[ArchitectureTrials]) -> Floats:
    """Share of the trials that get each review right; of no review where there is no trial."""
    if not architectures:
        return np.empty(0)
    return np.concatenate([architecture.right for architecture in architectures]).mean(axis=0)
