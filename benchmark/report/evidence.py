"""Finished trials by architecture, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import Floats, RightCounts, count_right
from benchmark.wording import printable


@dataclass(frozen=True)
class Evidence:
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
        With the words of each review in random order; None where a trial was stored by an older version.
    twins : list of Evidence
        Architectures that ended with the same weights for every seed.
    """

    architecture: str
    title: str
    trials: Sequence[TrialRecord]
    results: Sequence[TrialResult]
    predictions: Predictions
    probability: NDArray[np.float32]
    right: NDArray[np.bool_]
    counts: RightCounts
    shuffled: RightCounts | None
    twins: list[Evidence] = field(default_factory=list)

    @property
    def one_label(self) -> bool:
        """Whether it gives every review the same label."""
        positive = self.probability > 0.5
        return bool(positive.all() or not positive.any())

    @property
    def weights(self) -> dict[int | None, str]:
        """Hash of the weights by seed."""
        return {result.config.seed: result.weights_sha256 for result in self.results}


def gather(record: BenchmarkRecord) -> list[Evidence]:
    """Collect the finished trials of each architecture, in the planned order.

    One that ended with the same weights as another for every seed is among the other's twins.
    """
    titles = {name: printable(trials[0].config.title) for name, trials in record.by_architecture.items()}
    times_used = Counter(titles.values())
    gathered: list[Evidence] = []
    for name, trials in record.by_architecture.items():
        title = titles[name]
        if times_used[title] > 1:
            title = f"{title} ({name})"
        evidence = _evidence(record, name, title, trials)
        for other in gathered:
            if evidence.weights.items() <= other.weights.items():
                other.twins.append(evidence)
                break
        else:
            gathered.append(evidence)
    return gathered


def telling(gathered: Sequence[Evidence]) -> list[Evidence]:
    """Leave out what gives every review the same label."""
    return [evidence for evidence in gathered if not evidence.one_label]


def share_right(judged: Sequence[Evidence]) -> Floats:
    """Share of the trials that get each review right; of no review where there is no trial."""
    if not judged:
        return np.empty(0)
    return np.concatenate([evidence.right for evidence in judged]).mean(axis=0)


def _evidence(record: BenchmarkRecord, name: str, title: str, trials: list[TrialRecord]) -> Evidence:
    trials.sort(key=lambda trial: trial.config.seed or 0)
    results = [trial.result for trial in trials if trial.result]
    predictions = [trial.predictions for trial in trials if trial.predictions]
    first = predictions[0]
    groups = first.group if record.corpus.groups else None
    deterministic = trials[0].config.seed is None
    probability = np.stack([predicted.probability for predicted in predictions])
    right = correct(first.label, probability)
    shuffled = None
    answers = [predicted.probability_shuffled for predicted in predictions]
    with_answer = [answer for answer in answers if answer is not None]
    if len(with_answer) == len(trials):
        shuffled = count_right(correct(first.label, with_answer), groups, deterministic)
    return Evidence(
        architecture=name,
        title=title,
        trials=trials,
        results=results,
        predictions=first,
        probability=probability,
        right=right,
        counts=count_right(right, groups, deterministic),
        shuffled=shuffled,
    )
