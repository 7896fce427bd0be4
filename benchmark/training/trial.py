"""One trial: an architecture trained with one seed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmark.corpus.corpus import open_corpus
from benchmark.results import Environment, PlannedTrial, Predictions, TestScores, TrialEvent, TrialResult
from benchmark.statistics.scores import scores
from benchmark.training.baseline import train_baseline
from benchmark.training.environment import peak_gpu_memory_mb, peak_memory_mb, reset_peak_memory
from benchmark.training.failures import TrialError
from benchmark.training.fingerprint import differing_parts, plan_trial
from benchmark.training.network import train_network
from benchmark.trial_folder import SOURCE_FILE, read_trial_folder, write_trial
from models import loading
from models.registry import lookup_built


def run_trial(
    planned: PlannedTrial,
    corpus_folder: Path,
    folder: Path,
    on_event: Callable[[TrialEvent], None],
    environment: Environment,
    spec: str | None = None,
) -> None:
    """Train and evaluate one architecture with one seed, and write its files.

    Parameters
    ----------
    folder : Path
        Exists, and is empty; gets ``model.keras`` or ``baseline.skops``, ``predictions.parquet``, ``architecture.py``,
        ``tensorboard/`` where the architecture asks for it, and at last ``result.json``.
    on_event : callable
        Gets `EpochFinished`. What it raises ends the trial.
    environment : Environment
        What this process trains on.
    spec : str or None
        Where the architecture is found on this machine, if not where it was planned.

    Raises
    ------
    TrialError
        If the fingerprint is not the planned one, or the training fails.
    ArchitectureError
        If the architecture cannot be imported.
    """
    config = planned.config
    on_gpu = environment.device_kind == "gpu"
    started = time.perf_counter()
    reset_peak_memory(on_gpu)
    architecture = lookup_built(spec or config.spec or config.architecture, config.vocabulary_size, config.max_length)
    corpus = open_corpus(corpus_folder)
    if architecture.unlabelled:
        corpus = corpus.with_unlabelled()

    # it has to be the planned trial
    digest = corpus.facts.digest_with(architecture.unlabelled)
    here = plan_trial(config, architecture, digest, environment)
    changes = differing_parts(planned.fingerprint_parts, here.fingerprint_parts)
    if changes:
        raise TrialError(f"not trained, since this is no longer the planned trial: {'; '.join(changes)}")

    (folder / SOURCE_FILE).write_text(architecture.source, encoding="utf-8")
    if config.kind == "network":
        trained = train_network(config, architecture, corpus, folder, on_event)
    else:
        trained = train_baseline(config, architecture, corpus, folder)
    if architecture.spec is not None:
        for change in differing_parts(architecture.sources, loading.sources()):
            raise TrialError(f"{change}, but only since the training started: import it at the top of its file")
    predictions = Predictions.of(corpus.test, trained.probability, trained.probability_shuffled)
    model_facts = {name: value for name, value in vars(trained).items() if name in TrialResult.model_fields}
    result = TrialResult(
        config=config,
        fingerprint=planned.fingerprint,
        fingerprint_parts=planned.fingerprint_parts,
        hyperparameters=planned.fingerprint_parts["hyperparameters"],
        environment=environment,
        corpus_digest=corpus.facts.digest,
        scores=TestScores(**scores(predictions.label, predictions.probability)),
        wall_seconds=time.perf_counter() - started,
        peak_memory_mb=peak_memory_mb(),
        peak_gpu_memory_mb=peak_gpu_memory_mb() if on_gpu else None,
        model_bytes=trained.model_file.stat().st_size,
        **model_facts,
    )
    write_trial(folder, result, predictions)
    read_trial_folder(folder, config, corpus.facts)  # what cannot be stored fails here
