"""Looks on while Keras fits: clocks, the test half after each epoch, and the end of a training that diverges."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.events import EpochFinished, StepsDone, TrialEvent
from benchmark.model_file import weights_sha256
from benchmark.results import EpochResult
from benchmark.scores import scores
from models.prediction import predict_probabilities

if TYPE_CHECKING:
    import keras

    from benchmark.corpus import EncodedCorpus

SECONDS_BETWEEN_STEP_EVENTS = 0.25


class TrainingDiverged(Exception):
    """The loss or a probability is no longer a number.

    Attributes
    ----------
    last_healthy_epoch : int
        The last epoch that ended and was evaluated; 0 if none did.
    """

    def __init__(self, what: str, last_healthy_epoch: int) -> None:
        super().__init__(f"{what}; last healthy epoch: {last_healthy_epoch or 'none'}")
        self.last_healthy_epoch = last_healthy_epoch


class TrainingWatch:
    """Collects what a trial is asked for while its model is fitted.

    Attributes
    ----------
    epochs : list of EpochResult
    epoch_weights_sha256 : list of str
    probability : array of float32, shape (n_test_reviews,)
        What the model of the last finished epoch says of the test half.
    trace_seconds : float
        Of the first step, in which TensorFlow traces the graph; not in any epoch's ``train_seconds``.
    """

    def __init__(
        self, model: keras.Model, config: TrialConfig, encoded: EncodedCorpus, on_event: Callable[[TrialEvent], None]
    ) -> None:
        self._model = model
        self._config = config
        self._encoded = encoded
        self._on_event = on_event
        self._steps = math.ceil(len(encoded.y_train) / config.batch_size)
        self._epoch_started = self._last_event = 0.0
        self.epochs: list[EpochResult] = []
        self.epoch_weights_sha256: list[str] = []
        self.probability: NDArray[np.float32] = np.empty(0, np.float32)
        self.trace_seconds = 0.0

    def as_callback(self) -> keras.callbacks.Callback:
        """Give the callback for ``fit``."""
        import keras

        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self._begin_epoch, on_train_batch_end=self._end_step, on_epoch_end=self._end_epoch
        )

    def _begin_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        self._epoch_started = time.perf_counter()

    def _end_step(self, step: int, logs: Mapping[str, float]) -> None:
        now = time.perf_counter()
        if not self.epochs and not self.trace_seconds:
            self.trace_seconds = now - self._epoch_started
            self._epoch_started = now
        if not math.isfinite(logs["loss"]):
            self._diverged(f"the loss is {logs['loss']} after step {step + 1} of {self._steps}")
        if now - self._last_event >= SECONDS_BETWEEN_STEP_EVENTS:
            self._last_event = now
            self._on_event(StepsDone(self._config, len(self.epochs) + 1, step + 1, self._steps))

    def _end_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        trained = time.perf_counter()
        self.probability = predict_probabilities(self._model, self._encoded.x_test)
        evaluated = time.perf_counter()
        if not np.isfinite(self.probability).all():
            self._diverged("a probability is not a number after its last step")
        of_test = scores(self._encoded.y_test, self.probability)
        logs |= {"val_loss": of_test.loss, "val_accuracy": of_test.accuracy}  # seen by the callbacks after this one

        train_seconds = trained - self._epoch_started
        reviews = len(self._encoded.y_train) - (0 if self.epochs else self._first_batch())
        self.epochs.append(
            EpochResult(
                epoch=epoch + 1,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                val_loss=of_test.loss,
                val_accuracy=of_test.accuracy,
                train_seconds=train_seconds,
                evaluation_seconds=evaluated - trained,
                reviews_per_second=reviews / train_seconds,
            )
        )
        self.epoch_weights_sha256.append(weights_sha256(self._model))
        self._on_event(EpochFinished(self._config, self.epochs[-1]))

    def _first_batch(self) -> int:
        return min(self._config.batch_size, len(self._encoded.y_train))

    def _diverged(self, what: str) -> None:
        healthy = len(self.epochs)
        raise TrainingDiverged(f"in epoch {healthy + 1}, {what}", last_healthy_epoch=healthy)
