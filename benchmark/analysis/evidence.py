"""What an analysis is computed from: finished trials with their predictions, lined up review by review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from benchmark.scores import Scores, correct, scores
from models.registry import architecture_names, get_architecture


@dataclass(frozen=True)
class ScoredTrial:
    """A finished trial, scored from its saved predictions.

    Attributes
    ----------
    right : array of bool, shape (n_reviews,)
        Which test review it classifies right.
    """

    record: TrialRecord
    result: TrialResult
    predictions: Predictions
    scores: Scores
    right: NDArray[np.bool_]

    @property
    def share_of_positive(self) -> float:
        """Of the test reviews, the share that it calls positive."""
        return float(np.mean(self.right == (self.predictions.label == 1)))

    @property
    def seconds_per_epoch(self) -> float:
        return float(np.mean([epoch.train_seconds for epoch in self.result.epochs]))

    @property
    def reviews_per_second(self) -> float:
        return float(np.mean([epoch.reviews_per_second for epoch in self.result.epochs]))

    @property
    def evaluation_milliseconds_per_review(self) -> float:
        seconds = float(np.mean([epoch.evaluation_seconds for epoch in self.result.epochs]))
        return 1000 * seconds / len(self.predictions.label)


@dataclass(frozen=True)
class Evidence:
    """All scored trials: by architecture, then by seed, both in the order in which they were asked for."""

    record: BenchmarkRecord
    scored: dict[str, dict[int, ScoredTrial]]

    @property
    def trials(self) -> list[ScoredTrial]:
        return [trial for by_seed in self.scored.values() for trial in by_seed.values()]

    def accuracies(self, architecture: str) -> dict[int, float]:
        """Test accuracy by seed."""
        return {seed: trial.scores.accuracy for seed, trial in self.scored[architecture].items()}

    def table(self, architecture: str, seeds: Sequence[int] | None = None) -> NDArray[np.bool_]:
        """Which review is right, shape (n_seeds, n_reviews); of all finished seeds unless some are named."""
        by_seed = self.scored[architecture]
        return np.stack([by_seed[seed].right for seed in (by_seed if seeds is None else seeds)])

    def common_seeds(self, first: str, second: str) -> tuple[int, ...]:
        """Seeds with which both architectures have a scored trial."""
        return tuple(seed for seed in self.scored[first] if seed in self.scored[second])


def gather_evidence(record: BenchmarkRecord) -> Evidence:
    """Score every finished trial that has predictions.

    Raises
    ------
    UserError
        If two trials were not tested on the same reviews with the same labels.
    """
    found = {(trial.config.architecture, trial.config.seed): trial for trial in record.finished}
    scored: dict[str, dict[int, ScoredTrial]] = {}
    order: Predictions | None = None
    for architecture in record.config.architectures:
        for seed in record.config.seeds:
            trial = found.get((architecture, seed))
            if trial is None or trial.result is None or trial.predictions is None:
                continue
            order = order or trial.predictions
            predictions = _in_order(trial.predictions, order, trial.config.name)
            scored.setdefault(architecture, {})[seed] = ScoredTrial(
                trial,
                trial.result,
                predictions,
                scores(predictions.label, predictions.probability),
                correct(predictions.label, predictions.probability),
            )
    return Evidence(record, scored)


def architecture_title(name: str) -> str:
    """As shown to people; the name itself where the architecture is not registered here."""
    return get_architecture(name).title if name in architecture_names() else name


def _in_order(predictions: Predictions, order: Predictions, name: str) -> Predictions:
    """Bring the reviews into the order of `order`: seeds and architectures are compared review by review."""
    if _same_reviews(predictions, order):
        return predictions
    ranks, wanted = np.argsort(predictions.review_id), np.argsort(np.argsort(order.review_id))
    if len(ranks) == len(wanted):
        place = ranks[wanted]
        moved = Predictions(*(getattr(predictions, one.name)[place] for one in fields(Predictions)))
        if _same_reviews(moved, order):
            return moved
    raise UserError(f"{name} was not tested on the same reviews as the other trials; report on the runs apart")


def _same_reviews(first: Predictions, second: Predictions) -> bool:
    """Whether ids and labels are equal; of trials that were read together they are mostly the very same arrays."""
    pairs = ((first.review_id, second.review_id), (first.label, second.label))
    return all(one is other or np.array_equal(one, other) for one, other in pairs)
