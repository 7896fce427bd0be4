"""Clocks, events and the end of a diverging training, on a clock that the test turns and a model that is not there."""

import itertools
import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark import training_watch
from benchmark.config import TrialConfig
from benchmark.events import EpochFinished, StepsDone, TrialEvent
from benchmark.training_watch import TrainingDiverged, TrainingWatch
from tests.support.tiny_corpus import tiny_corpus

REVIEWS, BATCH_SIZE = 100, 32
STEPS = math.ceil(REVIEWS / BATCH_SIZE)

FIRST_STEP_SECONDS, STEP_SECONDS, EVALUATION_SECONDS = 10.0, 1.0, 5.0


class Fitting:
    """Calls the watch as Keras would, while the clock goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step_seconds: float = STEP_SECONDS) -> None:
        self.now = 0.0
        self.step_seconds = step_seconds
        self.events: list[TrialEvent] = []
        self.predictions = 0
        self.probability = np.full(REVIEWS, 0.75, np.float32)
        monkeypatch.setattr(training_watch, "time", SimpleNamespace(perf_counter=lambda: self.now))
        monkeypatch.setattr(training_watch, "predict_probabilities", self._predict)
        monkeypatch.setattr(training_watch, "weights_sha256", lambda model: f"weights at {self.now}")
        self.config = TrialConfig(architecture="lstm", seed=7, batch_size=BATCH_SIZE)
        self.watch = TrainingWatch(SimpleNamespace(), self.config, tiny_corpus(REVIEWS), self.events.append)  # type: ignore[arg-type]

    def _predict(self, model: object, x: object) -> object:
        self.now += EVALUATION_SECONDS
        self.predictions += 1
        return self.probability

    def epoch(self, number: int, loss: Callable[[int], float] = lambda step: 0.5) -> dict[str, float]:
        self.watch._begin_epoch(number, {})
        for step in range(STEPS):
            first = number == 0 and step == 0
            self.now += FIRST_STEP_SECONDS if first else self.step_seconds
            self.watch._end_step(step, {"loss": loss(step), "accuracy": 0.5})
        logs = {"loss": 0.5, "accuracy": 0.5}
        self.watch._end_epoch(number, logs)
        return logs


@pytest.fixture
def fitting(monkeypatch: pytest.MonkeyPatch) -> Fitting:
    return Fitting(monkeypatch)


def test_the_first_step_is_timed_apart(fitting: Fitting) -> None:
    fitting.epoch(0)
    (epoch,) = fitting.watch.epochs
    assert fitting.watch.trace_seconds == FIRST_STEP_SECONDS
    assert epoch.train_seconds == (STEPS - 1) * STEP_SECONDS
    assert epoch.reviews_per_second == (REVIEWS - BATCH_SIZE) / epoch.train_seconds


def test_training_and_evaluation_have_separate_clocks(fitting: Fitting) -> None:
    fitting.epoch(0)
    fitting.epoch(1)
    second = fitting.watch.epochs[1]
    assert second.train_seconds == STEPS * STEP_SECONDS
    assert second.evaluation_seconds == EVALUATION_SECONDS
    assert second.reviews_per_second == REVIEWS / second.train_seconds
    assert fitting.watch.trace_seconds == FIRST_STEP_SECONDS


def test_the_test_half_is_evaluated_once_an_epoch(fitting: Fitting) -> None:
    for number in range(3):
        fitting.epoch(number)
    assert fitting.predictions == 3
    assert [epoch.epoch for epoch in fitting.watch.epochs] == [1, 2, 3]
    assert len(set(fitting.watch.epoch_weights_sha256)) == 3


def test_later_callbacks_see_loss_and_accuracy_of_the_test_half(fitting: Fitting) -> None:
    logs = fitting.epoch(0)
    labels = tiny_corpus(REVIEWS).y_test
    assert logs["val_accuracy"] == pytest.approx(labels.mean())
    assert logs["val_loss"] == pytest.approx(-np.where(labels == 1, np.log(0.75), np.log(0.25)).mean())
    assert fitting.watch.epochs[0].val_loss == logs["val_loss"]


def test_an_epoch_is_told_when_it_is_evaluated(fitting: Fitting) -> None:
    fitting.epoch(0)
    assert fitting.events[-1] == EpochFinished(fitting.config, fitting.watch.epochs[0])


def test_steps_are_told_a_few_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting = Fitting(monkeypatch, step_seconds=0.01)
    for number in range(50):
        fitting.epoch(number)
    told = [event for event in fitting.events if isinstance(event, StepsDone)]
    training_seconds = FIRST_STEP_SECONDS + (50 * STEPS - 1) * 0.01 + 50 * EVALUATION_SECONDS
    assert 1 < len(told) <= training_seconds / training_watch.SECONDS_BETWEEN_STEP_EVENTS + 1
    assert told[0] == StepsDone(fitting.config, epoch=1, step=1, steps=STEPS)
    assert all(earlier != later for earlier, later in itertools.pairwise(told))


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_a_number_stops_the_training_at_its_step(fitting: Fitting, loss: float) -> None:
    fitting.epoch(0)
    with pytest.raises(TrainingDiverged, match=r"in epoch 2, .* after step 3 of 4; last healthy epoch: 1") as stop:
        fitting.epoch(1, loss=lambda step: loss if step >= 2 else 0.5)
    assert stop.value.last_healthy_epoch == 1
    assert len(fitting.watch.epochs) == 1


def test_weights_that_break_in_the_last_step_are_noticed_too(fitting: Fitting) -> None:
    fitting.probability = np.full(REVIEWS, np.nan, np.float32)
    with pytest.raises(TrainingDiverged, match=r"in epoch 1, a probability .*; last healthy epoch: none"):
        fitting.epoch(0)
