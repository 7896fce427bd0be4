"""How long a benchmark takes: a rough guess before it starts, better with every trial that ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from benchmark.config import TrialConfig

# Seconds per training step of 64 x 500 on two CPU cores. Only the guess before the first trial rests on them;
# `python -m pytest tests/microbenchmarks` measures them.
SECONDS_PER_STEP: Mapping[str, float] = {"lstm": 0.095, "lstm_dropout": 0.095, "cnn_lstm": 0.06}
SECONDS_PER_STEP_OF_OTHERS = 0.095
IDS_PER_STEP = 64 * 500
SECONDS_AROUND = 20.0  # TensorFlow's start, the corpus from the cache, the report
EVALUATION_SHARE = 0.15  # of an epoch's training time


def training_steps(trial: TrialConfig, train_reviews: int) -> int:
    """Steps of one epoch; the last one may be smaller."""
    reviews = train_reviews if trial.limit is None else min(trial.limit, train_reviews)
    return -(-reviews // trial.batch_size)


def guess_seconds(trial: TrialConfig, train_reviews: int) -> float:
    """Guess how long a trial takes on two CPU cores."""
    architecture = trial.architecture.removesuffix("_tensorboard")
    seconds_per_step = SECONDS_PER_STEP.get(architecture, SECONDS_PER_STEP_OF_OTHERS)
    size = trial.batch_size * trial.review_length / IDS_PER_STEP
    steps = trial.epochs * training_steps(trial, train_reviews)
    return steps * seconds_per_step * size * (1 + EVALUATION_SHARE) + 5.0


def guess_seconds_in_all(trials: Sequence[TrialConfig], train_reviews: int) -> float:
    """Guess how long the command takes that trains these trials one after the other, its start and report included."""
    return sum(guess_seconds(trial, train_reviews) for trial in trials) + SECONDS_AROUND


class TimeLeft:
    """Time left of a benchmark, from the guess and from the trials that ended.

    Parameters
    ----------
    trials : sequence of TrialConfig
        Those to train.
    train_reviews : int
        Of the corpus, before the limit.
    """

    def __init__(self, trials: Sequence[TrialConfig], train_reviews: int) -> None:
        self._guess = {trial: guess_seconds(trial, train_reviews) for trial in trials}
        self._open = set(trials)
        self._paces: dict[str, list[float]] = {}

    def ended(self, trial: TrialConfig, seconds: float | None) -> None:
        """Take a trial off the list; `seconds` is what it took, None where that says nothing of the others."""
        self._open.discard(trial)
        if seconds is not None:
            self._paces.setdefault(trial.architecture, []).append(seconds / self._guess[trial])

    def seconds(self, shares_done: Mapping[TrialConfig, float] = MappingProxyType({})) -> float:
        """Seconds left if one trial is trained after the other.

        Parameters
        ----------
        shares_done : mapping of TrialConfig to float
            For the trials that run: the share of their steps that is done.
        """
        every_pace = [pace for paces in self._paces.values() for pace in paces]
        total = 0.0
        for trial in self._open:
            paces = self._paces.get(trial.architecture) or every_pace or [1.0]
            total += (1 - shares_done.get(trial, 0.0)) * self._guess[trial] * sum(paces) / len(paces)
        return total
