"""What every registered architecture keeps to, one's own too: ``pytest tests/models/test_contract.py -k NAME``."""

from pathlib import Path

import numpy as np
import pytest

from models.registry import architecture_names, get_architecture

keras = pytest.importorskip("keras")

VOCABULARY_SIZE, REVIEW_LENGTH = 50, 24
X = np.random.default_rng(0).integers(0, VOCABULARY_SIZE, (6, REVIEW_LENGTH)).astype(np.int32)

every_architecture = pytest.mark.parametrize("name", architecture_names())


def built(name: str, seed: int = 3) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return get_architecture(name).build(VOCABULARY_SIZE, REVIEW_LENGTH)


def all_layers(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model._flatten_layers() if layer is not model]


def same_weights(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


@every_architecture
def test_ids_go_in_and_one_probability_a_review_comes_out(name: str) -> None:
    model = built(name)
    assert [(tensor.shape, tensor.dtype) for tensor in model.inputs] == [((None, REVIEW_LENGTH), "int32")]
    assert [tensor.shape for tensor in model.outputs] == [(None, 1)]
    probability = model.predict(X, verbose=0)
    assert ((probability >= 0) & (probability <= 1)).all()


@every_architecture
def test_it_comes_uncompiled(name: str) -> None:
    assert not built(name).compiled


@every_architecture
def test_it_has_stock_layers_only_so_that_it_loads_without_its_source(name: str) -> None:
    strange = [layer for layer in all_layers(built(name)) if not type(layer).__module__.startswith("keras.")]
    lambdas = [layer for layer in all_layers(built(name)) if isinstance(layer, keras.layers.Lambda)]
    assert not strange + lambdas


@every_architecture
def test_it_saves_and_loads_in_safe_mode(name: str, tmp_path: Path) -> None:
    model = built(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


@every_architecture
def test_a_seed_decides_its_weights(name: str) -> None:
    assert same_weights(built(name, seed=3), built(name, seed=3))
    assert not same_weights(built(name, seed=3), built(name, seed=4))


@every_architecture
def test_it_has_the_parameters_that_it_declares(name: str) -> None:
    architecture = get_architecture(name)
    if architecture.parameter_count is None:
        pytest.skip("declares no parameter count")
    assert architecture.build(5000, 500).count_params() == architecture.parameter_count


@every_architecture
def test_it_says_what_it_is(name: str) -> None:
    architecture = get_architecture(name)
    assert name.isidentifier()
    assert architecture.title
    assert len(architecture.source_sha256) == 64
