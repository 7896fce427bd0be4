"""Synthetic benchmarks: what the tracking store would give back, with predictions that were never trained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.results import (
    BenchmarkRecord,
    CorpusFacts,
    Environment,
    EpochResult,
    HardReview,
    Predictions,
    TrialRecord,
    TrialResult,
)
from benchmark.scores import scores

ACCURACIES = {"lstm": 0.862, "lstm_dropout": 0.857, "cnn_lstm": 0.884, "cnn_lstm_tensorboard": 0.884}
SAME_NETWORK = {"cnn_lstm_tensorboard": "cnn_lstm"}


def make_record(
    architectures: Sequence[str] = tuple(ACCURACIES),
    seeds: Sequence[int] = (7, 8, 9),
    *,
    accuracies: Mapping[tuple[str, int], float] | None = None,
    failed: Sequence[tuple[str, int]] = (),
    reviews: int = 400,
    corpus_kind: str = "imdb",
    texts: bool = True,
    **settings: object,
) -> BenchmarkRecord:
    """Make a benchmark of every architecture with every seed.

    Parameters
    ----------
    accuracies : mapping of (architecture, seed) to float
        Expected test accuracy of single trials; the others scatter by half a point around `ACCURACIES`.
    failed : sequence of (architecture, seed)
        These trials end as failed, without result and predictions.
    reviews : int
        Reviews in the test half. They share difficulties over trials, as real ones do.
    corpus_kind : {"imdb", "generated", "custom"}
    texts : bool
        The hard reviews come with their text.
    **settings
        Further fields of `BenchmarkConfig`, such as ``limit=100``.
    """
    config = BenchmarkConfig(architectures=tuple(architectures), seeds=tuple(seeds), **settings)
    trials = tuple(
        _failed(trial)
        if (trial.architecture, trial.seed) in failed
        else finished_trial(trial, (accuracies or {}).get((trial.architecture, trial.seed)), reviews)
        for trial in config.trials()
    )
    hard = trials_hardest(trials, 3)
    return BenchmarkRecord(
        run_id=_hex("benchmark")[:32],
        experiment_id="1",
        name="benchmark of " + ", ".join(config.architectures),
        status="failed" if failed else "finished",
        started_at="2026-01-02T03:04:05Z",
        config=config,
        corpus=make_corpus_facts(corpus_kind, reviews),
        environment=make_environment(),
        trials=trials,
        command="python -m benchmark run",
        tracking_uri="sqlite:////somewhere/mlflow.db",
        hard_reviews=tuple(
            HardReview(name, f"The text of {name}, <b>bold</b> & true." if texts else None) for name in hard
        ),
    )


def make_corpus_facts(kind: str = "imdb", test_reviews: int = 400) -> CorpusFacts:
    return CorpusFacts(
        kind=kind,
        digest=_hex(kind),
        source=f"a synthetic corpus that calls itself {kind}",
        train_reviews=test_reviews,
        test_reviews=test_reviews,
        vocabulary_words=88_584,
    )


def make_environment(**changes: object) -> Environment:
    facts = {
        "device_kind": "cpu",
        "device_name": "Some CPU at 2.0 GHz",
        "cpu_model": "Some CPU at 2.0 GHz",
        "cpu_cores": 2,
        "memory_gb": 8.0,
        "threads": 2,
        "platform": "Linux-6.1-x86_64",
        "versions": {
            "python": "3.11.9",
            "tensorflow": "2.21.0",
            "keras": "3.15.1",
            "numpy": "2.4.6",
            "mlflow": "3.17.2",
        },
        "git_commit": "0123456789abcdef0123456789abcdef01234567",
        "git_dirty": False,
    }
    return Environment(**(facts | changes))


def make_predictions(architecture: str, seed: int, accuracy: float, reviews: int) -> Predictions:
    """Predict so that `accuracy` is met to the nearest review; hard reviews are hard for every trial."""
    network = SAME_NETWORK.get(architecture, architecture)
    shared = np.random.default_rng(reviews)
    own = np.random.default_rng([seed, *network.encode()])
    label = np.arange(reviews) % 2
    words = np.clip(shared.lognormal(5.2, 0.6, reviews), 10, 2500).astype(np.int32)
    ease = shared.normal(size=reviews) + 0.7 * own.normal(size=reviews)
    right = np.argsort(np.argsort(-ease)) < round(accuracy * reviews)
    margin = 0.49 * np.clip(np.abs(ease - np.sort(ease)[int((1 - accuracy) * (reviews - 1))]) / 2, 0.02, 1)
    probability = np.where(right == (label == 1), 0.5 + margin, 0.5 - margin)
    return Predictions(
        review_id=np.array([f"test/{('neg', 'pos')[value]}/{index}" for index, value in enumerate(label)]),
        label=label.astype(np.int8),
        probability=probability.astype(np.float32),
        words=words,
    )


def finished_trial(trial: TrialConfig, accuracy: float | None = None, reviews: int = 400) -> TrialRecord:
    """A trial that was trained to its end; two architectures with the same network get the same predictions."""
    network = SAME_NETWORK.get(trial.architecture, trial.architecture)
    noise = np.random.default_rng([trial.seed, *network.encode()])
    if accuracy is None:
        accuracy = ACCURACIES.get(network, 0.85) + 0.005 * float(noise.normal())
    predictions = make_predictions(trial.architecture, trial.seed, accuracy, reviews)
    result = make_result(trial, predictions, noise)
    number = 1 + trial.seed % 50
    return TrialRecord(
        config=trial,
        run_id=_hex(trial.name)[:32],
        status="finished",
        result=result,
        predictions=predictions,
        model_uri=f"models:/m-{_hex(trial.name)[:32]}",
        registered_version=f"imdb-{trial.architecture} version {number}",
    )


def make_result(trial: TrialConfig, predictions: Predictions, noise: np.random.Generator) -> TrialResult:
    network = SAME_NETWORK.get(trial.architecture, trial.architecture)
    found = asdict(scores(predictions.label, predictions.probability))
    seconds = {"lstm": 40.0, "lstm_dropout": 42.0}.get(network, 20.0)
    epochs = tuple(
        EpochResult(
            epoch=epoch,
            loss=0.45 * 0.75**epoch,
            accuracy=1 - 0.3 * 0.7**epoch,
            val_loss=found["loss"] if epoch == trial.epochs else 0.4,
            val_accuracy=found["accuracy"]
            if epoch == trial.epochs
            else found["accuracy"] - 0.01 * (trial.epochs - epoch),
            train_seconds=seconds + float(noise.normal()),
            evaluation_seconds=seconds / 6,
            reviews_per_second=25_000 / seconds,
        )
        for epoch in range(1, trial.epochs + 1)
    )
    weights = [_hex(f"{network} {trial.seed} {epoch.epoch}") for epoch in epochs]
    return TrialResult(
        config=trial,
        fingerprint=_hex("fingerprint" + trial.name),
        fingerprint_parts={"architecture": trial.architecture, "seed": trial.seed},
        hyperparameters={"optimizer": "adam", "epochs": trial.epochs, "batch_size": trial.batch_size},
        environment=make_environment(),
        corpus_digest=_hex("imdb"),
        parameter_count=216_405 if network == "cnn_lstm" else 213_301,
        epochs=epochs,
        weights_sha256=weights[-1],
        epoch_weights_sha256=tuple(weights),
        build_seconds=0.2,
        trace_seconds=1.5,
        wall_seconds=sum(epoch.train_seconds + epoch.evaluation_seconds for epoch in epochs) + 3,
        peak_memory_mb=1100.0 + trial.seed,
        model_bytes=2_600_000,
        **{f"test_{name}": value for name, value in found.items()},
    )


def trials_hardest(trials: Sequence[TrialRecord], count: int) -> list[str]:
    """Ids of reviews that every finished trial gets wrong, those with most confidence first."""
    predictions = [trial.predictions for trial in trials if trial.predictions is not None]
    if not predictions:
        return []
    label = predictions[0].label
    of_truth = np.mean([np.where(label == 1, one.probability, 1 - one.probability) for one in predictions], axis=0)
    wrong = np.all([(one.probability > 0.5) != (label == 1) for one in predictions], axis=0)
    order = [index for index in np.argsort(of_truth, kind="stable") if wrong[index]]
    return [str(predictions[0].review_id[index]) for index in order[:count]]


def _failed(trial: TrialConfig) -> TrialRecord:
    return TrialRecord(
        config=trial, run_id=_hex(trial.name)[:32], status="failed", failure="ResourceExhaustedError: out of memory"
    )


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
