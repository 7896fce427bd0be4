"""Networks of our own: what they read of a review, and that they load without our source."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from models.networks import transformer
from models.registry import expand, lookup

VOCABULARY_SIZE, MAX_LENGTH = 50, 43  # the last group of five of the transformer has three words


@pytest.fixture(scope="module")
def networks() -> dict[str, Any]:
    keras.utils.set_random_seed(0)
    return {name: lookup(name).build(VOCABULARY_SIZE, MAX_LENGTH) for name in expand("networks")}


def test_networks_give_any_review_the_same_probability_in_a_process_without_our_source(
    networks: dict[str, Any], tmp_path: Path
) -> None:
    ids = np.random.default_rng(0).integers(1, VOCABULARY_SIZE, (6, MAX_LENGTH), dtype=np.int32)
    ids[1, :10] = ids[2, :-2] = ids[3, :-1] = ids[4] = 0  # the start id alone, and nothing at all
    np.save(tmp_path / "ids.npy", ids)
    for name, model in networks.items():
        model.save(tmp_path / f"{name}.keras")
    code = """
import sys, keras, numpy as np
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    np.save(f"{name}.npy", model.predict(np.load("ids.npy"), verbose=0))
assert "models" not in sys.modules
"""
    subprocess.run([sys.executable, "-P", "-c", code, *networks], cwd=tmp_path, check=True, capture_output=True)
    for name, model in networks.items():
        expected = model.predict(ids, verbose=0)
        assert expected.shape == (6, 1)
        assert ((expected > 0) & (expected < 1)).all()
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, rtol=0, atol=1e-6)


def test_the_sum_of_ngrams_sees_the_order_of_words_and_not_the_padding(networks: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=weight.shape) for weight in networks["ngram_sum"].get_weights()]  # at first all are zero

    def probability(max_length: int, *words: int) -> float:
        longer = lookup("ngram_sum").build(VOCABULARY_SIZE, max_length)
        longer.set_weights(weights)
        row = np.zeros((1, max_length), np.int32)
        row[0, -len(words) :] = words
        return float(longer.predict(row, verbose=0)[0, 0])

    assert probability(MAX_LENGTH, 1, 5, 6, 7) != probability(MAX_LENGTH, 1, 6, 5, 7)
    assert probability(MAX_LENGTH, 1, 5, 6, 7) == pytest.approx(probability(10, 1, 5, 6, 7), abs=1e-6)


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


def test_the_same_seed_trains_the_same_transformer(model: keras.Model, ids: np.ndarray) -> None:
    for first, second in zip(model.get_weights(), trained(ids).get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_to_the_transformer_the_place_of_a_word_far_from_the_others_counts(model: keras.Model, ids: np.ndarray) -> None:
    first, second = ids[-1:].copy(), ids[-1:].copy()
    first[0, :40], second[0, :40] = 7, 7
    first[0, 10], second[0, 20] = 9, 9  # at the same place of their groups
    assert abs(model.predict(first, verbose=0) - model.predict(second, verbose=0)) > 1e-6


def test_the_transformer_leaves_out_padding(ids: np.ndarray) -> None:
    model = trained(ids, kernel_size=1, pool_size=1)  # so that no word is read together with padding
    before = model.predict(ids, verbose=0)
    weights = model.get_weights()
    assert weights[0].shape[0] == VOCABULARY_SIZE
    weights[0][0] += 3  # the padding's embedding
    model.set_weights(weights)
    np.testing.assert_allclose(model.predict(ids, verbose=0), before, rtol=0, atol=1e-6)
