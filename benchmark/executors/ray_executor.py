"""Trials side by side on a Ray cluster, or in several processes of this machine."""

from __future__ import annotations

import concurrent.futures
import itertools
import logging
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmark.config import Device, TrialConfig
from benchmark.events import EpochFinished, StepsDone, TrialEvent, TrialFailed, TrialFinished, TrialStarted, WorkerReady
from benchmark.executors.ray_cluster import Cluster
from benchmark.executors.ray_jobs import Attempt, Corpora, Job
from benchmark.executors.ray_staff import Staff, Worker, reason_of
from benchmark.executors.ray_worker import Letter, Mailbox, Trained, Trainer
from benchmark.executors.trial_files import write_files
from benchmark.results import Environment, Execution, TrialOutcome
from benchmark.runtime import git_state

MOST_ATTEMPTS = 3  # a trial that takes down every node that it is given to would take down the cluster
SECONDS_BEFORE_TOLD = 60.0

_PROJECT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class RayExecutor:
    """Runs trials side by side, each on its share of a Ray cluster.

    The driver hands the trials out one by one. Where a node is lost, its trial goes to the next free worker, and Ray
    finds a node for a new one. A trial whose worker dies on a node that lives is told as failed, as the local executor
    does; Ray's own retries would not tell the two apart.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
    max_minutes_per_trial : float or None
        A trial that takes longer on its worker is stopped and told as failed.
    ray_address : str or None
        ``auto`` or ``host:port`` of a cluster; None starts Ray on this machine, and ends it with the executor.
    workers : int or None
        Trials at once; None takes as many as fit, on nodes that join later too.
    cpus_per_trial : int or None
        Cores that Ray reserves, and threads that TensorFlow takes inside an operation: on CPU, results depend on them.
        None is one on a cluster, and an equal share of the cores on this machine.
    gpus_per_trial : float or None
        Whole GPUs or a fraction of one. None is one GPU where there are any and the device allows it.
    trainer : Trainer
    """

    def __init__(
        self,
        device: Device = "auto",
        max_minutes_per_trial: float | None = None,
        ray_address: str | None = None,
        workers: int | None = None,
        cpus_per_trial: int | None = None,
        gpus_per_trial: float | None = None,
        trainer: Trainer = Trainer(),  # noqa: B008 - immutable
    ) -> None:
        self._device: Device = device
        self._limit_seconds = None if max_minutes_per_trial is None else 60 * max_minutes_per_trial
        self._resources = (ray_address, device, workers, cpus_per_trial, gpus_per_trial)
        self._trainer = trainer
        self._cluster: Cluster | None = None
        self._connecting: Future[None] = Future()
        self._environment: Environment | None = None
        self._queue: deque[Job] = deque()
        self._running: dict[Future[Trained], Attempt] = {}
        self._tickets = itertools.count()

    def start(self) -> None:
        """Begin to connect to the cluster, or to start one here, while the caller does other things.

        Raises
        ------
        UserError
            If what is asked for is impossible anywhere, Ray is not installed, or nobody answers at the address.
        """
        if self._cluster is not None:
            return
        self._cluster = Cluster(*self._resources)
        # Outside the main thread Ray leaves the process's signal handlers alone. The thread has to last as long as Ray:
        # Linux ends Ray's processes with the thread that started them.
        self._ray_thread = ThreadPoolExecutor(1, "ray")
        self._connecting = self._ray_thread.submit(self._connect, self._cluster)

    def _connect(self, cluster: Cluster) -> None:
        cluster.connect()
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._ray = ray
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self._mailbox = ray.remote(Mailbox).options(num_cpus=0, scheduling_strategy=here).remote()
        self._mail: Future[list[Letter]] = self._mailbox.take.remote().future()
        self._staff = Staff(ray, cluster, self._device, self._mailbox, self._trainer)
        self._staff.hire(trials=1)
        self._source = git_state(_PROJECT)

    def environment(self) -> Environment:
        """Wait until the first worker is ready, and tell the device and versions that it has.

        Raises
        ------
        UserError
            If the cluster cannot be joined or started, or no worker can serve.
        """
        self.start()
        self._connecting.result()
        _take_back_sigterm()
        while self._environment is None:
            for answer in self._wait():
                self._staff.welcome(answer)
            if self._staff.environment is not None:
                self._environment = self._with_source(self._staff.environment)
            else:
                self._staff.hire(trials=1)
        return self._environment

    def run(self, trials: Sequence[TrialConfig], corpus_directory: Path, spool_directory: Path) -> Iterator[TrialEvent]:
        """Run the trials, handed out in order, and tell what happens as it happens.

        Parameters
        ----------
        trials : sequence of TrialConfig
        corpus_directory : Path
            Of a corpus in this machine's cache. Its arrays go to Ray's object store once, from where all workers of a
            node read the same copy.
        spool_directory : Path
            Of this machine. A trial's files are brought to a folder of its name below this one.

        Yields
        ------
        TrialEvent
            `WorkerReady` once, then the events of all trials, interleaved. Each trial has one `TrialStarted`, each of
            its epochs once, and at last one `TrialFinished` or `TrialFailed`, however many nodes were lost under it.
        """
        if not trials:
            return
        yield WorkerReady(self.environment(), self._execution())
        corpora = Corpora(self._ray, corpus_directory)
        self._queue.extend(Job(trial, spool_directory / trial.name.replace(" ", "-")) for trial in trials)
        while self._queue or self._running:
            while self._queue and self._staff.idle:
                yield from self._hand_out(self._staff.idle.pop(), self._queue.popleft(), corpora)
            if not self._queue:
                self._staff.give_back()
            self._staff.hire(trials=len(self._queue) + len(self._running), busy=len(self._running))
            for answer in self._wait():
                if answer is self._mail:
                    yield from self._read_mail()
                elif answer in self._running:
                    yield from self._take_answer(answer)
                else:
                    self._staff.welcome(answer)
            yield from self._stop_late_trials()

    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial, and leave the cluster."""
        if self._cluster is not None:
            with suppress(Exception):  # whoever waited for the connection was told
                self._connecting.result()
            self._cluster.shut_down()
            self._ray_thread.shutdown()
        self._cluster = self._environment = None
        self._queue.clear()
        self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _execution(self) -> Execution:
        assert self._cluster is not None
        share = self._cluster.share
        return Execution(
            executor="ray",
            on_cluster=self._cluster.is_joined,
            trials_at_once=self._cluster.workers,
            cpus_per_trial=share.cpus,
            gpus_per_trial=share.gpus,
        )

    def _hand_out(self, worker: Worker, job: Job, corpora: Corpora) -> Iterator[TrialEvent]:
        job.attempts += 1
        deadline = None if self._limit_seconds is None else time.monotonic() + self._limit_seconds
        attempt = Attempt(job, worker, next(self._tickets), deadline)
        answer = worker.actor.train.remote(attempt.ticket, job.trial, corpora.reference(job.trial))
        self._running[answer.future()] = attempt
        if job.attempts == 1:
            yield TrialStarted(job.trial)

    def _wait(self) -> list[Future[Any]]:
        """Wait for mail, an answer, a worker or the next deadline, and give all that came, mail first."""
        awaited: list[Future[Any]] = [*self._running, *self._staff.starting]
        seconds: float | None = SECONDS_BEFORE_TOLD
        if self._running:
            awaited.insert(0, self._mail)
            deadlines = [attempt.deadline for attempt in self._running.values() if attempt.deadline is not None]
            seconds = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        # Not in `ray.wait`, which turns what a signal handler raises into a bare KeyboardInterrupt.
        concurrent.futures.wait(awaited, seconds, concurrent.futures.FIRST_COMPLETED)
        came = [future for future in awaited if future.done()]
        if not came and not self._running:
            assert self._cluster is not None
            _log.warning("waiting for a worker: it needs a node of the cluster with %s free", self._cluster.share)
        return came

    def _read_mail(self) -> Iterator[TrialEvent]:
        letters = self._mail.result()
        self._mail = self._mailbox.take.remote().future()
        jobs = {attempt.ticket: attempt.job for attempt in self._running.values()}
        for ticket, event in letters:
            job = jobs.get(ticket)
            if job is None:
                continue  # of an attempt that is over
            if isinstance(event, EpochFinished):
                yield from job.tell([event.epoch])
            elif isinstance(event, StepsDone):
                yield event

    def _take_answer(self, answer: Future[Trained]) -> Iterator[TrialEvent]:
        attempt = self._running.pop(answer)
        try:
            trained = answer.result()
        except self._ray.exceptions.RayError as error:
            self._staff.end(attempt.worker.actor)  # it may live on beyond a broken connection
            yield from self._lose(attempt, error)
            return
        self._staff.idle.append(attempt.worker)
        job = attempt.job
        yield from job.tell(trained.epochs)
        if trained.failure is not None:
            yield TrialFailed(job.trial, *trained.failure)
            return
        assert trained.result is not None
        result = trained.result.model_copy(update={"environment": self._with_source(trained.result.environment)})
        write_files(job.output_directory, trained.files, result)
        yield TrialFinished(job.trial, TrialOutcome(result, job.output_directory))

    def _with_source(self, environment: Environment) -> Environment:
        """Name the driver's commit: its code was sent to the workers, without the repository."""
        commit, dirty = self._source
        return environment.model_copy(update={"git_commit": commit, "git_dirty": dirty})

    def _lose(self, attempt: Attempt, error: Exception) -> Iterator[TrialEvent]:
        job = attempt.job
        if not self._staff.lost_its_node(attempt.worker, error):
            yield TrialFailed(job.trial, f"the worker process ended: {reason_of(error)}", str(error))
        elif job.attempts >= MOST_ATTEMPTS:
            yield TrialFailed(job.trial, f"the node that trained it was lost {job.attempts} times", str(error))
        else:
            node = self._staff.name_of_node(attempt.worker)
            _log.warning("the node %s is lost; %s is trained again on another", node, job.trial.name)
            self._queue.appendleft(job)

    def _stop_late_trials(self) -> Iterator[TrialEvent]:
        now = time.monotonic()
        for answer, attempt in list(self._running.items()):
            if attempt.deadline is not None and now >= attempt.deadline:
                assert self._limit_seconds is not None
                del self._running[answer]
                self._staff.end(attempt.worker.actor)
                reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
                yield TrialFailed(attempt.job.trial, reason, "")


def _take_back_sigterm() -> None:
    """Put Python's handler back before that of Ray's core, which prints its stack at a mere SIGTERM."""
    handler = signal.getsignal(signal.SIGTERM)
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)
