"""Worker processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from threading import Lock
from typing import Any

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.base import Executor, Source, too_long
from benchmark.executors.worker import Train, WorkerFailed, send_event, train_trial
from benchmark.results import Environment, TrialEvent, TrialStarted
from benchmark.training.environment import automatic_workers
from benchmark.training.runtime import worker_variables

SECONDS_TO_END = 5.0
SECONDS_BETWEEN_LOOKS = 1.0  # at a process: a child that a dead worker left keeps the connection open
LOG_TAIL_BYTES = 4000


class LocalExecutor(Executor):
    """Trains in processes, so that a worker that the system kills costs one trial."""

    def __init__(self, config: BenchmarkConfig) -> None:
        super().__init__(config)
        self._lock = Lock()
        self._processes: list[Worker] = []

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            for worker in self._processes:
                worker.kill()
        super().stop()
        for worker in self._processes:
            worker.close()

    def call(self, source: Source, function: Callable[..., Any], *arguments: Any) -> Any:
        worker = self._take(source)
        try:
            answer = worker.ask((function, arguments), self._limit_minutes, self._events.put)
        finally:
            worker.is_busy = False
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _train(self, request: Train) -> None:
        self.call(request.trial.config.spec, train_trial, request, send_event)

    def _automatic_workers(self, environment: Environment) -> int:
        return automatic_workers(self._config.threads_per_worker, environment.device_kind == "gpu")

    def _take(self, source: Source) -> Worker:
        """Return a worker of this source; idle ones end where there would be more than `workers`."""
        with self._lock:
            if self._is_stopped:
                raise WorkerFailed("the benchmark was stopped", "")
            idle = [worker for worker in self._processes if not worker.is_busy]  # or dead
            for worker in idle:
                if worker.source == source and worker.is_alive():
                    worker.is_busy = True
                    return worker
            for worker in idle:
                if len(self._processes) >= self.workers:
                    worker.close()
                    self._processes.remove(worker)
            worker = Worker(source, self._config.threads_per_worker)
            self._processes.append(worker)
            return worker


class Worker:
    """A process that serves one source."""

    def __init__(self, source: Source, threads: int) -> None:
        self.source = source
        self.is_busy = True
        self._is_killed = False
        self._connection, theirs = Pipe()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from benchmark.executors.worker import serve; serve({theirs.fileno()})"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,  # what it prints would disturb the progress bar
            stderr=self._log,
            env={**os.environ, **worker_variables(threads), "PYTHONPATH": os.pathsep.join(sys.path)},
            pass_fds=[theirs.fileno()],
            process_group=0,  # its children end with it, and Ctrl-C reaches only the parent, which decides
        )
        theirs.close()  # so that the connection breaks when the worker dies

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Any, limit_minutes: float, on_event: Callable[[TrialEvent], None]) -> Any:
        """Return the answer to a request; the time of a trial counts from its start.

        Raises
        ------
        WorkerFailed
            If the worker dies, or its time is over.
        """
        give_up = float("inf")
        try:
            self._connection.send(request)
            while True:
                was_alive = self.is_alive()  # first, so that what it sent last is read
                if self._connection.poll(SECONDS_BETWEEN_LOOKS):
                    is_answer, message = self._connection.recv()
                    if is_answer:
                        return message
                    if isinstance(message, TrialStarted):
                        give_up = time.monotonic() + 60 * limit_minutes
                    on_event(message)
                elif not was_alive:
                    raise EOFError
                if time.monotonic() > give_up:
                    self.kill()
                    raise WorkerFailed(too_long(limit_minutes), self._log_tail())
        except (EOFError, OSError):  # at the end of the connection, or in the middle of a message
            raise WorkerFailed(self._cause_of_death(), self._log_tail()) from None

    def kill(self) -> None:
        """End the worker and the processes that it left; once, since the system gives its number to another group."""
        if not self._is_killed:
            self._is_killed = True
            with suppress(ProcessLookupError):  # none is left
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        self.kill()
        self._connection.close()
        self._log.close()

    def _log_tail(self) -> str:
        """Return what the worker printed last."""
        start = max(0, os.fstat(self._log.fileno()).st_size - LOG_TAIL_BYTES)
        return os.pread(self._log.fileno(), LOG_TAIL_BYTES, start).decode(errors="replace").strip()

    def _cause_of_death(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        self.kill()
        code = self._process.returncode
        if code >= 0:
            return f"the worker process ended with exit code {code}"
        why = " (often the system, short of memory)" if code == -signal.SIGKILL else ""
        return f"the worker process was killed by {signal.Signals(-code).name}{why}"
