"""What a trial gives, and what is read back of a benchmark: plain, serialisable facts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from benchmark.config import BenchmarkConfig, TrialConfig

SCHEMA_VERSION = 1

# what a finished trial leaves in its directory
MODEL_FILE = "model.keras"
PREDICTIONS_FILE = "predictions.parquet"
RESULT_FILE = "result.json"
TENSORBOARD_FOLDER = "tensorboard"

TrialStatus = Literal["finished", "failed", "killed", "running", "planned"]
CorpusKind = Literal["imdb", "generated", "custom"]


class _Facts(BaseModel):
    # "constants": a test half of one label has no ROC AUC, and NaN has to come back as NaN
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class CorpusFacts(_Facts):
    """What identifies a corpus, without its reviews.

    Attributes
    ----------
    kind : {"imdb", "generated", "custom"}
        ``imdb`` only where it is known to be the real one, whole; only then can it be compared with the paper.
    digest : str
        SHA-256 (64 hex digits) of every encoded review, label and vocabulary word, whatever the source.
    source : str
        A sentence for people: where it came from.
    train_reviews, test_reviews : int
        Before any limit.
    vocabulary_words : int
        Distinct words of the training half.
    """

    kind: CorpusKind
    digest: str
    source: str
    train_reviews: int
    test_reviews: int
    vocabulary_words: int

    def why_not_comparable(self, limit: int | None) -> str | None:
        """Why a benchmark on so many reviews of each half cannot be compared with the paper; None where it can."""
        if self.kind == "generated":
            return "it was trained and tested on the generated corpus, not on IMDB"
        if self.kind == "custom":
            return "its corpus is not known to be the whole of IMDB"
        if limit is not None:
            return f"it was limited to the first {limit:,} reviews of each half"
        return None


class Environment(_Facts):
    """The machine and the versions that a trial ran on.

    Attributes
    ----------
    device_kind : {"cpu", "gpu"}
    device_name : str
        For example ``NVIDIA H100 80GB HBM3``, or the CPU's model name.
    cpu_instructions : str or None
        Sets of vector instructions by which TensorFlow chooses its kernels: two CPUs of one name may differ in them,
        and then in the weights.
    threads : int
        Threads that TensorFlow may use inside one operation; the results on CPU depend on it.
    versions : dict of str to str
        python, tensorflow, keras, numpy, mlflow, ...
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
    platform: str
    versions: dict[str, str]
    numeric_variables: dict[str, str] = {}
    git_commit: str | None = None
    git_dirty: bool | None = None


class Execution(_Facts):
    """How trials were run. It decides their seconds and memory, and on a CPU, with the threads, their weights.

    Attributes
    ----------
    executor : {"local", "ray"}
    on_cluster : bool
        Ray's cluster was joined, so trials may have been trained on other machines than the one that tracked them.
    trials_at_once : int or None
        At most; None is as many as fit.
    cpus_per_trial : int or None
        None is every core of the machine.
    gpus_per_trial : float or None
        None is every GPU of the machine.
    """

    executor: Literal["local", "ray"] = "local"
    on_cluster: bool = False
    trials_at_once: int | None = 1
    cpus_per_trial: int | None = None
    gpus_per_trial: float | None = None

    @property
    def side_by_side(self) -> bool:
        """Whether a trial may have shared its machine with others."""
        return self.trials_at_once != 1


class EpochResult(_Facts):
    """One epoch. Loss and accuracy are Keras's running means over the epoch's steps; ``val_`` is the test half."""

    epoch: int = Field(ge=1)
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    train_seconds: float
    evaluation_seconds: float
    reviews_per_second: float


class TrialResult(_Facts):
    """A trial that was trained to its end.

    Attributes
    ----------
    fingerprint : str
        SHA-256 of `fingerprint_parts`.
    weights_sha256 : str
        Of all weights, in the model's order, as little-endian float32.
    trace_seconds : float
        The first training step, in which TensorFlow traces the graph; not part of any ``train_seconds``.
    wall_seconds : float
        From before the model is built until its files are written.
    peak_memory_mb : float
        Highest resident memory of the worker process while the trial ran.
    peak_gpu_memory_mb : float or None
    model_bytes : int
        Size of the saved ``model.keras``.
    """

    config: TrialConfig
    fingerprint: str
    fingerprint_parts: dict[str, Any]
    hyperparameters: dict[str, Any]
    environment: Environment
    corpus_digest: str
    parameter_count: int
    epochs: tuple[EpochResult, ...]
    weights_sha256: str
    epoch_weights_sha256: tuple[str, ...]
    test_accuracy: float
    test_loss: float
    test_f1: float
    test_roc_auc: float
    test_precision: float
    test_recall: float
    test_brier: float
    build_seconds: float
    trace_seconds: float
    wall_seconds: float
    peak_memory_mb: float
    peak_gpu_memory_mb: float | None = None
    model_bytes: int


@dataclass(frozen=True)
class Predictions:
    """The test half's reviews and what a trial said of each, in the corpus's order.

    Attributes
    ----------
    review_id : array of str, shape (n_reviews,)
        For example ``test/neg/123``.
    label : array of int8, shape (n_reviews,)
        1 is positive.
    probability : array of float32, shape (n_reviews,)
        Of the review being positive.
    words : array of int32, shape (n_reviews,)
        Words of the review before it is cut.
    """

    review_id: NDArray[np.str_]
    label: NDArray[np.int8]
    probability: NDArray[np.float32]
    words: NDArray[np.int32]


@dataclass(frozen=True)
class TrialOutcome:
    """A finished trial's result with the files it left in `directory`.

    ``model.keras``, ``predictions.parquet``, ``result.json``, and ``tensorboard/`` where the architecture writes it.
    """

    result: TrialResult
    directory: Path


@dataclass(frozen=True)
class TrialRecord:
    """A trial as the tracking store knows it; `result` and `predictions` are None unless it finished."""

    config: TrialConfig
    run_id: str
    status: TrialStatus
    result: TrialResult | None = None
    predictions: Predictions | None = None
    failure: str | None = None
    model_uri: str | None = None
    registered_version: str | None = None


@dataclass(frozen=True)
class HardReview:
    """A test review that the error analysis may show, with its text where the corpus has it."""

    review_id: str
    text: str | None


@dataclass(frozen=True)
class BenchmarkRecord:
    """A benchmark as the tracking store knows it: all that the report is built from."""

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
    tracking_uri: str
    hard_reviews: tuple[HardReview, ...] = ()
    trusted_since_ms: int | None = None  # no trial that was begun before is taken over: ``--force`` was given then
    executions: tuple[Execution, ...] = ()  # more than one where it was resumed in another way; none of an old one

    @property
    def not_comparable_reason(self) -> str | None:
        """Why it cannot be compared with the paper; None where it can."""
        return self.corpus.why_not_comparable(self.config.limit)

    @property
    def comparable_to_paper(self) -> bool:
        return self.not_comparable_reason is None

    @property
    def finished(self) -> tuple[TrialRecord, ...]:
        return tuple(trial for trial in self.trials if trial.status == "finished")

    @property
    def complete(self) -> bool:
        return len(self.finished) == len(self.config.architectures) * len(self.config.seeds)
