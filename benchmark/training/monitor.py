"""Clocks, progress, the test split after each epoch, and the end of a training that diverges."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.results import EpochFinished, EpochResult, StepsDone, TrialEvent
from benchmark.statistics.scores import scores
from benchmark.training.failures import TrialError

if TYPE_CHECKING:
    import keras

SECONDS_BETWEEN_STEP_EVENTS = 0.25


class TrainingMonitor:
    """Measures what `fit` does; draws no random number, and does nothing in a training step but look at the clock.

    Parameters
    ----------
    predict : callable
        From the test reviews' ids to probabilities, by the model's present weights.
    x_test, y_test : array
    train_reviews : int
    config : TrialConfig
    on_event : callable
        Gets `StepsDone` and `EpochFinished`.

    Attributes
    ----------
    epochs : list of EpochResult
    probability : array of float32, shape (n_test_reviews,)
        Of label 1, by the weights at the end of the last epoch.
    trace_seconds : float
        The first step, in which TensorFlow traces the graph; part of no epoch.
    """

    def __init__(
        self,
        predict: Callable[[NDArray[np.int32]], NDArray[np.float32]],
        x_test: NDArray[np.int32],
        y_test: NDArray[np.int64],
        train_reviews: int,
        config: TrialConfig,
        on_event: Callable[[TrialEvent], None],
    ) -> None:
        assert config.batch_size is not None
        self._predict = predict
        self._x_test, self._y_test = x_test, y_test
        self._train_reviews, self._batch_size = train_reviews, config.batch_size
        self._config = config
        self._on_event = on_event
        self._steps = math.ceil(train_reviews / config.batch_size)
        self._epoch_started = self._last_event = 0.0
        self.epochs: list[EpochResult] = []
        self.probability: NDArray[np.float32] = np.empty(0, np.float32)
        self.trace_seconds = 0.0

    def callback(self) -> keras.callbacks.Callback:
        """Return the callback for `fit`."""
        import keras

        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self.begin_epoch, on_train_batch_end=self.end_step, on_epoch_end=self.end_epoch
        )

    def begin_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Start the clock."""
        self._epoch_started = time.perf_counter()

    def end_step(self, step: int, logs: Mapping[str, float]) -> None:
        """Time the first step apart, stop at a loss that is no number, and report progress."""
        now = time.perf_counter()
        if not self.trace_seconds:
            self.trace_seconds = now - self._epoch_started
            self._epoch_started = now
        if not math.isfinite(logs["loss"]):
            self._diverged(f"the loss is {logs['loss']} after step {step + 1} of {self._steps}")
        if now - self._last_event >= SECONDS_BETWEEN_STEP_EVENTS:
            self._last_event = now
            self._on_event(StepsDone(self._config, len(self.epochs) + 1, step + 1, self._steps))

    def end_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        """Predict the test split, outside the training clock."""
        trained = time.perf_counter()
        self.probability = self._predict(self._x_test)
        evaluated = time.perf_counter()
        if not np.isfinite(self.probability).all():
            self._diverged("a probability is not a number after its last step")
        test = scores(self._y_test, self.probability)
        logs |= {"val_loss": test["loss"], "val_accuracy": test["accuracy"]}  # for the TensorBoard callback

        train_seconds = trained - self._epoch_started
        timed_reviews = self._train_reviews - (0 if self.epochs else min(self._batch_size, self._train_reviews))
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
        self._on_event(EpochFinished(self._config, self.epochs[-1]))

    def _diverged(self, what: str) -> None:
        last = f"epoch {len(self.epochs)}" if self.epochs else "none"
        raise TrialError(f"the training diverged: in epoch {len(self.epochs) + 1}, {what}; last healthy epoch: {last}")
