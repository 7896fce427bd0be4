"""Predict without the padding: the probabilities of ``model.predict``, in less than half of the time.

Reviews are padded at the front. All reviews that begin with k paddings share the state that the LSTM has reached after
them, so these states are computed once, from a review that is nothing but padding, and each batch of reviews of similar
length starts from the longest prefix that all of them have in common with it. The prefix is found by comparing what
enters the LSTM, not by counting paddings, so it is right whatever the layers before the LSTM are.

This file is shipped with every saved model, so it needs nothing but NumPy, Keras and TensorFlow.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

PADDING = 0
BATCH_SIZE = 128
MOST_CONCURRENT_BATCHES = 8

_KEPT_AS = "_predictor_without_padding"


def predict_probabilities(
    model: keras.Model, x: NDArray[np.integer], batch_size: int = BATCH_SIZE
) -> NDArray[np.float32]:
    """Give the probability of each review, by the model's weights as they are now.

    Draws no random number and leaves the model as it is, so that it may be called in the middle of a training.

    Parameters
    ----------
    model : keras.Model
        Any that gives one probability for a row of ids.
    x : array of int, shape (n_reviews, review_length)
        Ids, padded with 0 at the front.
    batch_size : int
        Reviews that are computed together.

    Returns
    -------
    array of float32, shape (n_reviews,)
        Equal to ``model.predict`` but for the order in which floating-point numbers are added up.
    """
    predictor = vars(model).get(_KEPT_AS)
    if predictor is None:
        # In the model's __dict__, so that the traced graphs live as long as the model; not by setattr, by which Keras
        # would count it as a part of the model.
        predictor = vars(model)[_KEPT_AS] = Predictor(model)
    predictor.weights_changed()
    return predictor.predict(x, batch_size)


class Predictor:
    """Predicts again and again with a model whose weights stay, as a service does.

    A model of the form *layers, LSTM, layers* is computed without the padding, any other one by ``model.predict``.

    Parameters
    ----------
    model : keras.Model
        Where its weights change, `weights_changed` has to be called.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._parts = _parts_around_lstm(model)
        self._states: Any = None
        if self._parts is not None:
            self._states_over_padding, self._probabilities_of_batch = _traced(self._parts, model.inputs[0].shape[1])

    @property
    def skips_padding(self) -> bool:
        """Whether the model has the form that is computed without the padding."""
        return self._parts is not None

    def weights_changed(self) -> None:
        """Forget the states that belong to the weights of before."""
        self._states = None

    def predict(self, x: NDArray[np.integer], batch_size: int = BATCH_SIZE) -> NDArray[np.float32]:
        """Give the probability of each review.

        Parameters
        ----------
        x : array of int, shape (n_reviews, review_length)
            Ids, padded with 0 at the front.
        batch_size : int
            Reviews that are computed together.

        Returns
        -------
        array of float32, shape (n_reviews,)
        """
        ids = np.asarray(x, np.int32)
        if not self.skips_padding or not len(ids):
            return self._predict_as_keras_does(ids, batch_size)
        import tensorflow as tf

        states = self._states = self._states or self._states_over_padding()
        order = np.argsort(_paddings(ids), kind="stable")  # the longest, which take longest, first
        batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
        probabilities = np.empty(len(ids), np.float32)

        def predict_batch(rows: NDArray[np.intp]) -> None:
            probabilities[rows] = self._probabilities_of_batch(tf.constant(ids[rows]), *states).numpy()[:, 0]

        if len(batches) == 1:
            predict_batch(batches[0])
            return probabilities
        with ThreadPoolExecutor(_concurrent_batches()) as pool:
            for done in [pool.submit(predict_batch, rows) for rows in batches]:
                done.result()
        return probabilities

    def _predict_as_keras_does(self, ids: NDArray[np.int32], batch_size: int) -> NDArray[np.float32]:
        if not len(ids):
            return np.empty(0, np.float32)
        with _random_state_kept(self._model):
            return np.asarray(self._model.predict(ids, batch_size=batch_size, verbose=0), np.float32).reshape(-1)


class _Parts(NamedTuple):
    """A model taken apart at its LSTM."""

    before: keras.Function
    lstm: keras.layers.LSTM
    after: keras.Function


def _parts_around_lstm(model: keras.Model) -> _Parts | None:
    """Take a model apart, if it has an LSTM through which everything goes and which can start from any state."""
    import keras

    lstms = [layer for layer in model.layers if isinstance(layer, keras.layers.LSTM)]
    if len(lstms) != 1:
        return None
    (lstm,) = lstms
    needs_every_step = lstm.return_sequences or lstm.return_state or lstm.go_backwards or lstm.stateful or lstm.unroll
    draws_random_numbers = lstm.dropout or lstm.recurrent_dropout  # a mask even where it predicts
    if needs_every_step or draws_random_numbers:
        return None
    # A model that was loaded from a file has called its layers several times; one call is part of its graph.
    nodes = getattr(lstm, "_inbound_nodes", ())  # Keras's own affair: where it has moved, `model.predict` still works
    calls = [parts for node in nodes if (parts := _parts_around_call(model, lstm, node)) is not None]
    return calls[0] if len(calls) == 1 else None


def _parts_around_call(model: keras.Model, lstm: keras.layers.LSTM, call: Any) -> _Parts | None:
    import keras

    try:
        (ids,), (probability,), (features,) = model.inputs, model.outputs, call.input_tensors
        parts = _Parts(keras.Function(ids, features), lstm, keras.Function(call.output_tensors[0], probability))
    except (AttributeError, TypeError, ValueError):
        return (
            None  # not a graph of layers, or something goes around the LSTM, or it has a mask or a state to start from
        )
    lengths_are_fixed = None not in ids.shape[1:] and None not in features.shape[1:]
    return parts if lengths_are_fixed and len(ids.shape) == 2 else None


def _traced(parts: _Parts, review_length: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Trace what is computed once and what is computed for a batch: one graph each, for any weights and batch size."""
    import tensorflow as tf

    before, lstm, after = parts
    only_padding = tf.fill((1, review_length), PADDING)
    ids_of_batch = tf.TensorSpec((None, review_length), tf.int32)
    states = tf.TensorSpec((None, 1, lstm.units), lstm.compute_dtype)

    @tf.function(input_signature=[], autograph=False)
    def states_over_padding() -> tuple[tf.Tensor, tf.Tensor]:
        """Hidden and carry state after 0, 1, ... steps of padding, each of shape (steps + 1, 1, units)."""
        zero = tf.zeros((1, lstm.units), lstm.compute_dtype)
        hidden, carry = tf.scan(
            lambda state, step: lstm.cell(step[tf.newaxis], state)[1], before(only_padding)[0], [zero, zero]
        )
        return tf.concat([zero[tf.newaxis], hidden], 0), tf.concat([zero[tf.newaxis], carry], 0)

    @tf.function(input_signature=[ids_of_batch, states, states], autograph=False)
    def probabilities_of_batch(ids: tf.Tensor, hidden: tf.Tensor, carry: tf.Tensor) -> tf.Tensor:
        """Probabilities of shape (n_reviews, 1)."""
        # The padding goes through in the same batch, so that equal ids give features that are equal to the last bit.
        features = before(tf.concat([ids, only_padding], 0))
        features, of_padding = features[:-1], features[-1]
        in_common = tf.cast(tf.reduce_all(features == of_padding, axis=[0, 2]), tf.int32)
        skipped = tf.minimum(tf.reduce_sum(tf.math.cumprod(in_common)), tf.size(in_common) - 1)  # one step at least
        state = [tf.repeat(of_all[skipped], tf.shape(ids)[0], axis=0) for of_all in (hidden, carry)]
        return after(lstm(features[:, skipped:], initial_state=state, training=False))

    return states_over_padding.get_concrete_function(), probabilities_of_batch.get_concrete_function()


def _concurrent_batches() -> int:
    """As many as TensorFlow has threads, or this process cores: one batch alone leaves them idle between operations."""
    import tensorflow as tf

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST_CONCURRENT_BATCHES, tf.config.threading.get_intra_op_parallelism_threads() or cores)


def _paddings(ids: NDArray[np.int32]) -> NDArray[np.intp]:
    """Count the paddings at the front of each review."""
    is_word = ids != PADDING
    return np.where(is_word.any(axis=1), is_word.argmax(axis=1), ids.shape[1])


@contextmanager
def _random_state_kept(model: keras.Model) -> Iterator[None]:
    """Set back what a layer draws even where it predicts, as an LSTM with dropout does."""
    weights = {id(weight) for weight in model.weights}
    before = [(variable, variable.numpy()) for variable in model.variables if id(variable) not in weights]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)
