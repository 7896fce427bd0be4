"""One trial: an architecture trained with one seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmark.results import Environment, PlannedTrial, TrialEvent


def run_trial(
    planned: PlannedTrial,
    corpus_folder: Path,
    folder: Path,
    on_event: Callable[[TrialEvent], None],
    environment: Environment | None = None,
) -> None:
    """Train and evaluate one architecture with one seed, and write its files.

    Parameters
    ----------
    planned : PlannedTrial
    corpus_folder : Path
        Of a corpus in the cache.
    folder : Path
        Exists, and is empty; gets ``model.keras`` or ``baseline.skops``, ``predictions.parquet``, ``architecture.py``,
        ``tensorboard/`` where the architecture asks for it, and at last ``result.json``.
    on_event : callable
        Gets `StepsDone` and `EpochFinished`. What it raises ends the trial.
    environment : Environment or None
        What this process trains on; None finds it out.
    """
    raise NotImplementedError
