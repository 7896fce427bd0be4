"""Clocks, progress, the test split after each epoch, and the end of a training that diverges."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import EncodedCorpus
from benchmark.results import EpochFinished, EpochResult, TrialEvent
from benchmark.statistics.scores import scores
from benchmark.training.failures import TrialError


@dataclass
class TrainingMonitor:
    """Measures what `fit` does; draws no random number."""

    predict: Callable[[NDArray[np.int32]], NDArray[np.float32]]  # by the model's present weights
    data: EncodedCorpus
    config: TrialConfig
    on_event: Callable[[TrialEvent], None]  # gets `EpochFinished`
    epochs: list[EpochResult] = field(default_factory=list)
    probability: NDArray[np.float32] = field(init=False)  # after the last epoch
    trace_seconds: float = 0.0  # the first step, in which TensorFlow traces the graph; part of no epoch
    _epoch_started: float = 0.0

    def begin_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Start the clock."""
        self._epoch_started = time.perf_counter()

    def end_step(self, step: int, logs: Mapping[str, float]) -> None:
        """Time the first step apart, and stop at a loss that is no number."""
        if not self.trace_seconds:
            now = time.perf_counter()
            self.trace_seconds = now - self._epoch_started
            self._epoch_started = now
        if not math.isfinite(logs["loss"]):
            self._diverged(f"the loss is {logs['loss']} after step {step + 1}")

    def end_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        """Predict the test split, outside the training clock."""
        trained = time.perf_counter()
        self.probability = self.predict(self.data.x_test)
        evaluated = time.perf_counter()
        if not np.isfinite(self.probability).all():
            self._diverged("a probability is not a number after its last step")
        if self.probability.min() < 0 or self.probability.max() > 1:
            raise TrialError("its output is not between 0 and 1: end with Dense(1, activation='sigmoid')")
        test = scores(self.data.y_test, self.probability)
        logs |= {"val_loss": test["loss"], "val_accuracy": test["accuracy"]}  # for the TensorBoard callback

        train_seconds = trained - self._epoch_started
        timed_reviews = len(self.data.y_train)
        if not self.epochs:  # its first step is timed apart
            timed_reviews = max(0, timed_reviews - (self.config.batch_size or 0))
        self.epochs.append(
            EpochResult(
                epoch=epoch + 1,
                train_loss=logs["loss"],
                train_accuracy=logs["accuracy"],
                test_loss=test["loss"],
                test_accuracy=test["accuracy"],
                train_seconds=train_seconds,
                evaluation_seconds=evaluated - trained,
                reviews_per_second=timed_reviews / train_seconds,
            )
        )
        self.on_event(EpochFinished(self.config, self.epochs[-1]))

    def _diverged(self, what: str) -> None:
        last = f"epoch {len(self.epochs)}" if self.epochs else "none"
        raise TrialError(f"the training diverged: in epoch {len(self.epochs) + 1}, {what}; last healthy epoch: {last}")
