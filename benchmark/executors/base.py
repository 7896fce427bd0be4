"""What every executor offers."""

from __future__ import annotations

import shutil
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.errors import UserError
from benchmark.executors.check import check_architecture
from benchmark.executors.worker import Train, find_environment
from benchmark.results import Environment, PlannedTrial, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from models.registry import Architecture, lookup, ours, source_of


class Executor(ABC):
    """Runs trials and reports what happens; `LocalExecutor` and `RayExecutor` are two.

    Attributes
    ----------
    tensorflow : bool
        Whether networks are trained, as far as it is known: one from elsewhere makes it True when it is described.
    workers : int
        How many trials train at once, where there are so many.
    """

    def __init__(self, config: BenchmarkConfig) -> None:
        self._config = config
        self.workers = config.workers or 1
        kinds = [ours()[choice.name].kind for choice in config.architectures if choice.name in ours()]
        self.tensorflow = "network" in kinds

    @abstractmethod
    def start(self) -> None:
        """Start the first worker and return at once; call it in the main thread, with which workers end."""

    @abstractmethod
    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Run the trials, started in their order, and yield what happens as it happens.

        For each trial `TrialStarted`, its progress, and at last `TrialFinished`, with its files in
        ``pending_folder / trial.folder_name``, or `TrialFailed`.
        """
        limit_minutes = self._config.max_minutes_per_trial or float("inf")
        at_once = min(self.workers, len(trials))
        known = self._known(at_once)
        waiting = deque(trials)
        running: dict[TrialConfig, Train] = {}
        deadlines: dict[TrialConfig, float] = {}
        while waiting or running:
            # Start; it is reported before anything else, so that a result is never without its manifest
            events: list[TrialEvent] = []
            while waiting and len(running) < at_once:
                trial = waiting.popleft()
                request = Train(trial, corpus_folder, pending_folder / trial.config.folder_name, known)
                running[trial.config] = request
                events += self._begin(request)

            # Look, and then stop what takes too long: a trial may have ended while the caller stored another
            if not events:
                events += self._events()
                for config, deadline in deadlines.items():
                    if time.monotonic() > deadline:
                        reason = f"stopped after {limit_minutes:g} minutes (--max-minutes-per-trial)"
                        events.append(TrialFailed(config, reason, self._cancel(config)))

            # Report
            for event in events:
                if event.trial not in running:
                    continue
                if isinstance(event, TrialStarted):
                    deadlines[event.trial] = time.monotonic() + 60 * limit_minutes
                if isinstance(event, TrialFinished | TrialFailed):
                    folder = running.pop(event.trial).folder
                    deadlines.pop(event.trial, None)
                    if isinstance(event, TrialFailed):
                        shutil.rmtree(folder, ignore_errors=True)
                yield event

    def environment(self) -> Environment:
        """Return what the first worker trains on; UserError where it cannot serve."""
        environment = self.ask("the worker cannot start", find_environment, self.tensorflow, self._config)
        self.workers = self._config.workers or self._automatic_workers(environment)
        return environment.model_copy(update=self._known(self.workers))

    def _known(self, trials_at_once: int) -> dict[str, Any]:
        """Return what a worker's environment lacks."""
        return {"trials_at_once": trials_at_once}

    def describe(self, names: Sequence[str]) -> list[Architecture]:
        """Look our own architectures up here; build those from elsewhere in a worker and check their contract.

        Raises
        ------
        UserError
            If there is none of a name or two, or with the first thing that `check` would refuse.
        """
        architectures: dict[str, Architecture] = {}
        for name in names:
            architecture = lookup(name) if name in ours() else self._describe(name)
            if architecture.spec is not None and architecture.name in ours():
                raise UserError(
                    f"--architectures: {name}: the name {architecture.name!r} is one of ours; choose another, also by "
                    '@register_architecture("another_name")'
                )
            if architecture.name in architectures:  # only their files show it
                raise UserError(f"--architectures: {architecture.name!r} is given twice; each name may be given once")
            architectures[architecture.name] = architecture
            self.tensorflow |= architecture.kind == "network"
        return list(architectures.values())

    def _describe(self, spec: str) -> Architecture:
        what = f"--architectures: {spec} cannot be checked"
        return self.ask(what, check_architecture, spec, self._config, source=source_of(spec))

    @abstractmethod
    def _begin(self, request: Train) -> list[TrialEvent]:
        """Have a trial trained; return `TrialStarted` where it starts at once, else `_events` yields that."""

    @abstractmethod
    def _events(self) -> Iterator[TrialEvent]:
        """Wait for a moment, and yield all that has happened since the last call."""

    @abstractmethod
    def _cancel(self, trial: TrialConfig) -> str:
        """Stop a trial, unless `_events` has just yielded its end; return what its worker printed."""

    @abstractmethod
    def _automatic_workers(self, environment: Environment) -> int:
        """Return how many trials to train at once where ``--workers`` is auto."""

    @abstractmethod
    def ask(self, what: str, function: Callable[..., Any], *arguments: Any, source: str | None = None) -> Any:
        """Call the function in a worker of a source; a `UserError` begins with `what` where it does not answer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
