"""Trials in worker processes of this machine.

A worker is a process of its own so that the parent never imports TensorFlow, tracks and draws beside the training, and
outlives a worker that the system kills.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmark.errors import UserError
from benchmark.executors.worker import Train, WorkerSettings, describe_checked, find_environment, serve
from benchmark.results import Environment, PlannedTrial, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.training.check import Check, check_architecture
from benchmark.training.describe import ArchitectureFacts

SECONDS_TO_STOP = 5.0
SECONDS_TO_CHECK = 300.0
MAX_WAIT_SECONDS = 3600.0  # poll(2) takes 31 bits of milliseconds
LOG_TAIL_BYTES = 4000


class WorkerDied(Exception):
    """The worker process has ended; the message says how."""


class LocalExecutor:
    """Runs trials in worker processes, and starts a new one where one dies.

    Parameters
    ----------
    settings : WorkerSettings
    workers : int
        Trials side by side.
    max_minutes_per_trial : float or None
        A trial that takes longer is stopped, and has failed.
    tensorflow : bool
        False where only baselines are trained; an architecture from elsewhere that is a network makes it True.
    """

    def __init__(
        self,
        settings: WorkerSettings | None = None,
        workers: int = 1,
        max_minutes_per_trial: float | None = None,
        tensorflow: bool = True,
    ) -> None:
        self._settings = settings or WorkerSettings(trials_at_once=workers)
        self._count = workers
        self._limit_seconds = None if max_minutes_per_trial is None else 60 * max_minutes_per_trial
        self._tensorflow = tensorflow
        self._workers: list[_Worker] = []
        self._environment: Environment | None = None
        self._prepare_is_sent = False

    def start(self) -> None:
        """Start the first worker, so that it imports TensorFlow while the caller reads the corpus."""
        if not self._workers:
            self._workers.append(_Worker(self._settings))
            if self._tensorflow:
                self._send_prepare()

    def environment(self) -> Environment:
        """Wait for the first worker, and return what it trains on.

        Raises
        ------
        UserError
            If the device cannot be had, or the worker dies.
        """
        if self._environment is None:
            self.start()
            if not self._prepare_is_sent:
                self._send_prepare()
            self._environment = self._receive("the worker process cannot start")
        return self._environment

    def describe(self, specs: Sequence[str]) -> list[ArchitectureFacts]:
        """Import architectures from elsewhere in the first worker and check their contract.

        Raises
        ------
        UserError
            With the first point that is not met.
        """
        if specs and self._prepare_is_sent:
            self.environment()  # its answer comes first
        described = [
            self._ask(f"--architectures: {spec} cannot be checked", describe_checked, spec, self._settings)
            for spec in specs
        ]
        if not self._tensorflow and any(architecture.kind == "network" for architecture in described):
            self._tensorflow, self._environment, self._prepare_is_sent = True, None, False
        return described

    def check(self, spec: str) -> list[Check]:
        """Check the contract of one architecture in the first worker."""
        try:
            return self._ask("it cannot be checked", check_architecture, spec, self._settings.device)
        except UserError as error:
            return [Check(name="runs to its end", ok=False, advice=str(error))]

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Run the trials, started in their order, and yield what happens as it happens.

        Yields
        ------
        TrialEvent
            For each trial `TrialStarted`, its progress, and at last `TrialFinished` or `TrialFailed`.
        """
        if trials:
            self.environment()
        waiting = deque(trials)
        while waiting or any(worker.trial for worker in self._workers):
            while waiting and (worker := self._free_worker()):
                trial = waiting.popleft()
                folder = pending_folder / trial.config.folder_name
                worker.train(Train(trial, corpus_folder, folder), self._limit_seconds)
                yield TrialStarted(trial.config)
            for worker in _ready([worker for worker in self._workers if worker.trial]):
                yield self._next_event(worker)

    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()
        self._environment, self._prepare_is_sent = None, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _send_prepare(self) -> None:
        self._workers[0].send((find_environment, self._tensorflow, self._settings))
        self._prepare_is_sent = True

    def _ask(self, what: str, *request: Any) -> Any:
        self.start()
        self._workers[0].send(request)
        return self._receive(what, SECONDS_TO_CHECK)

    def _receive(self, what: str, seconds: float | None = None) -> Any:
        """Return the first worker's answer, or raise the `UserError` that it is."""
        worker = self._workers[0]
        try:
            if not wait([worker.connection], seconds):
                raise UserError(f"{what}: it takes more than {seconds:g} seconds")
            answer = worker.receive()
        except WorkerDied as death:
            printed = " ".join(worker.log_tail().split()[-50:])
            raise UserError(f"{what}: {death}{f'; it printed: {printed}' if printed else ''}") from None
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _free_worker(self) -> _Worker | None:
        for worker in [worker for worker in self._workers if worker.trial is None]:
            if worker.is_alive():
                return worker
            self._remove(worker)
        if len(self._workers) >= self._count:
            return None
        self._workers.append(_Worker(self._settings))
        return self._workers[-1]

    def _next_event(self, worker: _Worker) -> TrialEvent:
        assert worker.trial is not None
        trial, folder = worker.trial.trial.config, worker.trial.folder
        try:
            event: TrialEvent = worker.receive() if worker.has_answer() else self._failure_by_time(worker)
        except WorkerDied as death:
            event = TrialFailed(trial, str(death), worker.log_tail())
        if isinstance(event, TrialFinished | TrialFailed):
            worker.trial = None
        if isinstance(event, TrialFailed):
            shutil.rmtree(folder, ignore_errors=True)
        if worker.trial is None and not worker.is_alive():
            self._remove(worker)
        return event

    def _remove(self, worker: _Worker) -> None:
        worker.stop()
        self._workers.remove(worker)

    def _failure_by_time(self, worker: _Worker) -> TrialFailed:
        assert worker.trial is not None
        assert self._limit_seconds is not None
        worker.kill()
        reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
        return TrialFailed(worker.trial.trial.config, reason, worker.log_tail())


class _Worker:
    """The parent's end of a worker process."""

    def __init__(self, settings: WorkerSettings) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy the parent's threads and locks
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process: SpawnProcess = context.Process(
            target=serve, args=(theirs, _Descriptor(self._log.fileno()), settings), name="benchmark-worker", daemon=True
        )
        self._process.start()
        theirs.close()  # so that the pipe breaks when the worker dies
        self.trial: Train | None = None
        self.deadline: float | None = None

    def send(self, request: Any) -> None:
        """Send a request; where the worker has died, reading its answer reports that."""
        try:
            self.connection.send(request)
        except (BrokenPipeError, ConnectionResetError):
            return

    def train(self, request: Train, limit_seconds: float | None) -> None:
        self.trial = request
        self.deadline = None if limit_seconds is None else time.monotonic() + limit_seconds
        self.send(request)

    def has_answer(self) -> bool:
        return bool(wait([self.connection], 0))

    def receive(self) -> Any:
        """Wait for the worker's next message; raise `WorkerDied` if there will be none."""
        try:
            return self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise WorkerDied(self._cause_of_death()) from None

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        self.connection.close()
        self._process.terminate()
        self._process.join(SECONDS_TO_STOP)
        if self._process.is_alive():
            self.kill()
        self._process.close()
        self._log.close()

    def log_tail(self) -> str:
        """Return what the worker printed last."""
        descriptor = self._log.fileno()
        start = max(0, os.fstat(descriptor).st_size - LOG_TAIL_BYTES)
        return os.pread(descriptor, LOG_TAIL_BYTES, start).decode(errors="replace").strip()

    def _cause_of_death(self) -> str:
        self._process.join(SECONDS_TO_STOP)
        if self.is_alive():
            self.kill()
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            memory = " (often the system, short of memory)" if name == "SIGKILL" else ""
            return f"the worker process was killed by {name}{memory}"
        return f"the worker process ended with exit code {code}"


class _Descriptor:
    """A file descriptor that arrives in a started process as one of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[Any]]:
        return _detach, (DupFd(self._descriptor),)


def _detach(duplicate: Any) -> int:
    return duplicate.detach()


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """Wait until a worker has sent something or is over its time."""
    deadlines = [worker.deadline - time.monotonic() for worker in workers if worker.deadline is not None]
    sent = wait([worker.connection for worker in workers], max(0.0, min([MAX_WAIT_SECONDS, *deadlines])))
    now = time.monotonic()
    return [
        worker
        for worker in workers
        if worker.connection in sent or (worker.deadline is not None and now >= worker.deadline)
    ]
