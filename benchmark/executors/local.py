"""Trials one after the other in a worker process of this machine.

The worker is a process of its own so that the parent never imports TensorFlow, tracks and draws beside the training,
and outlives a worker that the system kills.
"""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmark.config import Device, TrialConfig
from benchmark.errors import UserError
from benchmark.events import TrialEvent, TrialFailed, TrialFinished, TrialStarted, WorkerReady
from benchmark.executors.worker import Task, WorkerRefused, serve
from benchmark.results import Environment
from benchmark.temporary import temporary_file

SECONDS_TO_STOP = 5.0
LOG_TAIL_CHARACTERS = 4000

Serve = Callable[[Connection, Device, Path], None]


class WorkerDied(Exception):
    """The worker process ended without a word."""


class LocalExecutor:
    """Runs trials in one worker process, and takes a new one where that dies.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
    max_minutes_per_trial : float or None
        A trial that takes longer is stopped and told as failed.
    serve : callable
        What the worker process runs; tests give one that dies.

    Examples
    --------
    >>> with LocalExecutor(device="cpu") as executor:  # doctest: +SKIP
    ...     for event in executor.run(trials, corpus.directory, spool_directory):
    ...         print(event)
    """

    def __init__(
        self, device: Device = "auto", max_minutes_per_trial: float | None = None, serve: Serve = serve
    ) -> None:
        self._device: Device = device
        self._serve = serve
        self._limit_seconds = None if max_minutes_per_trial is None else 60 * max_minutes_per_trial
        self._worker: _Worker | None = None
        self._environment: Environment | None = None

    def start(self) -> None:
        """Start the worker now, so that it imports TensorFlow while the caller reads the corpus."""
        if self._worker is None:
            self._worker = _Worker(self._serve, self._device)

    def environment(self) -> Environment:
        """Wait until the worker is ready, and tell the device and versions that it has.

        Raises
        ------
        UserError
            If the worker cannot serve the device, or dies while it starts.
        """
        self.start()
        assert self._worker is not None
        if self._environment is None:
            try:
                answer = self._worker.receive(timeout_seconds=None)
            except WorkerDied as death:
                raise UserError(
                    f"{death} while it started; it printed: {self._worker.log_tail() or 'nothing'}"
                ) from None
            if isinstance(answer, WorkerRefused):
                raise UserError(answer.message)
            self._environment = answer
        return self._environment

    def run(self, trials: Sequence[TrialConfig], corpus_directory: Path, spool_directory: Path) -> Iterator[TrialEvent]:
        """Run the trials in order, and tell what happens as it happens.

        Parameters
        ----------
        trials : sequence of TrialConfig
        corpus_directory : Path
            Of a corpus in the cache.
        spool_directory : Path
            A trial's files are left in a folder of its name below this one.

        Yields
        ------
        TrialEvent
            `WorkerReady` for each worker, then for each trial `TrialStarted`, its progress, and at last
            `TrialFinished` or `TrialFailed`.
        """
        told: Environment | None = None
        for trial in trials:
            environment = self.environment()
            if environment is not told:
                told = environment
                yield WorkerReady(environment)
            yield TrialStarted(trial)
            output_directory = spool_directory / trial.name.replace(" ", "-")
            shutil.rmtree(output_directory, ignore_errors=True)  # what an attempt left that was killed
            output_directory.mkdir(parents=True, exist_ok=True)
            yield from self._run_one(Task(trial, corpus_directory, output_directory))

    def _run_one(self, task: Task) -> Iterator[TrialEvent]:
        assert self._worker is not None
        deadline = None if self._limit_seconds is None else time.monotonic() + self._limit_seconds
        try:
            self._worker.send(task)
            while True:
                remaining_seconds = None if deadline is None else max(0.0, deadline - time.monotonic())
                event = self._worker.receive(remaining_seconds)
                yield event
                if isinstance(event, TrialFinished | TrialFailed):
                    return
        except TimeoutError:
            assert self._limit_seconds is not None
            reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
            self.stop()
            yield TrialFailed(task.trial, reason, "")
        except WorkerDied as death:
            last_words = self._worker.log_tail()
            self.stop()
            yield TrialFailed(task.trial, str(death), last_words)

    def stop(self) -> None:
        """End the worker, at once where it is in the middle of a trial."""
        if self._worker is not None:
            self._worker.stop()
        self._worker = self._environment = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Worker:
    """The parent's end of a worker process."""

    def __init__(self, serve: Serve, device: Device) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would take the parent's threads and locks along
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._files = ExitStack()
        self._log_file = self._files.enter_context(temporary_file("-worker.log"))
        self._process: SpawnProcess = context.Process(
            target=serve, args=(theirs, device, self._log_file), name="benchmark-worker", daemon=True
        )
        self._process.start()
        theirs.close()  # so that the pipe breaks when the worker dies

    def send(self, task: Task) -> None:
        try:
            self._connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            raise WorkerDied(self._cause_of_death()) from None

    def receive(self, timeout_seconds: float | None) -> Any:
        """Wait for the worker's next word.

        Raises
        ------
        TimeoutError
            If it says nothing for so long.
        WorkerDied
            If it will never say anything again.
        """
        if not wait([self._connection], timeout_seconds):
            raise TimeoutError
        try:
            return self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise WorkerDied(self._cause_of_death()) from None

    def stop(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join(SECONDS_TO_STOP)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        self._files.close()

    def log_tail(self) -> str:
        """What the worker printed last."""
        return self._log_file.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].strip()

    def _cause_of_death(self) -> str:
        self._process.join()
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            memory = " (often the system, short of memory)" if name == "SIGKILL" else ""
            return f"the worker process was killed by {name}{memory}"
        return f"the worker process ended with exit code {code}"
