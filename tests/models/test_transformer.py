"""The transformer: what it reads of a review, and that the same seed trains the same weights."""

import keras
import numpy as np
import pytest

from models.networks import transformer

VOCABULARY_SIZE, MAX_LENGTH = 50, 43  # the last group of five has three words


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    ids = np.random.default_rng(0).integers(1, VOCABULARY_SIZE, (32, MAX_LENGTH), dtype=np.int32)
    ids[:16, :20] = 0
    return ids


@pytest.fixture(scope="module")
def model(ids: np.ndarray) -> keras.Model:
    return trained(ids)


def trained(ids: np.ndarray, **settings: int) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = transformer(VOCABULARY_SIZE, MAX_LENGTH, **settings)
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
    model.fit(ids, ids[:, -1] % 2, batch_size=8, epochs=2, verbose=0)
    return model


def test_the_same_seed_trains_the_same_weights(model: keras.Model, ids: np.ndarray) -> None:
    for first, second in zip(model.get_weights(), trained(ids).get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_place_of_a_word_far_from_the_others_counts(model: keras.Model, ids: np.ndarray) -> None:
    first, second = ids[-1:].copy(), ids[-1:].copy()
    first[0, :40], second[0, :40] = 7, 7
    first[0, 10], second[0, 20] = 9, 9  # at the same place of their groups
    assert abs(model.predict(first, verbose=0) - model.predict(second, verbose=0)) > 1e-6


def test_padding_is_left_out(ids: np.ndarray) -> None:
    model = trained(ids, kernel_size=1, pool_size=1)  # so that no word is read together with padding
    before = model.predict(ids, verbose=0)
    weights = model.get_weights()
    assert weights[0].shape[0] == VOCABULARY_SIZE
    weights[0][0] += 3  # the padding's embedding
    model.set_weights(weights)
    np.testing.assert_allclose(model.predict(ids, verbose=0), before, rtol=0, atol=1e-6)
