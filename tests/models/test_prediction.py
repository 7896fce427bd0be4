"""Prediction without the padding gives what ``model.predict`` gives, for every form of model, and touches nothing."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.prediction import Predictor, _concurrent_batches, predict_probabilities
from models.registry import architecture_names, get_architecture
from tests.support.tiny_corpus import VOCABULARY_SIZE, padded_reviews

keras = pytest.importorskip("keras")
layers = keras.layers

REVIEW_LENGTH = 60
LENGTHS = np.array([0, 1, 2, REVIEW_LENGTH - 1, REVIEW_LENGTH, REVIEW_LENGTH + 1, *range(0, REVIEW_LENGTH, 7)])


@pytest.fixture
def x() -> NDArray[np.int32]:
    order = np.random.default_rng(5).permutation(len(LENGTHS))
    return padded_reviews(LENGTHS[order], REVIEW_LENGTH)


def with_uneven_weights(model: keras.Model) -> keras.Model:
    """Move the weights away from their start, so that probabilities differ from review to review."""
    generator = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(weight + 0.1 * generator.standard_normal(weight.shape))
    return model


def built(name: str, review_length: int = REVIEW_LENGTH) -> keras.Model:
    keras.utils.set_random_seed(0)
    return with_uneven_weights(get_architecture(name).build(VOCABULARY_SIZE, review_length))


def as_keras_predicts(model: keras.Model, x: NDArray[np.int32]) -> NDArray[np.float32]:
    return model.predict(x, verbose=0)[:, 0]


@pytest.mark.parametrize("name", architecture_names())
def test_every_architecture_gives_what_keras_predicts(name: str, x: NDArray[np.int32]) -> None:
    model = built(name)
    expected = as_keras_predicts(model, x)
    assert expected.std() > 0.001
    for batch_size in (1, 4, 1000):
        np.testing.assert_allclose(predict_probabilities(model, x, batch_size), expected, rtol=0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", architecture_names("tutorial"))
def test_reviews_about_as_long_as_the_tutorial_cuts_them_give_what_keras_predicts(name: str) -> None:
    model = built(name, review_length=500)
    x = padded_reviews(np.array([0, 1, 499, 500, 501, 230]), 500)
    np.testing.assert_allclose(predict_probabilities(model, x), as_keras_predicts(model, x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", architecture_names("tutorial"))
def test_the_tutorials_architectures_skip_the_padding(name: str) -> None:
    assert Predictor(built(name)).skips_padding


def test_a_model_that_was_loaded_from_its_file_skips_the_padding_too(tmp_path: Path, x: NDArray[np.int32]) -> None:
    model = built("cnn_lstm")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert Predictor(loaded).skips_padding
    np.testing.assert_array_equal(predict_probabilities(loaded, x), predict_probabilities(model, x))


def ids() -> keras.KerasTensor:
    return keras.Input((REVIEW_LENGTH,), dtype="int32")


def stacked(*middle: keras.layers.Layer, **embedding: object) -> keras.Model:
    first = [ids(), layers.Embedding(VOCABULARY_SIZE, 8, **embedding)]
    return keras.Sequential([*first, *middle, layers.Dense(1, activation="sigmoid")])


def functional(middle) -> keras.Model:
    inputs = ids()
    words = layers.Embedding(VOCABULARY_SIZE, 8)(inputs)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(middle(words)))


def around_the_lstm(words: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Concatenate()([layers.LSTM(5)(words), layers.GlobalAveragePooling1D()(words)])


def two_convolutions(words: keras.KerasTensor) -> keras.KerasTensor:
    convolved = [layers.Conv1D(4, size, padding="same")(words) for size in (3, 5)]
    return layers.LSTM(5)(layers.Concatenate()(convolved))


def one_lstm_twice(words: keras.KerasTensor) -> keras.KerasTensor:
    lstm = layers.LSTM(5)
    return layers.Add()([lstm(words), lstm(layers.Conv1D(8, 3, padding="same")(words))])


def every_word_sees_the_whole_review(words: keras.KerasTensor) -> keras.KerasTensor:
    mixed = layers.Dense(REVIEW_LENGTH * 2)(layers.Flatten()(words))
    return layers.LSTM(5)(layers.Reshape((REVIEW_LENGTH, 2))(mixed))


OTHER_FORMS = {
    # name: (builds the model, whether it is computed without the padding)
    "normalised and strided": (
        lambda: stacked(
            layers.BatchNormalization(),
            layers.Conv1D(4, 5, padding="causal", strides=2),
            layers.LSTM(5, use_bias=False, activation="relu"),
            layers.LayerNormalization(),
        ),
        True,
    ),
    "functional": (lambda: functional(layers.LSTM(5)), True),
    "two convolutions side by side": (lambda: functional(two_convolutions), True),
    "every word sees the whole review": (lambda: functional(every_word_sees_the_whole_review), True),
    "no LSTM": (lambda: stacked(layers.GlobalAveragePooling1D()), False),
    "masked": (lambda: stacked(layers.LSTM(5), mask_zero=True), False),
    "two LSTMs": (lambda: stacked(layers.LSTM(5, return_sequences=True), layers.LSTM(5)), False),
    "bidirectional": (lambda: stacked(layers.Bidirectional(layers.LSTM(5))), False),
    "backwards": (lambda: stacked(layers.LSTM(5, go_backwards=True)), False),
    "every state is used": (lambda: stacked(layers.LSTM(5, return_sequences=True), layers.GlobalMaxPool1D()), False),
    "something goes around the LSTM": (lambda: functional(around_the_lstm), False),
    "an LSTM used twice": (lambda: functional(one_lstm_twice), False),
    "an LSTM that drops words": (lambda: stacked(layers.LSTM(5, dropout=0.5)), False),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_any_other_form_gives_what_keras_predicts(form: str, x: NDArray[np.int32]) -> None:
    build, skips_padding = OTHER_FORMS[form]
    model = with_uneven_weights(build())
    assert Predictor(model).skips_padding is skips_padding
    np.testing.assert_allclose(predict_probabilities(model, x, 8), as_keras_predicts(model, x), rtol=0, atol=1e-6)


def test_a_model_written_as_a_class_gives_what_keras_predicts(x: NDArray[np.int32]) -> None:
    class Written(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = [layers.Embedding(VOCABULARY_SIZE, 8), layers.LSTM(5), layers.Dense(1, activation="sigmoid")]

        def call(self, ids):
            for part in self.parts:
                ids = part(ids)
            return ids

    model = Written()
    np.testing.assert_array_equal(predict_probabilities(model, x), as_keras_predicts(model, x))


def test_a_keras_that_keeps_calls_of_layers_elsewhere_predicts_in_its_own_way(x: NDArray[np.int32]) -> None:
    model = built("cnn_lstm")
    (lstm,) = [layer for layer in model.layers if isinstance(layer, layers.LSTM)]
    del lstm._inbound_nodes
    assert not Predictor(model).skips_padding
    np.testing.assert_array_equal(predict_probabilities(model, x), as_keras_predicts(model, x))


@pytest.mark.parametrize(("threads", "cores", "expected"), [(0, 2, 2), (0, 64, 8), (1, 64, 1), (3, 2, 3)])
def test_batches_run_at_once_on_the_threads_of_tensorflow_or_else_the_cores_of_this_process(
    monkeypatch: pytest.MonkeyPatch, threads: int, cores: int, expected: int
) -> None:
    threading = "tensorflow.config.threading.get_intra_op_parallelism_threads"
    monkeypatch.setattr(threading, lambda: threads)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(cores)))
    assert _concurrent_batches() == expected


def test_no_review_gives_no_probability() -> None:
    assert predict_probabilities(built("lstm"), np.empty((0, REVIEW_LENGTH), np.int32)).shape == (0,)


def test_the_same_reviews_twice_give_the_same_bits(x: NDArray[np.int32]) -> None:
    model = built("cnn_lstm")
    np.testing.assert_array_equal(predict_probabilities(model, x, 4), predict_probabilities(model, x, 4))


def test_changed_weights_count_at_once_in_the_graphs_traced_before(x: NDArray[np.int32]) -> None:
    model = built("cnn_lstm")
    before = predict_probabilities(model, x, 4)
    predictor = vars(model)["_predictor_without_padding"]
    with_uneven_weights(model)
    after = predict_probabilities(model, x[:-3], 5)
    assert abs(after - before[:-3]).max() > 0.001
    np.testing.assert_allclose(after, as_keras_predicts(model, x[:-3]), rtol=0, atol=1e-6)
    assert vars(model)["_predictor_without_padding"] is predictor


def test_a_predictor_keeps_its_states_until_told_that_weights_changed(x: NDArray[np.int32]) -> None:
    model = built("lstm")
    predictor = Predictor(model)
    predictor.predict(x[:1])
    states = predictor._states
    predictor.predict(x[1:2])
    assert predictor._states is states
    with_uneven_weights(model)
    predictor.weights_changed()
    np.testing.assert_allclose(predictor.predict(x), as_keras_predicts(model, x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("form", ["lstm", "an LSTM that drops words"])
def test_predicting_leaves_weights_and_random_state_alone(form: str, x: NDArray[np.int32]) -> None:
    model = built(form) if form == "lstm" else OTHER_FORMS[form][0]()
    keras.utils.set_random_seed(3)
    before = [variable.numpy() for variable in model.variables]
    predict_probabilities(model, x)
    drawn = np.random.random(), keras.random.uniform(()).numpy()
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    keras.utils.set_random_seed(3)
    assert drawn == (np.random.random(), keras.random.uniform(()).numpy())


def test_a_model_that_has_predicted_saves_and_loads(x: NDArray[np.int32], tmp_path) -> None:
    model = built("cnn_lstm")
    expected = predict_probabilities(model, x)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(predict_probabilities(loaded, x), expected)
