"""One trial: an architecture trained with one seed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.corpus.corpus import Split, open_corpus
from benchmark.results import Environment, PlannedTrial, Predictions, TestScores, TrialEvent, TrialResult
from benchmark.statistics.scores import scores
from benchmark.training.baseline import train_baseline
from benchmark.training.describe import facts_of
from benchmark.training.failures import TrialError
from benchmark.training.fingerprint import differing_parts, fingerprint, fingerprint_parts, hyperparameters
from benchmark.training.network import train_network
from benchmark.training.runtime import PeakMemory, describe_machine, prepare_runtime
from benchmark.trial_folder import SOURCE_FILE, write_trial
from models.registry import lookup


def run_trial(
    planned: PlannedTrial,
    corpus_folder: Path,
    folder: Path,
    on_event: Callable[[TrialEvent], None],
    environment: Environment | None = None,
    spec: str | None = None,
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
    spec : str or None
        Where the architecture is found on this machine, if not where it was planned.

    Raises
    ------
    TrialError
        If the fingerprint is not the planned one, or the training fails.
    UserError, ArchitectureError
        If the device or the architecture cannot be had.
    """
    config = planned.config
    is_network = config.kind == "network"
    started = time.perf_counter()
    environment = environment or (prepare_runtime(config.device) if is_network else describe_machine())
    memory = PeakMemory()
    architecture = lookup(spec or config.spec or config.architecture)
    facts = facts_of(architecture)
    corpus = open_corpus(corpus_folder)
    parts = fingerprint_parts(config, facts, corpus.facts.digest, environment)
    changes = differing_parts(planned.fingerprint_parts, parts)
    if changes:
        raise TrialError(f"not trained, since this is no longer the planned trial: {'; '.join(changes)}")
    (folder / SOURCE_FILE).write_text(architecture.source, encoding="utf-8")
    if is_network:
        trained = train_network(config, architecture, corpus, folder, on_event)
    else:
        trained = train_baseline(config, architecture, corpus, folder)
    predictions = _predictions(corpus.test, config.max_reviews, trained.probability)
    result = TrialResult(
        config=config,
        fingerprint=fingerprint(parts),
        fingerprint_parts=parts,
        hyperparameters=hyperparameters(config, facts),
        environment=environment,
        corpus_digest=corpus.facts.digest,
        scores=TestScores(**scores(predictions.label, predictions.probability)),
        wall_seconds=time.perf_counter() - started,
        peak_memory_mb=memory.megabytes(),
        peak_gpu_memory_mb=memory.gpu_megabytes() if is_network else None,
        model_bytes=trained.model_file.stat().st_size,
        **{
            field.name: getattr(trained, field.name)
            for field in dataclasses.fields(trained)
            if field.name not in ("probability", "model_file")
        },
    )
    write_trial(folder, result, predictions)


def _predictions(test: Split, max_reviews: int | None, probability: NDArray[np.float32]) -> Predictions:
    return Predictions(
        review_id=np.array(test.review_ids[:max_reviews]),
        label=test.labels[:max_reviews].astype(np.int8),
        probability=probability,
        words=(np.diff(test.offsets)[:max_reviews] - 1).astype(np.int32),
        group=np.array(test.groups[:max_reviews]),
        in_train=np.array(test.in_train[:max_reviews]),
        repeated=np.array(test.repeated[:max_reviews]),
    )
