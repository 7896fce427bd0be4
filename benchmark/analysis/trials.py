"""Trial by trial: rows, learning curves, cost, and how to train a trial again."""

from __future__ import annotations

import math
import shlex
from collections import defaultdict

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence, ScoredTrial, architecture_title
from benchmark.analysis.intervals import wilson
from benchmark.analysis.parts import Cost, MeanEpoch, TrialEpoch, TrialRow, TutorialEpoch
from benchmark.references import References
from benchmark.results import BenchmarkRecord, EpochResult, TrialRecord
from benchmark.runtime import THREADS_VARIABLE
from benchmark.statistics.robust import outliers

CURVES = ("loss", "accuracy", "val_loss", "val_accuracy", "train_seconds")


def trial_rows(evidence: Evidence) -> tuple[TrialRow, ...]:
    """One row for every trial of the record, finished or not, in the record's order."""
    margin = evidence.record.config.equivalence_margin_points / 100
    far = {name: outliers(evidence.accuracies(name), margin) for name in evidence.scored}
    rows = []
    for trial in evidence.record.trials:
        config = trial.config
        scored = evidence.scored.get(config.architecture, {}).get(config.seed)
        if scored is not None and scored.record is not trial:
            scored = None
        is_outlier = scored is not None and config.seed in far[config.architecture]
        rows.append(_row(evidence.record, trial, scored, is_outlier))
    return tuple(rows)


def _row(record: BenchmarkRecord, trial: TrialRecord, scored: ScoredTrial | None, is_outlier: bool) -> TrialRow:
    result = trial.result
    found = scored.scores if scored else None
    return TrialRow(
        architecture=trial.config.architecture,
        title=architecture_title(trial.config.architecture),
        seed=trial.config.seed,
        run_id=trial.run_id,
        status=trial.status,
        failure=trial.failure,
        is_outlier=is_outlier,
        registered_version=trial.registered_version,
        model_uri=trial.model_uri,
        fingerprint=result.fingerprint if result else None,
        weights_sha256=result.weights_sha256 if result else None,
        test_accuracy=found.accuracy if found else None,
        wilson=wilson(scored) if scored else None,
        test_loss=found.loss if found else None,
        test_f1=found.f1 if found else None,
        test_precision=found.precision if found else None,
        test_recall=found.recall if found else None,
        test_roc_auc=found.roc_auc if found and not math.isnan(found.roc_auc) else None,
        test_brier=found.brier if found else None,
        seconds_per_epoch=scored.seconds_per_epoch if scored else None,
        reviews_per_second=scored.reviews_per_second if scored else None,
        evaluation_milliseconds_per_review=scored.evaluation_milliseconds_per_review if scored else None,
        trace_seconds=result.trace_seconds if result else None,
        wall_seconds=result.wall_seconds if result else None,
        peak_memory_mb=result.peak_memory_mb if result else None,
        peak_gpu_memory_mb=result.peak_gpu_memory_mb if result else None,
        model_bytes=result.model_bytes if result else None,
        parameters=result.parameter_count if result else None,
        rebuild=rebuild_instructions(record, trial),
    )


def rebuild_instructions(record: BenchmarkRecord, trial: TrialRecord) -> tuple[str, ...]:
    """Shell lines that train the trial again from the same code, packages and settings."""
    environment = trial.result.environment if trial.result else record.environment
    commit = environment.git_commit if environment else None
    options = {
        "architectures": trial.config.architecture,
        "seeds": trial.config.seed,
        "epochs": trial.config.epochs,
        "batch-size": trial.config.batch_size,
        "vocabulary-size": trial.config.vocabulary_size,
        "review-length": trial.config.review_length,
        "limit": trial.config.limit,
        "device": environment.device_kind if environment else trial.config.device,
        "data": record.config.data,
    }
    # With one worker as with many, on this machine or another: on a CPU the weights depend on the number of threads.
    variables = dict(environment.numeric_variables) if environment else {}
    if environment and environment.device_kind == "cpu":
        variables[THREADS_VARIABLE] = str(environment.threads)
    setting = "".join(f"{name}={shlex.quote(value)} " for name, value in variables.items())
    given = " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in options.items() if value is not None)
    return (
        *((f"git checkout {commit}",) if commit else ()),
        "python -m pip install -r requirements.txt",
        f"{setting}python -m benchmark run {given}",
    )


def learning_curves(evidence: Evidence) -> tuple[TrialEpoch, ...]:
    """Every epoch of every scored trial."""
    return tuple(
        TrialEpoch(
            architecture=architecture, seed=seed, run_id=trial.record.run_id, epoch=epoch.epoch, **_figures(epoch)
        )
        for architecture, by_seed in evidence.scored.items()
        for seed, trial in by_seed.items()
        for epoch in trial.result.epochs
    )


def mean_curves(evidence: Evidence) -> tuple[MeanEpoch, ...]:
    """The mean over seeds of each epoch of each architecture."""
    found = []
    for architecture, by_seed in evidence.scored.items():
        by_epoch: dict[int, list[dict[str, float]]] = defaultdict(list)
        for trial in by_seed.values():
            for epoch in trial.result.epochs:
                by_epoch[epoch.epoch].append(_figures(epoch))
        for number, epochs in sorted(by_epoch.items()):
            means = {name: float(np.mean([one[name] for one in epochs])) for name in CURVES}
            found.append(MeanEpoch(architecture=architecture, epoch=number, trials=len(epochs), **means))
    return tuple(found)


def tutorial_curves(record: BenchmarkRecord, references: References) -> tuple[TutorialEpoch, ...]:
    """The tutorial's own epochs of the planned architectures; none where the corpus is another."""
    if not record.comparable_to_paper:
        return ()
    return tuple(
        TutorialEpoch(architecture=architecture, epoch=number, **epoch.model_dump())
        for architecture in record.config.architectures
        if architecture in references.architectures
        for number, epoch in enumerate(references.architectures[architecture].epochs, start=1)
    )


def cost(evidence: Evidence) -> Cost:
    """What the finished trials took."""
    results = [trial.result for trial in evidence.trials]
    wall = sum(result.wall_seconds for result in results)
    training = sum(epoch.train_seconds for result in results for epoch in result.epochs)
    share = training / wall if wall else None
    sentence = "No trial finished, so nothing was timed."
    if share is not None:
        trials = n.plural(len(results), "trial")
        sentence = f"{trials} took {n.seconds(wall)} together, {n.share(share)} of it in training steps."
    return Cost(trials_timed=len(results), total_wall_seconds=wall, training_share=share, sentence=sentence)


def _figures(epoch: EpochResult) -> dict[str, float]:
    return {name: getattr(epoch, name) for name in CURVES}
