"""Prediction without the padding gives what ``model.predict`` gives, for every form of model, and changes nothing."""

import keras
import numpy as np
import pytest
from keras import layers

from models import fast_predict
from models.fast_predict import fast_predictor
from models.registry import lookup

VOCABULARY_SIZE, MAX_LENGTH = 50, 60
LENGTHS = [0, 1, 2, 59, 60, *range(0, 60, 7)]


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    generator = np.random.default_rng(5)
    ids = generator.integers(1, VOCABULARY_SIZE, (len(LENGTHS), MAX_LENGTH), dtype=np.int32)
    ids[np.arange(MAX_LENGTH) < MAX_LENGTH - generator.permutation(LENGTHS)[:, None]] = 0
    return ids


def with_uneven_weights(model: keras.Model) -> keras.Model:
    """Move the weights away from their start, so that probabilities differ from review to review."""
    generator = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(weight + 0.1 * generator.standard_normal(weight.shape))
    return model


def stacked(*middle: keras.layers.Layer, **embedding: object) -> keras.Model:
    inputs, words = keras.Input((MAX_LENGTH,), dtype="int32"), layers.Embedding(VOCABULARY_SIZE, 8, **embedding)
    return keras.Sequential([inputs, words, *middle, layers.Dense(1, activation="sigmoid")])


def functional() -> keras.Model:
    ids = keras.Input((MAX_LENGTH,), dtype="int32")
    words = layers.Embedding(VOCABULARY_SIZE, 8)(ids)
    joined = layers.Concatenate()([layers.LSTM(5)(words), layers.GlobalAveragePooling1D()(words)])
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(joined))


FORMS = {
    # name: (builds the model, whether it is computed without the padding)
    "cnn_lstm": (lambda: lookup("cnn_lstm").build(VOCABULARY_SIZE, MAX_LENGTH), True),
    "the transformer": (lambda: lookup("transformer").build(VOCABULARY_SIZE, MAX_LENGTH), False),
    "normalised and strided": (
        lambda: stacked(
            layers.BatchNormalization(),
            layers.Conv1D(4, 5, padding="causal", strides=2),
            layers.LSTM(5, use_bias=False, activation="relu"),
            layers.LayerNormalization(),
        ),
        True,
    ),
    "every word sees the whole review": (
        lambda: stacked(
            layers.Flatten(), layers.Dense(MAX_LENGTH * 2), layers.Reshape((MAX_LENGTH, 2)), layers.LSTM(5)
        ),
        True,
    ),
    "no LSTM": (lambda: stacked(layers.GlobalAveragePooling1D()), False),
    "masked": (lambda: stacked(layers.LSTM(5), mask_zero=True), False),
    "two LSTMs": (lambda: stacked(layers.LSTM(5, return_sequences=True), layers.LSTM(5)), False),
    "backwards": (lambda: stacked(layers.LSTM(5, go_backwards=True)), False),
    "every state is used": (lambda: stacked(layers.LSTM(5, return_sequences=True), layers.GlobalMaxPool1D()), False),
    "drops words": (lambda: stacked(layers.LSTM(5, dropout=0.5)), False),
    "functional": (functional, False),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_what_keras_predicts(form: str, ids: np.ndarray, monkeypatch) -> None:
    monkeypatch.setattr(fast_predict, "BATCH_SIZE", 4)
    build, skips_padding = FORMS[form]
    keras.utils.set_random_seed(0)
    model = with_uneven_weights(build())
    predict = fast_predictor(model)
    assert ("without_padding" in predict.__qualname__) is skips_padding
    expected = model.predict(ids, verbose=0)[:, 0]
    assert expected.std() > 0.001
    np.testing.assert_allclose(predict(ids), expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(predict(ids), predict(ids))
    assert predict(ids[:0]).shape == (0,)


@pytest.mark.parametrize("middle", [[layers.Dropout(0.5), layers.LSTM(5)], [layers.LSTM(5, dropout=0.5)]])
def test_a_prediction_leaves_the_random_numbers_of_training_as_they_were(middle: list, ids: np.ndarray) -> None:
    model = stacked(*middle)
    state = [np.array(variable) for variable in model.variables]
    fast_predictor(model)(ids)
    for variable, before in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(variable, before)
