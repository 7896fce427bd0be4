"""Trials in worker processes of this machine.

A worker is a process of its own so that the parent never imports TensorFlow, tracks and draws beside the training, and
outlives a worker that the system kills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.errors import UserError
from benchmark.executors.base import Executor
from benchmark.executors.worker import Train
from benchmark.results import Environment, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.training.machine import automatic_workers
from models.registry import source_of

SECONDS_TO_ANSWER = 300.0
SECONDS_TO_END = 5.0
SECONDS_BETWEEN_LOOKS = 1.0  # at workers: a child that a dead one left keeps the connection open
LOG_TAIL_BYTES = 4000
WORKER_ENDED = (EOFError, BrokenPipeError, ConnectionResetError)


class LocalExecutor(Executor):
    """Runs trials in worker processes, and starts a new one where one dies."""

    def __init__(self, config: BenchmarkConfig) -> None:
        super().__init__(config)
        self._workers: list[_Worker] = []

    def start(self) -> None:
        if not self._workers:
            self._workers.append(_Worker(self._config, self.tensorflow))

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def _automatic_workers(self, environment: Environment) -> int:
        return automatic_workers(self._config.threads_per_worker, environment.device_kind == "gpu")

    def ask(
        self,
        what: str,
        function: Callable[..., Any],
        *arguments: Any,
        source: str | None = None,
        seconds: float = SECONDS_TO_ANSWER,
    ) -> Any:
        worker = self._free_worker(source)
        try:
            worker.connection.send((function, *arguments))
            give_up = time.monotonic() + seconds
            while (answer := worker.receive(SECONDS_BETWEEN_LOOKS)) is None:
                if time.monotonic() > give_up:
                    worker.kill()  # its answer would be taken for that to the next question
                    raise UserError(f"{what}: it takes more than {seconds:g} seconds")
        except WORKER_ENDED:
            reason = f"{what}: {worker.cause_of_death()}"
            if printed := worker.log_tail().split():
                reason = f"{reason}; it printed: {' '.join(printed[-50:])}"
            raise UserError(reason) from None
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _begin(self, request: Train) -> list[TrialEvent]:
        worker = self._free_worker(source_of(request.trial.config.spec or ""))
        worker.trial = request.trial.config
        worker.send(request)
        return [TrialStarted(worker.trial)]

    def _free_worker(self, source: str | None) -> _Worker:
        """Return a worker of this source; one of another source ends where there would be too many."""
        for worker in list(self._workers):
            if worker.trial is not None:
                continue
            is_alive = worker.process.poll() is None
            if is_alive and worker.source == source:
                return worker
            if not is_alive or len(self._workers) > self.workers:
                worker.stop()
                self._workers.remove(worker)
        self._workers.append(_Worker(self._config, self.tensorflow and source is None, source))
        return self._workers[-1]

    def _events(self) -> Iterator[TrialEvent]:
        busy = [worker for worker in self._workers if worker.trial]
        wait([worker.connection for worker in busy], SECONDS_BETWEEN_LOOKS)
        for worker in busy:
            while worker.trial:
                try:
                    event = worker.receive()
                except WORKER_ENDED:
                    event = TrialFailed(worker.trial, worker.cause_of_death(), worker.log_tail())
                if event is None:
                    break
                if isinstance(event, TrialFinished | TrialFailed):
                    worker.trial = None
                yield event

    def _cancel(self, trial: TrialConfig) -> str:
        for worker in self._workers:
            if worker.trial == trial:
                worker.kill()
                worker.trial = None
                return worker.log_tail()
        return ""


class _Worker:
    """The parent's end of a worker process, which serves our architectures or one source from elsewhere."""

    def __init__(self, config: BenchmarkConfig, tensorflow: bool, source: str | None = None) -> None:
        self.source = source
        self.connection, theirs = Pipe()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"from benchmark.executors.worker import serve; serve({theirs.fileno()})"],
            stdin=subprocess.DEVNULL,
            stdout=self.log,  # what it prints would disturb the progress bar
            stderr=self.log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            pass_fds=[theirs.fileno()],
            process_group=0,  # its children end with it, and Ctrl-C reaches only the parent, which decides
        )
        theirs.close()  # so that the pipe breaks when the worker dies
        self.trial: TrialConfig | None = None  # that it trains
        self.is_killed = False
        self.send((config, tensorflow))

    def send(self, request: Any) -> None:
        """Send a request; where the worker has died, reading its answer reports that."""
        with suppress(*WORKER_ENDED):
            self.connection.send(request)

    def receive(self, seconds: float = 0.0) -> Any:
        """Return what the worker sends within this time, or None; EOFError where it has ended."""
        has_ended = self.process.poll() is not None  # first, so that what it sent last is read
        if self.connection.poll(seconds):
            return self.connection.recv()
        if has_ended:
            raise EOFError
        return None

    def kill(self) -> None:
        """End the worker and the processes that it left; once, since the system gives its number to another group."""
        if not self.is_killed:
            with suppress(ProcessLookupError, PermissionError):  # none is left; macOS says it by the other
                os.killpg(self.process.pid, signal.SIGKILL)
        self.is_killed = True
        self.process.wait()

    def stop(self) -> None:
        self.kill()
        self.connection.close()
        self.log.close()

    def log_tail(self) -> str:
        """Return what the worker printed last."""
        start = max(0, os.fstat(self.log.fileno()).st_size - LOG_TAIL_BYTES)
        return os.pread(self.log.fileno(), LOG_TAIL_BYTES, start).decode(errors="replace").strip()

    def cause_of_death(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_END)
        self.kill()
        code = self.process.returncode
        if code >= 0:
            return f"the worker process ended with exit code {code}"
        if code == -signal.SIGKILL:
            return "the worker process was killed by SIGKILL (often the system, short of memory)"
        return f"the worker process was killed by {signal.Signals(-code).name}"
