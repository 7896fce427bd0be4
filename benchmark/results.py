"""What a trial produces, what an executor reports, and what is read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from benchmark.config import BenchmarkConfig, Settings, TrialConfig
from benchmark.corpus.corpus import Split
from benchmark.corpus.facts import CorpusFacts
from models.registry import control_of

TrialStatus = Literal["finished", "failed", "killed", "running", "planned"]
T = TypeVar("T")
Trial = TypeVar("Trial", "PlannedTrial", "TrialRecord")


class Environment(Settings):
    """The machine and the versions that a trial ran on."""

    device_kind: Literal["cpu", "gpu"]
    device_name: str  # NVIDIA H100 80GB HBM3, or the CPU's model name
    cpu_model: str  # with family and model: one name may stand for processors that give different weights
    cpu_instructions: str | None = None  # sets of vector instructions, by which TensorFlow chooses its kernels
    cpu_cores: int
    memory_gb: float
    threads: int  # inside one operation; on a CPU the weights depend on it
    trials_at_once: int = 1  # where trials share the machine, their timings are longer
    platform: str
    versions: dict[str, str]
    numeric_variables: dict[str, str] = Field(default_factory=dict)  # those set that change how numbers are computed
    git_commit: str | None = None  # of the benchmark; its trials have none

    def processor(self, kind: Literal["network", "baseline"]) -> str:
        """Return what two trainings need in common to end with equal bits; a baseline is always trained on the CPU."""
        if kind == "network" and self.device_kind == "gpu":
            return self.device_name
        return f"{self.cpu_model} ({self.cpu_instructions})"


class EpochResult(Settings):
    """One epoch: running means of the training split, and the test split at its end; seconds of wall time."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    train_seconds: float
    evaluation_seconds: float
    reviews_per_second: float


class TestScores(Settings):
    """Scores on the test split, from the final predictions; 1 is the positive label."""

    __test__ = False  # not a test class
    model_config = ConfigDict(allow_inf_nan=True)  # reviews of one label have no ROC curve

    accuracy: float
    loss: float
    f1: float
    precision: float
    recall: float
    roc_auc: float
    brier: float


@dataclass(frozen=True)
class Trained:
    """A trained and saved model, and its probabilities on the test split; the fields are those of `TrialResult`."""

    probability: NDArray[np.float32]
    probability_shuffled: NDArray[np.float32]
    weights_sha256: str
    parameter_count: int
    model_file: Path
    build_seconds: float
    train_seconds: float
    evaluation_seconds: float
    trace_seconds: float = 0.0
    epochs: tuple[EpochResult, ...] = ()


class TrialResult(Settings):
    """A finished trial: the content of ``result.json``."""

    config: TrialConfig
    fingerprint: str  # SHA-256 of the parts
    fingerprint_parts: dict[str, Any]  # all that decides the result
    hyperparameters: dict[str, Any]  # of the architecture and of the training
    environment: Environment
    corpus_digest: str
    parameter_count: int
    epochs: tuple[EpochResult, ...] = ()  # none for a baseline
    weights_sha256: str  # of all weights in the model's order, or of a baseline's fitted arrays
    scores: TestScores
    build_seconds: float
    trace_seconds: float  # the first training step, in which TensorFlow traces the graph; part of no epoch
    train_seconds: float  # all epochs and the first step; for a baseline counting words and fitting
    evaluation_seconds: float
    wall_seconds: float  # from before the model is built until its files are written
    peak_memory_mb: float
    peak_gpu_memory_mb: float | None = None
    model_bytes: int


@dataclass(frozen=True)
class Predictions:
    """A trial's final predictions on the test split, in the corpus's order: ``predictions.parquet``."""

    review_id: NDArray[np.str_]
    label: NDArray[np.int8]
    probability: NDArray[np.float32]  # of label 1
    words: NDArray[np.int32]  # of the review before it is cut
    group: NDArray[np.int32]  # the review's film; reviews of one group are not independent
    # of label 1, with the review's words in random order; None of other reviews than the test split
    probability_shuffled: NDArray[np.float32] | None = None

    @classmethod
    def of(
        cls,
        test: Split,
        probability: NDArray[np.float32],
        shuffled: NDArray[np.float32] | None = None,
        chosen: NDArray[np.bool_] | None = None,
    ) -> Predictions:
        """Put the probabilities for the first, or the chosen, reviews of a test split beside the facts of these."""
        places = np.arange(len(probability)) if chosen is None else np.flatnonzero(chosen)
        return cls(
            review_id=np.array(test.review_ids[places]),
            label=test.labels[places].astype(np.int8),
            probability=probability,
            probability_shuffled=shuffled,
            words=(np.diff(test.offsets)[places] - 1).astype(np.int32),
            group=np.array(test.groups[places]),
        )


@dataclass(frozen=True)
class PlannedTrial:
    """A trial with the fingerprint that the worker must find too; `stored_as` is its run where the store has it."""

    config: TrialConfig
    fingerprint_parts: dict[str, Any] = field(hash=False)
    fingerprint: str = ""
    stored_as: str | None = None


# What an executor reports, in the order in which it happens.


@dataclass(frozen=True)
class TrialStarted:
    trial: TrialConfig


@dataclass(frozen=True)
class EpochFinished:
    trial: TrialConfig
    epoch: EpochResult


@dataclass(frozen=True)
class TrialFinished:
    """Its folder is complete: ``result.json`` is written last."""

    trial: TrialConfig
    folder: Path


@dataclass(frozen=True)
class TrialFailed:
    """`reason` is one line; `traceback` is empty where the worker died without one."""

    trial: TrialConfig
    reason: str
    traceback: str


TrialEvent = TrialStarted | EpochFinished | TrialFinished | TrialFailed


# What is read back from MLflow.


@dataclass(frozen=True)
class TrialRecord:
    """A trial as the tracking store has it; `result` and `predictions` are None unless it finished."""

    config: TrialConfig
    run_id: str
    status: TrialStatus
    result: TrialResult | None = None
    predictions: Predictions | None = None
    failure: str | None = None
    model_uri: str | None = None
    trained_in: str | None = None  # of a trial from the store: the benchmark run that trained it

    @property
    def accuracy(self) -> float:
        """On the test split; 0 unless it finished."""
        return self.result.scores.accuracy if self.result else 0.0


@dataclass(frozen=True)
class Evaluation:
    """How stored models came to answers on other reviews."""

    trained_on: CorpusFacts
    reviews_left_out: int | None  # those that stand in the training split; None where that split is not in the cache


@dataclass(frozen=True)
class BenchmarkRecord:
    """A benchmark as the tracking store has it: all that the report is built from."""

    run_id: str
    experiment_id: str
    name: str
    started_at: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    environment: Environment
    trials: tuple[TrialRecord, ...]  # one for each planned trial; where a fingerprint has several runs, the newest
    command: str
    looks: tuple[int, ...] = ()  # numbers of seeds at which the result was looked at before more were added
    evaluation: Evaluation | None = None  # where the corpus is not the one of the training

    @property
    def not_comparable_reason(self) -> str | None:
        """Why it does not compare with the paper; None where it does."""
        for trial in with_most_reviews(self.trials):
            if trial.config.train_reviews:
                return f"only {trial.config.train_reviews:,} training reviews were used"
        return self.corpus.not_comparable_reason(self.config.max_reviews)

    @property
    def finished(self) -> tuple[TrialRecord, ...]:
        return tuple(trial for trial in self.trials if trial.status == "finished")

    @property
    def by_architecture(self) -> dict[str, list[TrialRecord]]:
        """The finished trials of each architecture on the most training reviews; the best typical accuracy first."""
        trials = defaultdict(list)
        for trial in with_most_reviews(self.trials):
            if trial.status == "finished":
                trials[trial.config.architecture].append(trial)
        return dict(sorted(trials.items(), key=lambda own: typical_accuracy(own[1]), reverse=True))

    @property
    def compared(self) -> dict[str, list[TrialRecord]]:
        """The same without a control, which is another training of what it controls, where that is there."""
        found = self.by_architecture
        return {name: own for name, own in found.items() if control_of(name) not in found}

    @property
    def median_trials(self) -> list[TrialRecord]:
        """The finished trial with the median test accuracy of each architecture, the best architecture first."""
        return [median_of(own) for own in self.by_architecture.values()]

    @property
    def best(self) -> tuple[str, float] | None:
        """The best architecture and its typical accuracy."""
        for name, own in self.compared.items():
            return name, typical_accuracy(own)
        return None

    @property
    def best_model_uri(self) -> str | None:
        """Of the median trial of the best architecture; None where the store has no model."""
        for own in self.compared.values():
            return median_of(own).model_uri
        return None

    @property
    def complete(self) -> bool:
        return len(self.finished) == len(self.trials)


def with_most_reviews(trials: Sequence[Trial]) -> list[Trial]:
    """Return those that are trained on the most reviews, which are the trials of ladder and questions."""
    most = max((trial.config.train_reviews or inf for trial in trials), default=inf)
    return [trial for trial in trials if (trial.config.train_reviews or inf) == most]


def typical_accuracy(trials: Iterable[TrialRecord]) -> float:
    """Return the median accuracy of an architecture's trials."""
    return median(trial.accuracy for trial in trials)


def median_of(found: Iterable[T]) -> T:
    """Return the one with the median accuracy, of an even number the lower one."""
    ranked = sorted(found, key=attrgetter("accuracy"))
    return ranked[(len(ranked) - 1) // 2]
