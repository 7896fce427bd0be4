"""Clocks, events and the end of a diverging training, on a clock that the test sets and without a model."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import EncodedCorpus
from benchmark.results import TrialEvent
from benchmark.training import monitor
from benchmark.training.failures import TrialError
from benchmark.training.monitor import TrainingMonitor

REVIEWS, BATCH_SIZE = 100, 32
STEPS = math.ceil(REVIEWS / BATCH_SIZE)
LABELS = np.arange(REVIEWS) % 4 == 0
FIRST_STEP_SECONDS, STEP_SECONDS, EVALUATION_SECONDS = 10.0, 1.0, 5.0
CONFIG = TrialConfig(
    architecture="lstm", title="LSTM", kind="network", seed=7, epochs=3, batch_size=BATCH_SIZE, learning_rate=0.001
)


class Fitting:
    """Calls the monitor as Keras would, while the clock goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.events: list[TrialEvent] = []
        self.probability = np.full(REVIEWS, 0.75, np.float32)
        monkeypatch.setattr(monitor, "time", SimpleNamespace(perf_counter=lambda: self.now))
        ids, labels = np.zeros((REVIEWS, 4), np.int32), LABELS.astype(np.int64)
        data = EncodedCorpus(ids, labels, ids, labels)
        self.monitor = TrainingMonitor(self._predict, data, CONFIG, self.events.append)

    def _predict(self, ids: np.ndarray) -> np.ndarray:
        self.now += EVALUATION_SECONDS
        return self.probability

    def epoch(self, number: int) -> None:
        self.monitor.begin_epoch(number, {})
        for step in range(STEPS):
            self.now += FIRST_STEP_SECONDS if number == step == 0 else STEP_SECONDS
            self.monitor.end_step(step, {"loss": 0.5, "accuracy": 0.5})
        self.monitor.end_epoch(number, {"loss": 0.5, "accuracy": 0.5})


@pytest.fixture
def fitting(monkeypatch: pytest.MonkeyPatch) -> Fitting:
    return Fitting(monkeypatch)


def test_the_first_step_training_and_evaluation_have_separate_clocks(fitting: Fitting) -> None:
    fitting.epoch(0)
    fitting.epoch(1)
    first, second = fitting.monitor.epochs
    assert fitting.monitor.trace_seconds == FIRST_STEP_SECONDS
    assert first.train_seconds == (STEPS - 1) * STEP_SECONDS
    assert first.reviews_per_second == (REVIEWS - BATCH_SIZE) / first.train_seconds
    assert second.train_seconds == STEPS * STEP_SECONDS
    assert second.reviews_per_second == REVIEWS / second.train_seconds
    assert first.evaluation_seconds == second.evaluation_seconds == EVALUATION_SECONDS


def test_weights_that_break_in_the_last_step_are_noticed_too(fitting: Fitting) -> None:
    fitting.epoch(0)
    fitting.probability = np.full(REVIEWS, np.nan, np.float32)
    with pytest.raises(TrialError, match=r"in epoch 2, a probability .*; last healthy epoch: epoch 1"):
        fitting.epoch(1)


def test_a_batch_larger_than_the_corpus_has_no_speed_in_its_first_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting = Fitting(monkeypatch)
    fitting.monitor.config = CONFIG.model_copy(update={"batch_size": 1000})
    fitting.epoch(0)
    assert fitting.monitor.epochs[0].reviews_per_second == 0
