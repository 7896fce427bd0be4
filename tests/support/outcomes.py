"""What a finished trial leaves in its directory, without training one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.events import EpochFinished, TrialEvent, TrialFinished, TrialStarted, WorkerReady
from benchmark.predictions_file import write_predictions
from benchmark.results import Predictions, TrialOutcome
from tests.support.records import ACCURACIES, make_environment, make_predictions, make_result

REVIEWS = 40


def write_outcome(
    directory: Path,
    trial: TrialConfig,
    *,
    accuracy: float | None = None,
    keras_file: Path | None = None,
    predictions: Predictions | None = None,
) -> TrialOutcome:
    """Write the files of a trial that reached `accuracy`; without `keras_file` its model is no model at all."""
    directory.mkdir(parents=True)
    if predictions is None:
        reached = ACCURACIES[trial.architecture] if accuracy is None else accuracy
        predictions = make_predictions(trial.architecture, trial.seed, reached, REVIEWS)
    result = make_result(trial, predictions, np.random.default_rng(trial.seed))
    content = b"not a model" if keras_file is None else keras_file.read_bytes()
    (directory / "model.keras").write_bytes(content)
    write_predictions(directory / "predictions.parquet", predictions)
    (directory / "result.json").write_text(result.model_dump_json())
    if trial.architecture.endswith("tensorboard"):
        (directory / "tensorboard" / "train").mkdir(parents=True)
        (directory / "tensorboard" / "train" / "events").write_bytes(b"events")
    return TrialOutcome(result, directory)


def events_of(trial: TrialConfig, spool: Path, **outcome: object) -> list[TrialEvent]:
    """What an executor tells of a trial that finishes."""
    finished = write_outcome(spool / trial.name.replace(" ", "-"), trial, **outcome)
    return [
        WorkerReady(make_environment()),
        TrialStarted(trial),
        *(EpochFinished(trial, epoch) for epoch in finished.result.epochs),
        TrialFinished(trial, finished),
    ]


def small_config(**changes: object) -> BenchmarkConfig:
    return BenchmarkConfig(**({"architectures": ("cnn_lstm",), "seeds": (7,), "epochs": 2} | changes))
