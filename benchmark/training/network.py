"""A Keras network, trained exactly as the tutorial's lines train it."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import Corpus, EncodedCorpus, open_corpus
from benchmark.corpus.word_order import shuffle_ids
from benchmark.results import Trained, TrialEvent
from benchmark.training.failures import TrialError
from benchmark.training.fingerprint import LOSS
from benchmark.training.monitor import TrainingMonitor
from benchmark.trial_folder import NETWORK_FILE, SUMMARY_FILE, TENSORBOARD_FOLDER
from models.registry import Architecture

if TYPE_CHECKING:
    import keras


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
        If it is no model that can be trained here, or its training diverges.
    """
    import keras

    from models.fast_predict import fast_predictor

    data, shuffled = _encoded(corpus.folder, config.vocabulary_size, config.max_length, config.max_reviews)
    drawn = corpus.drawn(config.train_reviews, config.seed)
    data = replace(data, x_train=data.x_train[drawn], y_train=data.y_train[drawn])
    seed_network(config.seed or 0)
    started = time.perf_counter()
    model = build_and_compile(architecture, config.vocabulary_size, config.max_length)
    build_seconds = time.perf_counter() - started
    with (folder / SUMMARY_FILE).open("w", encoding="utf-8") as summary:
        model.summary(print_fn=lambda line: print(line, file=summary))

    # made after the first epoch, so that training starts as in the plain script
    predictor = functools.cache(lambda: fast_predictor(model))
    monitor = TrainingMonitor(lambda ids: predictor()(ids), data, config, on_event)
    observe = keras.callbacks.LambdaCallback(
        on_epoch_begin=monitor.begin_epoch, on_train_batch_end=monitor.end_step, on_epoch_end=monitor.end_epoch
    )
    callbacks = [observe]
    if architecture.writes_tensorboard:
        path = str(folder / TENSORBOARD_FOLDER)
        callbacks.append(keras.callbacks.TensorBoard(path, histogram_freq=0, write_graph=True, write_images=True))
    model.fit(
        data.x_train, data.y_train, batch_size=config.batch_size, epochs=config.epochs, callbacks=callbacks, verbose=0
    )
    model.save(folder / NETWORK_FILE)
    return Trained(
        probability=monitor.probability,
        probability_shuffled=predictor()(shuffled),
        weights_sha256=weights_sha256(model),
        parameter_count=model.count_params(),
        model_file=folder / NETWORK_FILE,
        build_seconds=build_seconds,
        trace_seconds=monitor.trace_seconds,
        train_seconds=monitor.trace_seconds + sum(epoch.train_seconds for epoch in monitor.epochs),
        evaluation_seconds=sum(epoch.evaluation_seconds for epoch in monitor.epochs),
        epochs=tuple(monitor.epochs),
    )


def seed_network(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, with Keras as in a fresh process.

    Without `clear_session` a second trial in one process would continue the numbering of layers. Keras's settings are
    its own defaults, whatever the user's ``keras.json`` or ``KERAS_MAX_EPOCHS`` say: a trial means the same everywhere.
    """
    import keras

    keras.backend.clear_session()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)
    keras.utils.set_random_seed(seed)


def build_and_compile(architecture: Architecture, vocabulary_size: int, max_length: int) -> keras.Model:
    """Build and compile as the tutorial does; Adam's default learning rate is the tutorial's."""
    import keras

    model = architecture.build(vocabulary_size, max_length)
    if not isinstance(model, keras.Model):
        raise TrialError(f"it returns a {type(model).__name__}: return a keras.Model")
    if model.compiled:
        raise TrialError("it returns a compiled model: remove compile(), since all networks are compiled alike")
    shape = getattr(model, "output_shape", None)
    if shape != (None, 1):
        raise TrialError(
            f"its output has the shape {shape} and not (None, 1): begin with keras.Input((max_length,)), and end with "
            "one Dense(1, activation='sigmoid')"
        )
    optimizer = keras.optimizers.Adam(learning_rate=architecture.learning_rate)
    model.compile(
        loss=LOSS,
        optimizer=optimizer,
        metrics=["accuracy"],
    )
    return model


def weights_sha256(model: keras.Model) -> str:
    """Return the SHA-256 of all weights in the model's order, as little-endian float32."""
    digest = hashlib.sha256()
    for weight in model.weights:
        digest.update(np.ascontiguousarray(weight.numpy(), dtype="<f4").tobytes())
    return digest.hexdigest()


@functools.lru_cache(maxsize=1)
def _encoded(
    folder: Path, vocabulary_size: int, max_length: int, max_reviews: int | None
) -> tuple[EncodedCorpus, NDArray[np.int32]]:
    """Encode, and shuffle the words of the test reviews, once for all trials of a worker that share the settings."""
    data = open_corpus(folder).encode(vocabulary_size, max_length, max_reviews)
    return data, shuffle_ids(data.x_test)
