"""A network's files and figures agree with each other and with Keras."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from benchmark.corpus.corpus import open_corpus
from benchmark.corpus.word_order import shuffle_ids
from benchmark.results import TrialEvent, TrialResult
from benchmark.training import network
from benchmark.training.failures import TrialError
from benchmark.training.network import weights_sha256
from benchmark.training.runtime import prepare_runtime
from benchmark.training.trial import run_trial
from benchmark.trial_folder import read_predictions, read_result
from models.registry import lookup
from tests.support.planned import planned
from tests.support.tiny_corpus import MAX_LENGTH, VOCABULARY_SIZE

pytestmark = pytest.mark.slow

NETS = """
import keras

def diverges(vocabulary_size, max_length):
    return keras.Sequential([
        keras.Input((max_length,), dtype="int32"),
        keras.layers.Embedding(vocabulary_size, 4),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Rescaling(float("nan")),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
"""


@dataclasses.dataclass
class Run:
    result: TrialResult
    folder: Path
    events: list[TrialEvent]


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory: pytest.TempPathFactory):
    def run(name: str, seed: int = 7, **settings: object) -> Run:
        folder, events, machine = tmp_path_factory.mktemp("trial"), [], prepare_runtime("cpu", 1)
        trial = planned(name, corpus, seed, machine, **settings)
        run_trial(trial, corpus, folder, events.append, machine)
        return Run(read_result(folder), folder, events)

    return run


@pytest.fixture(scope="module")
def trial(run) -> Run:
    return run("cnn_lstm_tensorboard", epochs=2)


@pytest.fixture(scope="module")
def model(trial: Run):
    import keras

    return keras.saving.load_model(trial.folder / "model.keras", safe_mode=True)


def test_the_folder_has_all_files_and_the_model_the_weights_that_the_result_names(trial: Run, model) -> None:
    assert sorted(path.name for path in trial.folder.iterdir()) == [
        *("architecture.py", "model.keras", "model_summary.txt", "predictions.parquet", "result.json", "tensorboard")
    ]
    assert "def cnn_lstm(" in (trial.folder / "architecture.py").read_text()
    assert f"Total params: {trial.result.parameter_count:,}" in (trial.folder / "model_summary.txt").read_text()
    assert weights_sha256(model) == trial.result.weights_sha256
    assert model.count_params() == trial.result.parameter_count
    assert (trial.folder / "model.keras").stat().st_size == trial.result.model_bytes


def test_the_last_epochs_predictions_count_and_agree_with_keras(trial: Run, model, corpus: Path) -> None:
    data = open_corpus(corpus).encode(VOCABULARY_SIZE, MAX_LENGTH)
    predictions = read_predictions(trial.folder / "predictions.parquet")
    np.testing.assert_array_equal(predictions.review_id, open_corpus(corpus).test.review_ids)
    expected = model.predict(data.x_test, verbose=0)[:, 0]
    np.testing.assert_allclose(predictions.probability, expected, rtol=0, atol=1e-6)
    expected = model.predict(shuffle_ids(data.x_test), verbose=0)[:, 0]
    np.testing.assert_allclose(predictions.probability_shuffled, expected, rtol=0, atol=1e-6)
    loss, accuracy = model.evaluate(data.x_test, data.y_test, verbose=0)
    last, scores = trial.result.epochs[-1], trial.result.scores
    assert scores.accuracy == last.test_accuracy == pytest.approx(accuracy, abs=1e-6)
    assert scores.loss == last.test_loss == pytest.approx(loss, abs=1e-5)


def test_of_fewer_training_reviews_the_drawn_ones_are_trained_on(run, corpus: Path) -> None:
    result = run("cnn_lstm", epochs=1, train_reviews=30).result
    whole = open_corpus(corpus)
    data, drawn = whole.encode(VOCABULARY_SIZE, MAX_LENGTH), whole.drawn(30, 7)
    assert drawn.sum() == 30
    network.seed_network(7)
    model = network.build_and_compile(lookup("cnn_lstm"), VOCABULARY_SIZE, MAX_LENGTH)
    model.fit(data.x_train[drawn], data.y_train[drawn], batch_size=64, verbose=0)
    assert weights_sha256(model) == result.weights_sha256


def test_tensorboard_has_the_graph_and_both_splits(trial: Run) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    written = {}
    for part in (trial.folder / "tensorboard").iterdir():
        accumulator = EventAccumulator(str(part))
        accumulator.Reload()
        written[part.name] = {*accumulator.Tags()["scalars"], *accumulator.Tags()["tensors"]}
    assert {"keras", "epoch_loss", "epoch_accuracy"} <= written["train"]  # keras is the model's graph
    assert {"epoch_loss", "epoch_accuracy"} <= written["validation"]


def test_a_training_that_diverges_is_stopped_in_its_first_step(run, nets) -> None:
    with pytest.raises(TrialError, match=r"in epoch 1, the loss is nan after step 1; last healthy epoch: none"):
        run(f"{nets}:diverges")


def test_keras_still_shuffles_by_the_seed() -> None:
    """Keras 3.16 orders the reviews by the epoch alone; trials of different seeds would then share their order."""
    import keras

    def order(seed: int) -> list[float]:
        network.seed_network(seed)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "linear", False, "zeros")])
        model.compile("sgd", "mse")
        x = np.arange(1, 13, dtype=np.float32).reshape(-1, 1) / 12
        model.fit(x, x**2, batch_size=2, epochs=2, verbose=0)
        return model.get_weights()[0].ravel().tolist()

    assert order(1) != order(2)
