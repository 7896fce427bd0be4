"""What an executor tells while it runs trials, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.config import TrialConfig
from benchmark.results import Environment, EpochResult, Execution, TrialOutcome


@dataclass(frozen=True)
class WorkerReady:
    """A worker has TensorFlow imported and knows its device; trials are now run as `execution` says."""

    environment: Environment
    execution: Execution = Execution()  # noqa: RUF009 - immutable


@dataclass(frozen=True)
class TrialStarted:
    trial: TrialConfig


@dataclass(frozen=True)
class StepsDone:
    """Training steps done in this epoch; sent a few times a second, for progress only."""

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
    trial: TrialConfig
    outcome: TrialOutcome


@dataclass(frozen=True)
class TrialFailed:
    """`reason` is one line; `traceback` is empty where the worker died without one."""

    trial: TrialConfig
    reason: str
    traceback: str


TrialEvent = WorkerReady | TrialStarted | StepsDone | EpochFinished | TrialFinished | TrialFailed
