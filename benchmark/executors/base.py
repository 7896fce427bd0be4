"""Trials trained side by side, and what happens to them as events."""

from __future__ import annotations

import shutil
import traceback
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.check import check_architecture
from benchmark.executors.worker import Train, WorkerFailed
from benchmark.results import Environment, PlannedTrial, TrialEvent, TrialFailed, TrialFinished
from benchmark.training.failures import one_line
from benchmark.training.runtime import find_environment
from models.registry import Architecture, absolute_spec, ours, split_settings

Source = str | None  # the spec of the one architecture from elsewhere that a worker process serves; None: all of ours


class Executor(AbstractContextManager["Executor"]):
    """Trains in workers, each of which serves one source; a thread waits for each of them.

    Attributes
    ----------
    workers : int
        How many trials train at once.
    """

    def __init__(self, config: BenchmarkConfig) -> None:
        self.workers = config.workers or 1
        self._config = config
        self._limit_minutes = config.max_minutes_per_trial or float("inf")
        self._is_stopped = False
        self._events: SimpleQueue[TrialEvent] = SimpleQueue()
        self._threads = ThreadPoolExecutor(self.workers)  # until `stop`: a worker ends with the thread that started it

    def describe(self, names: Sequence[str]) -> list[Architecture]:
        """Look our own architectures up; have those from elsewhere, and those with other settings, checked in workers.

        Raises
        ------
        UserError
            If there is none of a name or two, or with the first thing that `check` would refuse.
        """
        architectures: dict[str, Architecture] = {}
        for name in names:
            architecture = ours().get(name) or self._describe(name)
            has_name_of_ours = architecture.spec is not None and split_settings(architecture.name)[0] in ours()
            if has_name_of_ours or architecture.name in architectures:  # only their files show it
                raise UserError(
                    f"--architectures: the name {architecture.name!r} of {name} is given twice or one of ours; choose "
                    'another, also by @register_architecture("another_name")'
                )
            architectures[architecture.name] = architecture
        return list(architectures.values())

    def environment(self, architectures: Sequence[Architecture] = ()) -> Environment:
        """Return what these are trained on.

        Raises
        ------
        UserError
            If the device cannot be had.
        """
        device, threads = self._config.device, self._config.threads_per_worker
        networks = any(architecture.kind == "network" for architecture in architectures)
        environment = self.call(None, find_environment, networks, device, threads, True)
        self.workers = self._config.workers or self._automatic_workers(environment)
        self._threads = ThreadPoolExecutor(self.workers)
        return environment.model_copy(update={"trials_at_once": self.workers})

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Train, and yield what happens; a worker does not wait for the caller.

        Each trial ends with `TrialFinished`, its files in ``pending_folder / trial.folder_name``, or `TrialFailed`.
        """
        at_once = min(self.workers, len(trials))
        for trial in trials:
            folder = pending_folder / trial.config.folder_name
            request = Train(trial, corpus_folder, folder, self._config.threads_per_worker, at_once)
            self._threads.submit(self._train_or_fail, request)

        unfinished = len(trials)
        while unfinished:
            event = self._events.get()
            yield event
            if isinstance(event, TrialFinished | TrialFailed):
                unfinished -= 1

    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""
        self._is_stopped = True
        self._threads.shutdown(cancel_futures=True)

    def __exit__(self, *error: object) -> None:
        self.stop()

    @abstractmethod
    def call(self, source: Source, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what the function returns in a worker of this source.

        Raises
        ------
        UserError
            That the function raises, or `WorkerFailed`.
        """

    def _describe(self, spec: str) -> Architecture:
        try:
            source = absolute_spec(spec) if ":" in spec else None
            return self.call(source, check_architecture, spec, self._config)
        except WorkerFailed as failure:
            raise UserError(f"--architectures: {spec} cannot be checked: {failure}") from None

    def _train_or_fail(self, request: Train) -> None:
        trial = request.trial.config
        try:
            self._train(request)
            self._events.put(TrialFinished(trial, request.folder))
        except Exception as error:  # also where the disk is full, or there are too many processes
            reason, printed = one_line(error), traceback.format_exc()
            if isinstance(error, WorkerFailed):
                reason, printed = error.args
            shutil.rmtree(request.folder, ignore_errors=True)
            self._events.put(TrialFailed(trial, reason, printed))

    @abstractmethod
    def _train(self, request: Train) -> None:
        """Train in a worker of the trial's source; what happens goes to `_events`."""

    @abstractmethod
    def _automatic_workers(self, environment: Environment) -> int:
        """Return how many trials to train at once where ``--workers`` is auto."""


def too_long(minutes: float) -> str:
    """Return why a worker was stopped."""
    return f"stopped after {minutes:g} minutes (--max-minutes-per-trial)"
