"""Benchmarks, trials and trial folders that were never trained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import (
    BenchmarkRecord,
    Environment,
    EpochResult,
    PlannedTrial,
    Predictions,
    TestScores,
    TrialRecord,
    TrialResult,
)
from models.registry import lookup

ACCURACIES = {
    "lstm": 0.862,
    "lstm_dropout": 0.857,
    "cnn_lstm": 0.877,
    "cnn_lstm_tensorboard": 0.877,
    "bag_of_words_svm": 0.877,
    "naive_bayes_logistic": 0.912,
    "majority_class": 0.5,
}
BASELINES = {"bag_of_words_svm", "naive_bayes_logistic", "naive_bayes_logistic_5000", "majority_class"}
TITLES = {name: lookup(name).title for name in {*ACCURACIES, *BASELINES}}
LOSSES = {"bag_of_words_svm": 0.0, "majority_class": 0.0, "naive_bayes_logistic": 0.06}  # with the words shuffled
SAME_NETWORK = {"cnn_lstm_tensorboard": "cnn_lstm"}  # equal weights for the same seed
REVIEWS = 400


def corpus_facts(kind: str = "imdb", test_reviews: int = REVIEWS, **changes: object) -> CorpusFacts:
    facts: dict[str, object] = {
        "kind": kind,
        "name": {"custom": "my-reviews"}.get(kind, kind),
        "digest": sha256(kind),
        "source": f"a corpus for tests that calls itself {kind}",
        "train_reviews": test_reviews,
        "test_reviews": test_reviews,
        "vocabulary_words": 88_584,
        "groups": max(test_reviews // 7, 1),
    }
    return CorpusFacts(**(facts | changes))


def environment(**changes: object) -> Environment:
    facts: dict[str, object] = {
        "device_kind": "cpu",
        "device_name": "Some CPU at 2.0 GHz",
        "cpu_model": "Some CPU at 2.0 GHz (family 6, model 207)",
        "cpu_cores": 2,
        "memory_gb": 8.0,
        "threads": 2,
        "platform": "Linux-6.1-x86_64",
        "versions": {
            "python": "3.11.9",
            "tensorflow": "2.21.0",
            "keras": "3.15.1",
            "numpy": "2.4.6",
            "scikit-learn": "1.9.1",
            "mlflow": "3.17.2",
        },
        "git_commit": "0123456789abcdef0123456789abcdef01234567",
    }
    return Environment(**(facts | changes))


def trial_config(architecture: str = "cnn_lstm", seed: int | None = 7, **changes: object) -> TrialConfig:
    baseline = architecture in BASELINES
    fields: dict[str, object] = {
        "architecture": architecture,
        "title": TITLES.get(architecture, architecture),
        "kind": "baseline" if baseline else "network",
        "seed": None if baseline else seed,
        "epochs": None if baseline else 3,
        "batch_size": None if baseline else 64,
        "learning_rate": None if baseline else 0.001,
    }
    return TrialConfig(**(fields | changes))


def _network(trial: TrialConfig) -> str:
    return SAME_NETWORK.get(trial.architecture, trial.architecture)


def _generator(trial: TrialConfig) -> np.random.Generator:
    return np.random.default_rng([trial.seed or 0, *_network(trial).encode()])


def predictions(trial: TrialConfig, accuracy: float = 0.88, reviews: int = REVIEWS, films: bool = True) -> Predictions:
    """Predict so that `accuracy` is met to the nearest review; hard reviews are hard for every trial."""
    shared = np.random.default_rng(reviews)
    own = _generator(trial)
    label = (np.arange(reviews) % 2).astype(np.int8)
    words = np.clip(shared.lognormal(5.2, 0.6, reviews), 10, 2500).astype(np.int32)
    ease = shared.normal(size=reviews) + 0.7 * own.normal(size=reviews)
    rank = np.argsort(np.argsort(-ease))
    right = rank < round(accuracy * reviews)
    still_right = rank < round((accuracy - LOSSES.get(trial.architecture, 0.02)) * reviews)
    margin = np.clip(0.49 * np.abs(ease - np.sort(ease)[int((1 - accuracy) * (reviews - 1))]) / 2, 0.01, 0.49)
    return Predictions(
        review_id=np.array([f"test/{('neg', 'pos')[value]}/{index}" for index, value in enumerate(label)]),
        label=label,
        probability=np.where(right == (label == 1), 0.5 + margin, 0.5 - margin).astype(np.float32),
        words=words,
        group=(np.arange(reviews) // (7 if films else 1)).astype(np.int32),
        probability_shuffled=np.where(still_right == (label == 1), 0.5 + margin, 0.5 - margin).astype(np.float32),
    )


def planned_trial(
    trial: TrialConfig, env: Environment | None = None, corpus: CorpusFacts | None = None
) -> PlannedTrial:
    from benchmark.training.fingerprint import fingerprint

    parts = {
        "trial": trial.model_dump(exclude={"seed"}),
        "seed": trial.seed,
        "cpu": (env or environment()).cpu_model,
        "corpus": (corpus or corpus_facts()).digest,
    }
    return PlannedTrial(trial, parts, fingerprint(parts))


def trial_result(
    trial: TrialConfig,
    predicted: Predictions | None = None,
    *,
    corpus: CorpusFacts | None = None,
    env: Environment | None = None,
    **changes: object,
) -> TrialResult:
    """What training would have written; its scores are those of the predictions."""
    from benchmark.statistics.scores import scores

    predicted = predicted or predictions(trial)
    corpus, env = corpus or corpus_facts(), env or environment()
    network = _network(trial)
    found = TestScores(**scores(predicted.label, predicted.probability))
    noise = _generator(trial)
    seconds = {"lstm": 40.0, "lstm_dropout": 42.0}.get(network, 20.0)
    epochs = tuple(
        EpochResult(
            epoch=epoch,
            train_loss=0.45 * 0.75**epoch,
            train_accuracy=1 - 0.3 * 0.7**epoch,
            test_loss=found.loss if epoch == trial.epochs else 0.4,
            test_accuracy=found.accuracy - 0.01 * (trial.epochs - epoch),
            train_seconds=seconds + float(noise.normal()),
            evaluation_seconds=seconds / 6,
            reviews_per_second=25_000 / seconds,
        )
        for epoch in range(1, (trial.epochs or 0) + 1)
    )
    train_seconds = sum(epoch.train_seconds for epoch in epochs) or 11.5
    planned = planned_trial(trial, env, corpus)
    fields: dict[str, object] = {
        "config": trial,
        "fingerprint": planned.fingerprint,
        "fingerprint_parts": planned.fingerprint_parts,
        "hyperparameters": {"optimizer": "adam"} if trial.kind == "network" else {"ngrams": "1-2"},
        "environment": env,
        "corpus_digest": corpus.digest,
        "parameter_count": 216_405 if network == "cnn_lstm" else 213_301,
        "epochs": epochs,
        "weights_sha256": sha256(f"{network} {trial.seed}"),
        "scores": found,
        "build_seconds": 0.2,
        "trace_seconds": 1.5 if epochs else 0.0,
        "train_seconds": train_seconds,
        "evaluation_seconds": seconds / 2,
        "wall_seconds": train_seconds + seconds / 2 + 3,
        "peak_memory_mb": 1100.0 + (trial.seed or 0),
        "model_bytes": 2_600_000,
    }
    return TrialResult(**(fields | changes))


def finished_trial(
    trial: TrialConfig, accuracy: float | None = None, reviews: int = REVIEWS, corpus: CorpusFacts | None = None
) -> TrialRecord:
    """A trial that was trained; the same seed of two architectures with one network gives the same predictions."""
    if accuracy is None:
        spread = 0.0 if trial.kind == "baseline" else 0.005
        accuracy = ACCURACIES.get(_network(trial), 0.85) + spread * float(_generator(trial).normal())
    predicted = predictions(trial, accuracy, reviews, films=corpus is None or corpus.groups is not None)
    return TrialRecord(
        config=trial,
        run_id=sha256(trial.name)[:32],
        status="finished",
        result=trial_result(trial, predicted, corpus=corpus),
        predictions=predicted,
        model_uri=f"models:/{(corpus or corpus_facts()).name}-{trial.architecture}/{1 + (trial.seed or 0) % 50}",
    )


def failed_trial(trial: TrialConfig, failure: str = "ResourceExhaustedError: out of memory") -> TrialRecord:
    return TrialRecord(config=trial, run_id=sha256(trial.name)[:32], status="failed", failure=failure)


def tiny_record(
    architectures: Sequence[str] = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard"),
    seeds: Sequence[int] = (7, 8, 9),
    *,
    accuracies: Mapping[tuple[str, int | None], float] | None = None,
    failed: Sequence[tuple[str, int | None]] = (),
    reviews: int = REVIEWS,
    corpus: CorpusFacts | None = None,
    **settings: object,
) -> BenchmarkRecord:
    """Make a benchmark of every architecture with every seed; a baseline has one trial, whose seed is None.

    Trials without an accuracy of their own scatter by half a point around `ACCURACIES`. `reviews` are those of the test
    split, and `settings` further fields of `BenchmarkConfig`.
    """
    corpus = corpus or corpus_facts(test_reviews=reviews)
    config = BenchmarkConfig(architectures=tuple(architectures), seeds=tuple(seeds), **settings)
    of_a_trial = {name: settings[name] for name in ("vocabulary_size", "max_length", "max_reviews") if name in settings}
    trials = []
    for architecture in architectures:
        for seed in [None] if architecture in BASELINES else seeds:
            trial = trial_config(architecture, seed, **of_a_trial)
            if (architecture, seed) in failed:
                trials.append(failed_trial(trial))
            else:
                trials.append(finished_trial(trial, (accuracies or {}).get((architecture, seed)), reviews, corpus))
    return BenchmarkRecord(
        run_id=sha256("benchmark")[:32],
        experiment_id="1",
        name="benchmark of " + ", ".join(architectures),
        started_at="2026-01-02T03:04:05+00:00",
        config=config,
        corpus=corpus,
        environment=environment(),
        trials=tuple(trials),
        command="python -m benchmark run",
    )


def write_trial_folder(
    folder: Path, trial: TrialConfig, accuracy: float = 0.88, corpus: CorpusFacts | None = None, **changes: object
) -> TrialResult:
    """Write what a worker leaves of a finished trial; its model file is no model."""
    from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE, SOURCE_FILE, TENSORBOARD_FOLDER, write_trial

    corpus = corpus or corpus_facts()
    folder.mkdir(parents=True, exist_ok=True)
    predicted = predictions(trial, accuracy, min(trial.max_reviews or REVIEWS, corpus.test_reviews))
    result = trial_result(trial, predicted, corpus=corpus, **changes)
    (folder / (BASELINE_FILE if trial.kind == "baseline" else NETWORK_FILE)).write_bytes(b"not a model")
    (folder / SOURCE_FILE).write_text("# the architecture's source\n")
    if trial.architecture.endswith("tensorboard"):
        (folder / TENSORBOARD_FOLDER / "train").mkdir(parents=True)
        (folder / TENSORBOARD_FOLDER / "train" / "events").write_bytes(b"events")
    write_trial(folder, result, predicted)
    return result


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def retrained(record: BenchmarkRecord, run_id: str = "2" * 32) -> BenchmarkRecord:
    """The same accuracies in another benchmark, with other weights."""
    trials = []
    for trial in record.trials:
        if trial.result:
            weights = sha256(f"{run_id} {trial.result.weights_sha256}")
            trial = replace(trial, result=trial.result.model_copy(update={"weights_sha256": weights}))
        trials.append(trial)
    return replace(record, run_id=run_id, trials=tuple(trials))
