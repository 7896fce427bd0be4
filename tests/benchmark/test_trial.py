"""A trial's files and figures agree with each other and with Keras."""

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark import training_watch
from benchmark.config import TrialConfig
from benchmark.events import EpochFinished, StepsDone, TrialEvent
from benchmark.model_file import weights_sha256
from benchmark.predictions_file import read_predictions
from benchmark.results import TrialOutcome, TrialResult
from benchmark.training_watch import TrainingDiverged
from benchmark.trial import run_trial
from models import registry
from models.registry import register_architecture
from tests.support.tiny_corpus import REVIEW_LENGTH, VOCABULARY_SIZE, tiny_corpus

keras = pytest.importorskip("keras")

CORPUS = tiny_corpus(reviews=130)
Run = Callable[..., TrialOutcome]


@dataclasses.dataclass
class Told:
    events: list[TrialEvent] = dataclasses.field(default_factory=list)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    def run(architecture: str, seed: int = 7, told: Told | None = None, **settings: int) -> TrialOutcome:
        sizes = {"vocabulary_size": VOCABULARY_SIZE, "review_length": REVIEW_LENGTH, "epochs": 2, **settings}
        config = TrialConfig(architecture=architecture, seed=seed, **sizes)
        told = told or Told()
        return run_trial(config, CORPUS, tmp_path_factory.mktemp(architecture), told.events.append)

    return run


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def outcome(run: Run, told: Told) -> TrialOutcome:
    return run("cnn_lstm", told=told)


@pytest.fixture(scope="module")
def model(outcome: TrialOutcome) -> keras.Model:
    return keras.saving.load_model(outcome.directory / "model.keras", safe_mode=True)


def test_the_result_is_written_as_it_is_returned(outcome: TrialOutcome) -> None:
    assert TrialResult.model_validate_json((outcome.directory / "result.json").read_text()) == outcome.result
    assert sorted(path.name for path in outcome.directory.iterdir()) == [
        "model.keras",
        "predictions.parquet",
        "result.json",
    ]


def test_the_saved_model_has_the_weights_that_the_result_names(outcome: TrialOutcome, model: keras.Model) -> None:
    assert weights_sha256(model) == outcome.result.weights_sha256 == outcome.result.epoch_weights_sha256[-1]
    assert model.count_params() == outcome.result.parameter_count
    assert (outcome.directory / "model.keras").stat().st_size == outcome.result.model_bytes


def test_predictions_are_those_of_the_last_model_in_the_order_of_the_corpus(
    outcome: TrialOutcome, model: keras.Model
) -> None:
    predictions = read_predictions(outcome.directory / "predictions.parquet")
    np.testing.assert_array_equal(predictions.review_id, CORPUS.test_ids)
    np.testing.assert_array_equal(predictions.label, CORPUS.y_test)
    np.testing.assert_array_equal(predictions.words, CORPUS.test_words)
    expected = model.predict(CORPUS.x_test, verbose=0)[:, 0]
    np.testing.assert_allclose(predictions.probability, expected, rtol=0, atol=1e-6)


def test_the_last_epoch_counts_and_agrees_with_keras_own_evaluation(outcome: TrialOutcome, model: keras.Model) -> None:
    loss, accuracy = model.evaluate(CORPUS.x_test, CORPUS.y_test, verbose=0)
    last = outcome.result.epochs[-1]
    assert outcome.result.test_accuracy == last.val_accuracy == pytest.approx(accuracy, abs=1e-6)
    assert outcome.result.test_loss == last.val_loss == pytest.approx(loss, abs=1e-5)


def test_what_is_told_is_what_the_result_holds(outcome: TrialOutcome, told: Told) -> None:
    assert isinstance(told.events[0], StepsDone)
    finished = [event.epoch for event in told.events if isinstance(event, EpochFinished)]
    assert tuple(finished) == outcome.result.epochs
    assert isinstance(told.events[-1], EpochFinished)


def test_times_and_memory_are_measured(outcome: TrialOutcome) -> None:
    result = outcome.result
    parts = [result.build_seconds, result.trace_seconds]
    parts += [seconds for epoch in result.epochs for seconds in (epoch.train_seconds, epoch.evaluation_seconds)]
    assert all(seconds > 0 for seconds in parts)
    assert sum(parts) < result.wall_seconds
    assert result.peak_memory_mb > 50


def test_the_same_seed_gives_the_same_model_file_to_the_byte(run: Run, outcome: TrialOutcome) -> None:
    again = run("cnn_lstm")
    assert again.result.fingerprint == outcome.result.fingerprint
    first, second = (directory / "model.keras" for directory in (outcome.directory, again.directory))
    assert first.read_bytes() == second.read_bytes()


def test_the_model_file_names_no_folder_of_this_machine(outcome: TrialOutcome) -> None:
    with zipfile.ZipFile(outcome.directory / "model.keras") as file:
        content = b"".join(file.read(name) for name in file.namelist())
    assert str(outcome.directory).encode() not in content
    assert str(Path.cwd()).encode() not in content
    assert b"date_saved" not in content


def test_zero_is_a_seed(run: Run, outcome: TrialOutcome) -> None:
    zero, again = run("cnn_lstm", seed=0).result, run("cnn_lstm", seed=0).result
    assert zero.weights_sha256 == again.weights_sha256 != outcome.result.weights_sha256


def test_tensorboard_is_written_and_changes_nothing(run: Run, outcome: TrialOutcome) -> None:
    watched = run("cnn_lstm_tensorboard")
    assert watched.result.weights_sha256 == outcome.result.weights_sha256
    written = read_tensorboard(watched.directory / "tensorboard")
    assert {"keras", "epoch_loss", "epoch_accuracy"} <= written["train"]  # keras is the model's graph
    assert {"epoch_loss", "epoch_accuracy"} <= written["validation"]


def read_tensorboard(directory: Path) -> dict[str, set[str]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    written = {}
    for part in directory.iterdir():
        accumulator = EventAccumulator(str(part))
        accumulator.Reload()
        tags = accumulator.Tags()
        written[part.name] = {*tags["scalars"], *tags["tensors"]}
    return written


def test_a_result_without_a_roc_auc_reads_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.CORPUS", dataclasses.replace(CORPUS, y_test=np.ones_like(CORPUS.y_test)))
    outcome = run("lstm", epochs=1)
    read = TrialResult.model_validate_json((outcome.directory / "result.json").read_text())
    assert np.isnan(read.test_roc_auc)
    assert read.test_recall == outcome.result.test_recall


def test_a_batch_larger_than_the_corpus_is_possible(run: Run) -> None:
    first, second = run("lstm", batch_size=1000).result.epochs
    assert first.reviews_per_second == 0  # its only step is the first one, which is timed apart
    assert second.reviews_per_second > 0


@pytest.fixture
def _own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ARCHITECTURES", dict(registry._ARCHITECTURES))


def average_of_words(vocabulary_size: int, review_length: int, start: str = "glorot_uniform") -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((review_length,), dtype="int32"),
            keras.layers.Embedding(vocabulary_size, 2),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid", kernel_initializer=start),
        ]
    )


@pytest.mark.usefixtures("_own_register")
def test_an_architecture_without_an_lstm_is_trained_alike(run: Run) -> None:
    register_architecture("average", title="Average of words")(average_of_words)
    assert run("average").result.parameter_count == 2 * VOCABULARY_SIZE + 3


@pytest.mark.usefixtures("_own_register")
def test_a_model_with_other_parameters_than_declared_is_not_trained(run: Run) -> None:
    register_architecture("average", title="Average of words", parameter_count=10_002)(average_of_words)
    with pytest.raises(ValueError, match="average declares 10,002 parameters, but its model has 10,003"):
        run("average", vocabulary_size=5000)


@pytest.mark.usefixtures("_own_register")
def test_a_loss_that_is_not_a_number_ends_the_trial_without_a_result(run: Run, told: Told) -> None:
    def broken(vocabulary_size: int, review_length: int) -> keras.Model:
        return average_of_words(vocabulary_size, review_length, start=keras.initializers.Constant(float("nan")))

    register_architecture("broken", title="Broken from the start")(broken)
    told = Told()
    with pytest.raises(TrainingDiverged, match="in epoch 1, the loss is nan after step 1 of 3") as stop:
        run("broken", told=told)
    assert stop.value.last_healthy_epoch == 0
    assert told.events == []


def test_the_last_epoch_is_not_evaluated_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    predict = training_watch.predict_probabilities

    def counted(model: keras.Model, x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return predict(model, x)

    monkeypatch.setattr(training_watch, "predict_probabilities", counted)
    run("lstm")
    assert sizes == [len(CORPUS.y_test)] * 2
