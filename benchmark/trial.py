"""One trial: an architecture trained with one seed, exactly as the tutorial's own lines train it.

Nothing here may draw a random number or touch the order of the data: a trial ends with the weights of the plain script
(seed, build, ``compile``, ``fit``), bit for bit. Clocks, evaluation and TensorBoard only look on.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.config import TrialConfig
from benchmark.events import TrialEvent
from benchmark.fingerprint import LOSS, OPTIMIZER, fingerprint, fingerprint_parts, hyperparameters
from benchmark.model_file import save_model, weights_sha256
from benchmark.predictions_file import write_predictions
from benchmark.results import (
    MODEL_FILE,
    PREDICTIONS_FILE,
    RESULT_FILE,
    TENSORBOARD_FOLDER,
    Predictions,
    TrialOutcome,
    TrialResult,
)
from benchmark.runtime import PeakMemory, prepare_runtime, seed_everything
from benchmark.scores import scores
from benchmark.training_watch import TrainingWatch
from models.registry import Architecture, get_architecture

if TYPE_CHECKING:
    import keras

    from benchmark.corpus import EncodedCorpus
    from benchmark.results import Environment

TUTORIAL_VOCABULARY_SIZE = 5000  # the declared parameter counts are for this one


def run_trial(
    config: TrialConfig, encoded: EncodedCorpus, directory: Path, on_event: Callable[[TrialEvent], None]
) -> TrialOutcome:
    """Train and evaluate one architecture with one seed, and write its files.

    Parameters
    ----------
    config : TrialConfig
    encoded : EncodedCorpus
        Encoded with the config's vocabulary size, review length and limit.
    directory : Path
        Exists; gets ``model.keras``, ``predictions.parquet``, ``result.json`` (written last), and ``tensorboard/``
        where the architecture asks for it.
    on_event : callable
        Told of steps and epochs as they are done. What it raises ends the trial.

    Raises
    ------
    UserError
        If the device cannot be had.
    ValueError
        If the built model has not as many parameters as its architecture declares.
    TrainingDiverged
        If the loss or a probability stops being a number.
    """
    environment = prepare_runtime(config.device)
    architecture = get_architecture(config.architecture)
    memory = PeakMemory()
    started = time.perf_counter()
    seed_everything(config.seed)
    seeded = time.perf_counter()
    model = _build_and_compile(architecture, config)
    build_seconds = time.perf_counter() - seeded

    watch = TrainingWatch(model, config, encoded, on_event)
    callbacks = [watch.as_callback()]
    if architecture.writes_tensorboard:
        callbacks.append(_tensorboard_callback(directory / TENSORBOARD_FOLDER))
    model.fit(
        encoded.x_train,
        encoded.y_train,
        batch_size=config.batch_size,
        epochs=config.epochs,
        callbacks=callbacks,
        verbose=0,
    )

    save_model(model, directory / MODEL_FILE)
    predictions = Predictions(encoded.test_ids, encoded.y_test.astype("int8"), watch.probability, encoded.test_words)
    write_predictions(directory / PREDICTIONS_FILE, predictions)
    result = TrialResult(
        **_identity(config, encoded.digest, environment),
        **_test_scores(predictions),
        config=config,
        environment=environment,
        parameter_count=model.count_params(),
        epochs=tuple(watch.epochs),
        weights_sha256=weights_sha256(model),
        epoch_weights_sha256=tuple(watch.epoch_weights_sha256),
        build_seconds=build_seconds,
        trace_seconds=watch.trace_seconds,
        wall_seconds=time.perf_counter() - started,
        peak_memory_mb=memory.megabytes(),
        peak_gpu_memory_mb=memory.gpu_megabytes(),
        model_bytes=(directory / MODEL_FILE).stat().st_size,
    )
    _write_result(directory / RESULT_FILE, result)
    return TrialOutcome(result, directory)


def _write_result(path: Path, result: TrialResult) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(result.model_dump_json(indent=2), encoding="utf-8")
    unfinished.replace(path)


def _build_and_compile(architecture: Architecture, config: TrialConfig) -> keras.Model:
    model = architecture.build(config.vocabulary_size, config.review_length)
    declared, built = architecture.parameter_count, model.count_params()
    if config.vocabulary_size == TUTORIAL_VOCABULARY_SIZE and declared is not None and built != declared:
        raise ValueError(f"{architecture.name} declares {declared:,} parameters, but its model has {built:,}")
    model.compile(loss=LOSS, optimizer=OPTIMIZER, metrics=["accuracy"])
    return model


def _tensorboard_callback(directory: Path) -> keras.callbacks.Callback:
    import keras

    return keras.callbacks.TensorBoard(str(directory), histogram_freq=0, write_graph=True, write_images=True)


def _identity(config: TrialConfig, corpus_digest: str, environment: Environment) -> dict[str, Any]:
    parts = fingerprint_parts(config, corpus_digest, environment)
    return {
        "corpus_digest": corpus_digest,
        "fingerprint": fingerprint(parts),
        "fingerprint_parts": parts,
        "hyperparameters": hyperparameters(config),
    }


def _test_scores(predictions: Predictions) -> dict[str, float]:
    of_test = dataclasses.asdict(scores(predictions.label, predictions.probability))
    return {f"test_{name}": value for name, value in of_test.items()}
