"""What a trial produces, what an executor reports, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.config import BenchmarkConfig, Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts

TrialStatus = Literal["finished", "failed", "killed", "running", "planned"]


class Environment(Settings):
    """The machine and the versions that a trial ran on.

    Attributes
    ----------
    device_kind : {"cpu", "gpu"}
    device_name : str
        For example ``NVIDIA H100 80GB HBM3``, or the CPU's model name.
    cpu_model : str
        With family and model: the same name may stand for processors that give different weights.
    cpu_instructions : str or None
        Sets of vector instructions, by which TensorFlow chooses its kernels.
    threads : int
        Threads inside one operation; on a CPU the weights depend on it.
    trials_at_once : int
        Trials that share the machine; their timings are then those of a shared machine.
    versions : dict of str to str
    numeric_variables : dict of str to str
        Environment variables that change how numbers are computed, where they are set.
    """

    device_kind: Literal["cpu", "gpu"]
    device_name: str
    cpu_model: str
    cpu_instructions: str | None = None
    cpu_cores: int
    memory_gb: float
    threads: int
    trials_at_once: int = 1
    platform: str
    versions: dict[str, str]
    numeric_variables: dict[str, str] = Field(default_factory=dict)
    git_commit: str | None = None
    git_dirty: bool | None = None


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

    accuracy: float
    loss: float
    f1: float
    precision: float
    recall: float
    roc_auc: float
    brier: float


class TrialResult(Settings):
    """A finished trial: the content of ``result.json``.

    Attributes
    ----------
    fingerprint : str
        SHA-256 of `fingerprint_parts`: of all that decides the result.
    hyperparameters : dict
        Of the architecture, and of the training.
    epochs : tuple of EpochResult
        Empty for a baseline.
    weights_sha256 : str
        Of all weights in the model's order, or of a baseline's fitted arrays.
    scores : TestScores
        Of the final predictions.
    trace_seconds : float
        The first training step, in which TensorFlow traces the graph; part of no epoch. 0 for a baseline.
    train_seconds : float
        All epochs and the first step; for a baseline counting words and fitting.
    wall_seconds : float
        From before the model is built until its files are written.
    peak_memory_mb : float
    model_bytes : int
    """

    config: TrialConfig
    fingerprint: str
    fingerprint_parts: dict[str, Any]
    hyperparameters: dict[str, Any]
    environment: Environment
    corpus_digest: str
    parameter_count: int
    epochs: tuple[EpochResult, ...] = ()
    weights_sha256: str
    scores: TestScores
    build_seconds: float
    trace_seconds: float
    train_seconds: float
    evaluation_seconds: float
    wall_seconds: float
    peak_memory_mb: float
    peak_gpu_memory_mb: float | None = None
    model_bytes: int


@dataclass(frozen=True)
class Predictions:
    """A trial's final predictions on the test split, in the corpus's order: ``predictions.parquet``.

    Attributes
    ----------
    review_id : array of str, shape (n_reviews,)
        For example ``test/neg/123``.
    label : array of int8, shape (n_reviews,)
    probability : array of float32, shape (n_reviews,)
        Of label 1.
    words : array of int32, shape (n_reviews,)
        Words of the review before it is cut.
    group : array of int32, shape (n_reviews,)
        The review's film; reviews of one group are not independent.
    in_train : array of bool, shape (n_reviews,)
        The review stands word for word in the training split.
    repeated : array of bool, shape (n_reviews,)
        It repeats an earlier review of the test split.
    """

    review_id: NDArray[np.str_]
    label: NDArray[np.int8]
    probability: NDArray[np.float32]
    words: NDArray[np.int32]
    group: NDArray[np.int32]
    in_train: NDArray[np.bool_]
    repeated: NDArray[np.bool_]


@dataclass(frozen=True)
class PlannedTrial:
    """A trial to train, with the fingerprint that the worker must find too."""

    config: TrialConfig
    fingerprint_parts: dict[str, Any] = field(hash=False)
    fingerprint: str = ""


# What an executor reports, in the order in which it happens.


@dataclass(frozen=True)
class TrialStarted:
    trial: TrialConfig


@dataclass(frozen=True)
class StepsDone:
    """Training steps done in this epoch; a few times a second, for the progress bar only."""

    trial: TrialConfig
    epoch: int
    step: int
    steps: int


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


TrialEvent = TrialStarted | StepsDone | EpochFinished | TrialFinished | TrialFailed


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


@dataclass(frozen=True)
class HardReview:
    """A test review that the error analysis shows.

    Attributes
    ----------
    text : str
    word_effects : tuple of (str, float)
        Words that pushed the decision, with the change in log-odds of label 1; empty where there is no explanation.
    """

    review_id: str
    text: str
    word_effects: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class BenchmarkRecord:
    """A benchmark as the tracking store has it: all that the report is built from.

    Attributes
    ----------
    trials : tuple of TrialRecord
        One for each planned trial, in the planned order; where a fingerprint has several FINISHED runs, the newest.
    looks : tuple of int
        Numbers of seeds at which the result was looked at before (``--until-decided``, or ``--resume`` with more
        seeds); empty for a benchmark that was planned once.
    earlier_collapses : dict of str to (int, int)
        Architecture to (collapsed, all) trials of earlier benchmarks in the same store, same corpus and settings.
    """

    run_id: str
    experiment_id: str
    name: str
    status: TrialStatus
    started_at: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    environment: Environment | None
    trials: tuple[TrialRecord, ...]
    command: str
    hard_reviews: tuple[HardReview, ...] = ()
    looks: tuple[int, ...] = ()
    earlier_collapses: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def not_comparable_reason(self) -> str | None:
        """Why it does not compare with the paper; None where it does."""
        return self.corpus.not_comparable_reason(self.config.max_reviews)

    @property
    def finished(self) -> tuple[TrialRecord, ...]:
        return tuple(trial for trial in self.trials if trial.status == "finished")

    @property
    def complete(self) -> bool:
        return bool(self.trials) and len(self.finished) == len(self.trials)
