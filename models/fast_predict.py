"""Prediction that skips the padding in front of a review.

All reviews that begin with k paddings share the state that the LSTM has reached after them. These states are computed
first, from a review of nothing but padding, and each batch of reviews of similar length starts from its longest common
prefix with it. The prefix is found by comparing what enters the LSTM, whatever the layers before it are.

A copy of this file travels with every saved network: it imports nothing but NumPy, Keras and TensorFlow.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Predict = Callable[[NDArray[np.int32]], NDArray[np.float32]]

PADDING = 0
BATCH_SIZE = 128
MAX_CONCURRENT_BATCHES = 8  # one batch alone leaves cores idle between operations
# of an LSTM that returns more than its last state, cannot start from another one, or draws random numbers
UNUSUAL_SETTINGS = (
    "return_sequences",
    "go_backwards",
    "stateful",
    "unroll",
    "dropout",
    "recurrent_dropout",
)


def fast_predictor(model: keras.Model) -> Predict:
    """Return a function from ids of shape (n, max_length) to the n probabilities of ``model.predict``.

    Equal to ``model.predict`` but for the order in which floating-point numbers are added. It draws no random number
    and leaves the model unchanged, so that it may be called between epochs; each call uses the weights of its moment.
    A Sequential model of the form *layers, LSTM, layers* is computed without the padding, any other one in full.
    """
    lstms = [layer for layer in model.layers if type(layer) is keras.layers.LSTM]
    if isinstance(model, keras.Sequential) and len(lstms) == 1 and model.input_shape[-1]:
        position = model.layers.index(lstms[0])
        is_usual = not any(getattr(lstms[0], name) for name in UNUSUAL_SETTINGS)
        features = _apply(model.layers[:position], tf.fill((1, model.input_shape[1]), PADDING))
        is_masked = getattr(features, "_keras_mask", None) is not None
        if is_usual and not is_masked:
            return _without_padding(model, position)
    return _in_full(model)


def _in_full(model: keras.Model) -> Predict:
    def predict(ids: NDArray[np.int32]) -> NDArray[np.float32]:
        probabilities = np.empty(len(ids), np.float32)
        before = [(variable, variable.numpy()) for variable in model.non_trainable_variables]
        for start in range(0, len(ids), BATCH_SIZE):
            batch = slice(start, start + BATCH_SIZE)
            answers = model.predict_on_batch(ids[batch])
            probabilities[batch] = np.asarray(answers)[:, 0]
        # a layer may draw random numbers even where it predicts, as an LSTM with dropout does
        for variable, value in before:
            variable.assign(value)
        return probabilities

    return predict


def _without_padding(model: keras.Sequential, position: int) -> Predict:
    before = model.layers[:position]
    lstm = model.layers[position]
    after = model.layers[position + 1 :]
    max_length = model.input_shape[1]
    only_padding = tf.fill((1, max_length), PADDING)
    threads = tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1
    ids_spec = tf.TensorSpec((None, max_length), tf.int32)
    states_spec = tf.TensorSpec((None, 1, lstm.units), lstm.compute_dtype)

    @tf.function(input_signature=[], autograph=False)
    def states_over_padding() -> tuple[tf.Tensor, tf.Tensor]:
        return _states(lstm, _apply(before, only_padding)[0])

    @tf.function(input_signature=[ids_spec, (states_spec, states_spec)], autograph=False)
    def probabilities_of_batch(ids: tf.Tensor, states: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        # The padding goes through in the same batch, so that equal ids give features that are equal to the last bit
        features = _apply(before, tf.concat([ids, only_padding], 0))
        features, of_padding = features[:-1], features[-1]
        skipped = _steps_in_common(features, of_padding)
        state = [tf.repeat(part[skipped], tf.shape(ids)[0], axis=0) for part in states]
        last_state = lstm(features[:, skipped:], initial_state=state)
        return _apply(after, last_state)[:, 0]

    def predict(ids: NDArray[np.int32]) -> NDArray[np.float32]:
        states = states_over_padding()
        paddings = np.count_nonzero(ids == PADDING, axis=1)
        order = np.argsort(paddings, kind="stable")  # the longest, which take longest, first
        probabilities = np.empty(len(ids), np.float32)

        def predict_batch(start: int) -> None:
            rows = order[start : start + BATCH_SIZE]
            batch = tf.constant(ids[rows])
            probabilities[rows] = probabilities_of_batch(batch, states).numpy()

        with ThreadPoolExecutor(min(threads, MAX_CONCURRENT_BATCHES)) as pool:
            list(pool.map(predict_batch, range(0, len(ids), BATCH_SIZE)))
        return probabilities

    return predict


def _states(lstm: keras.layers.LSTM, steps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return hidden and carry state after 0, 1, ... of the steps, each of shape (n_steps + 1, 1, units)."""

    def after_step(state: Any, step: tf.Tensor) -> Any:
        return lstm.cell(step[tf.newaxis], state)[1]

    zero = tf.zeros((1, lstm.units), lstm.compute_dtype)
    hidden, carry = tf.scan(after_step, steps, [zero, zero])
    first = zero[tf.newaxis]
    return tf.concat([first, hidden], 0), tf.concat([first, carry], 0)


def _steps_in_common(features: tf.Tensor, of_padding: tf.Tensor) -> tf.Tensor:
    """Count the first steps that are padding in every review; one step is left at least."""
    is_padding = tf.reduce_all(features == of_padding, axis=[0, 2])
    is_padding = tf.cast(is_padding, tf.int32)
    steps = tf.reduce_sum(tf.math.cumprod(is_padding))
    return tf.minimum(steps, tf.size(is_padding) - 1)


def _apply(layers: Sequence[Any], tensor: Any) -> Any:
    for layer in layers:
        tensor = layer(tensor)
    return tensor
