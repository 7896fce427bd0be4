"""A Keras network, trained exactly as the tutorial's lines train it."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import Corpus, EncodedCorpus, open_corpus
from benchmark.results import EpochResult, TrialEvent
from benchmark.training.failures import TrialError
from benchmark.training.fingerprint import LOSS
from benchmark.training.monitor import TrainingMonitor
from benchmark.training.runtime import seed_network
from benchmark.training.trained import Trained
from benchmark.trial_folder import NETWORK_FILE, TENSORBOARD_FOLDER
from models.registry import Architecture

if TYPE_CHECKING:
    import keras

TUTORIAL_VOCABULARY_SIZE = 5000  # the declared parameter counts are for this one


def train_network(
    config: TrialConfig,
    architecture: Architecture,
    corpus: Corpus,
    folder: Path,
    on_event: Callable[[TrialEvent], None],
) -> Trained:
    """Seed, build, compile and fit; the callbacks only observe, so that the weights are those of the plain script.

    Raises
    ------
    TrialError
        If the model has not as many parameters as declared, or its training diverges.
    """
    from models.fast_predict import fast_predictor

    data = _encoded(corpus.folder, config.vocabulary_size, config.max_length, config.max_reviews)
    assert config.seed is not None
    seed_network(config.seed)
    started = time.perf_counter()
    model = build_and_compile(architecture, config)
    build_seconds = time.perf_counter() - started

    @functools.cache
    def predictor() -> Callable[[NDArray[np.int32]], NDArray[np.float32]]:
        return fast_predictor(model)  # made after the first epoch, so that training starts as in the plain script

    monitor = TrainingMonitor(
        lambda ids: predictor()(ids), data.x_test, data.y_test, len(data.y_train), config, on_event
    )
    callbacks = [monitor.callback()]
    if architecture.writes_tensorboard:
        callbacks.append(_tensorboard_callback(folder / TENSORBOARD_FOLDER))
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=config.batch_size,
        epochs=config.epochs,
        callbacks=callbacks,
        verbose=0,
    )
    model.save(folder / NETWORK_FILE)
    return Trained(
        probability=monitor.probability,
        weights_sha256=weights_sha256(model),
        parameter_count=model.count_params(),
        model_file=folder / NETWORK_FILE,
        build_seconds=build_seconds,
        trace_seconds=monitor.trace_seconds,
        train_seconds=monitor.trace_seconds + _total(monitor.epochs, "train_seconds"),
        evaluation_seconds=_total(monitor.epochs, "evaluation_seconds"),
        epochs=tuple(monitor.epochs),
    )


def build_and_compile(architecture: Architecture, config: TrialConfig) -> keras.Model:
    """Build and compile as the tutorial does; Adam's default learning rate is the tutorial's."""
    import keras

    model = architecture.build(config.vocabulary_size, config.max_length)
    declared = architecture.parameter_count
    if declared is not None and config.vocabulary_size == TUTORIAL_VOCABULARY_SIZE and model.count_params() != declared:
        built = model.count_params()
        raise TrialError(f"{architecture.name} declares {declared:,} parameters, but its model has {built:,}")
    optimizer = keras.optimizers.Adam(learning_rate=config.learning_rate)
    model.compile(loss=LOSS, optimizer=optimizer, metrics=["accuracy"])
    return model


def weights_sha256(model: keras.Model) -> str:
    """Return the SHA-256 of all weights in the model's order, as little-endian float32."""
    digest = hashlib.sha256()
    for weight in model.weights:
        digest.update(np.ascontiguousarray(weight.numpy(), dtype="<f4").tobytes())
    return digest.hexdigest()


@functools.lru_cache(maxsize=1)
def _encoded(folder: Path, vocabulary_size: int, max_length: int, max_reviews: int | None) -> EncodedCorpus:
    """Encode once for all trials of a worker that share the settings."""
    return open_corpus(folder).encode(vocabulary_size, max_length, max_reviews)


def _tensorboard_callback(folder: Path) -> keras.callbacks.Callback:
    import keras

    return keras.callbacks.TensorBoard(str(folder), histogram_freq=0, write_graph=True, write_images=True)


def _total(epochs: list[EpochResult], field: str) -> float:
    return sum(getattr(epoch, field) for epoch in epochs)
