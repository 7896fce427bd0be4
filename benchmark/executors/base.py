"""What every executor offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.errors import UserError
from benchmark.executors.worker import describe_checked, find_environment
from benchmark.results import Environment, PlannedTrial, TrialEvent, TrialFailed
from benchmark.training.machine import describe_machine
from models.registry import Architecture, ArchitectureError, expand, lookup, ours


class Executor(ABC):
    """Runs trials and reports what happens; `LocalExecutor` and `RayExecutor` are two.

    Parameters
    ----------
    config : BenchmarkConfig
    tensorflow : bool
        Whether networks are trained, as far as it is known.

    Attributes
    ----------
    tensorflow : bool
        A network from elsewhere makes it True.
    workers : int
        How many trials train at once, where there are so many.
    """

    workers: int

    def __init__(self, config: BenchmarkConfig, tensorflow: bool = True) -> None:
        self._config = config
        self.tensorflow = tensorflow
        self._limit_seconds = 60 * (config.max_minutes_per_trial or float("inf"))

    @abstractmethod
    def start(self) -> None:
        """Start the first worker and return at once; call it in the main thread, with which workers end."""

    @abstractmethod
    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Run the trials, started in their order, and yield what happens as it happens.

        For each trial `TrialStarted`, its progress, and at last `TrialFinished`, with its files in
        ``pending_folder / trial.folder_name``, or `TrialFailed`.
        """

    @abstractmethod
    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""

    def environment(self) -> Environment:
        """Return what the first worker trains on; UserError where it cannot serve."""
        what = "the worker cannot start"
        environment = self._ask(what, find_environment, self.tensorflow, self._config)
        self.workers = self._config.workers or self._automatic_workers(environment)
        return environment.model_copy(update=self._known(self.workers))

    def _known(self, trials_at_once: int) -> dict[str, Any]:
        """Return what a worker's environment lacks; Ray sends it the code without its repository."""
        here = describe_machine()
        return {"trials_at_once": trials_at_once, "git_commit": here.git_commit, "git_dirty": here.git_dirty}

    def describe(self, names: Sequence[str]) -> list[Architecture]:
        """Look our own architectures up here; build those from elsewhere in a worker and check their contract.

        Raises
        ------
        UserError
            If there is none of a name, or with the first thing that `check` would refuse.
        """
        architectures = []
        for name in names:
            check_name(name)
            architecture = lookup(name) if name in ours() else self._describe(name)
            self.tensorflow |= architecture.kind == "network"
            architectures.append(architecture)
        return architectures

    def _describe(self, spec: str) -> Architecture:
        return self._ask(f"--architectures: {spec} cannot be checked", describe_checked, spec, self._config)

    @abstractmethod
    def _automatic_workers(self, environment: Environment) -> int:
        """Return how many trials to train at once where ``--workers`` is auto."""

    @abstractmethod
    def _ask(self, what: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function in the first worker; a `UserError` begins with `what` where it does not answer."""

    def _over_time(self, trial: TrialConfig, printed: str = "") -> TrialFailed:
        reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
        return TrialFailed(trial, reason, printed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def check_name(name: str) -> None:
    """Refuse a name that is neither ours nor an installed package's; nothing is imported for it."""
    try:
        expand([name])
    except ArchitectureError as error:
        raise UserError(f"--architectures: {error}") from None
