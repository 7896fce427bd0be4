"""Trials as Ray tasks on a cluster, without a shared file system."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import DamagedCorpus, open_corpus
from benchmark.errors import UserError
from benchmark.executors.worker import (
    Train,
    WorkerSettings,
    call,
    describe_checked,
    find_environment,
    limit_threads,
    try_trial,
)
from benchmark.results import (
    Environment,
    EpochFinished,
    PlannedTrial,
    TrialEvent,
    TrialFailed,
    TrialFinished,
    TrialStarted,
)
from benchmark.signals import defer_signals
from benchmark.training.describe import ArchitectureFacts
from benchmark.training.failures import one_line
from benchmark.training.runtime import describe_machine
from benchmark.trial_folder import RESULT_FILE

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_REACH_HEAD = 5.0
MAX_RETRIES = 1  # of a task whose node is lost

_PROJECT = Path(__file__).resolve().parents[2]

Source = tuple[str, bytes]  # name and content of a file that defines an architecture


class RayExecutor:
    """Runs each trial as a Ray task, `workers` at a time; Ray trains the trial of a lost node once more.

    Each task has the cores that ``--threads-per-worker`` asks for, one by default.

    Raises
    ------
    UserError
        If Ray is not installed, nothing answers at the address, or a setting is impossible.
    """

    def __init__(self, config: BenchmarkConfig, tensorflow: bool = True) -> None:
        assert config.ray_address is not None
        if config.gpus_per_trial and config.device == "cpu":
            raise UserError(f"--gpus-per-trial: {config.gpus_per_trial:g} is not possible with --device cpu")
        self._ray = _import_ray()
        self._address = config.ray_address
        _check_address(self._address)
        self._config = config
        machine = describe_machine()
        self._settings = WorkerSettings(
            device=config.device,
            threads=config.threads_per_worker or 1,
            trials_at_once=config.workers,
            vocabulary_size=config.vocabulary_size,
            max_length=config.max_length,
            git=(machine.git_commit, machine.git_dirty),
        )
        self._limit_seconds = 60 * (config.max_minutes_per_trial or float("inf"))
        self._tensorflow = tensorflow
        self._queue: Any = None
        self._environment: Environment | None = None

    def start(self) -> None:
        """Join the cluster."""
        if self._queue is not None:
            return
        ray = self._ray
        logging.getLogger("ray").setLevel(logging.ERROR)
        code = {"py_modules": [str(_PROJECT / package) for package in ("benchmark", "models")]}
        sigterm = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(self._address, runtime_env=code, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise UserError(
                f"--ray-address: {self._address} cannot be joined: {one_line(error)}; start a cluster with "
                "`ray start --head`, and set RAY_AUTH_MODE=token here too where it has a token"
            ) from None
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, sigterm)  # Ray's own prints a stack
        try:
            self._resources = self._find_resources()
        except UserError:
            ray.shutdown()
            raise
        from ray.util.queue import Queue
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self._queue = Queue(actor_options={"num_cpus": 0, "scheduling_strategy": here})

    def environment(self) -> Environment:
        """Wait for a first task, and return what it runs on.

        Raises
        ------
        UserError
            If the device cannot be had.
        """
        if self._environment is None:
            self._environment = self._call(find_environment, self._tensorflow, self._settings)
        return self._environment

    def describe(self, specs: Sequence[str]) -> list[ArchitectureFacts]:
        """Import architectures from elsewhere in a task and check their contract."""
        facts = []
        for spec in specs:
            described = self._call(_describe_here, spec, _source_file(spec), self._settings)
            facts.append(described.model_copy(update={"spec": _absolute(spec)}))
        if any(architecture.kind == "network" for architecture in facts) and not self._tensorflow:
            self._tensorflow, self._environment = True, None
        return facts

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Run the trials, and yield what happens; a finished trial's files come back with its task's result."""
        self.start()
        ray = self._ray
        files = [ray.put({path.name: np.fromfile(path, np.uint8) for path in corpus_folder.iterdir()})]
        train = self._remote(_train)
        waiting = deque(trials)
        running: dict[Any, Train] = {}
        deadlines: dict[TrialConfig, float] = {}  # of the trials that have started
        epochs: dict[TrialConfig, int] = {}
        while waiting or running:
            while waiting and len(running) < self._config.workers:
                trial = waiting.popleft()
                request = Train(trial, corpus_folder, pending_folder / trial.config.folder_name)
                source = _source_file(trial.config.spec)
                running[train.remote(request, source, files, self._settings, self._queue)] = request
            time.sleep(SECONDS_BETWEEN_LOOKS)
            with defer_signals():  # Ray turns what a signal handler raises into a bare KeyboardInterrupt
                done, _ = ray.wait(list(running), num_returns=len(running), timeout=0)
                events = self._queue.get_nowait_batch(self._queue.size())  # all events of the tasks that are done
            for event in events:
                repeated = isinstance(event, TrialStarted) and event.trial in deadlines
                if isinstance(event, TrialStarted):
                    deadlines[event.trial] = time.monotonic() + self._limit_seconds
                if isinstance(event, EpochFinished):
                    repeated = event.epoch.epoch <= epochs.get(event.trial, 0)
                    epochs[event.trial] = max(event.epoch.epoch, epochs.get(event.trial, 0))
                is_running = any(request.trial.config == event.trial for request in running.values())
                if is_running and not repeated:  # repeated where its node was lost
                    yield event
            for task in done:
                yield self._result(task, running.pop(task))
            for task, request in list(running.items()):
                if time.monotonic() > deadlines.get(request.trial.config, float("inf")):
                    ray.cancel(task, force=True)
                    del running[task]
                    reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
                    yield TrialFailed(request.trial.config, reason, "")

    def stop(self) -> None:
        """Leave the cluster, which ends this benchmark's tasks."""
        if self._queue is not None:
            self._ray.shutdown()
        self._queue = self._environment = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _find_resources(self) -> dict[str, float]:
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        gpus = self._config.gpus_per_trial
        largest_gpu = max((node.get("GPU", 0.0) for node in nodes), default=0.0)
        if self._config.device == "gpu" and not largest_gpu:
            raise UserError("--device: gpu is not possible: no node of the Ray cluster has a GPU; use cpu or auto")
        if gpus is None:
            gpus = 1.0 if largest_gpu and self._config.device != "cpu" else 0.0
        needed = {"CPU": float(self._settings.threads or 1), "GPU": gpus}
        if not any(all(node.get(kind, 0.0) >= number for kind, number in needed.items()) for node in nodes):
            raise UserError(
                f"--threads-per-worker and --gpus-per-trial: no node of the Ray cluster has {needed['CPU']:g} CPUs "
                f"and {gpus:g} GPUs, which a trial needs"
            )
        return {"num_cpus": needed["CPU"], "num_gpus": gpus}

    def _remote(self, function: Any) -> Any:
        return self._ray.remote(function).options(
            **self._resources, max_retries=MAX_RETRIES, scheduling_strategy="SPREAD"
        )

    def _call(self, function: Any, *arguments: Any) -> Any:
        """Run a task and wait for its result; signals arrive between two looks."""
        self.start()
        task = self._remote(_call_here).remote(self._settings.threads, function, *arguments)
        while not self._ray.wait([task], timeout=0)[0]:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        try:
            result = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            raise UserError(f"--ray-address: a worker of the Ray cluster fails: {_reason(error)}") from None
        if isinstance(result, UserError):
            raise result
        return result

    def _result(self, task: Any, request: Train) -> TrialEvent:
        trial = request.trial.config
        try:
            result = self._ray.get(task)
            if isinstance(result, TrialFailed):
                return result
            _write_files(request.folder, result)
            return TrialFinished(trial, request.folder)
        except self._ray.exceptions.RayError as error:
            return TrialFailed(trial, f"the Ray worker ended: {_reason(error)}", str(error))
        except (OSError, ValueError) as error:
            return TrialFailed(trial, one_line(error), "")


# Tasks: what runs on the nodes.


def _call_here(threads: int, function: Any, *arguments: Any) -> Any:
    limit_threads(threads)
    return call(function, *arguments)


def _describe_here(spec: str, source: Source | None, settings: WorkerSettings) -> ArchitectureFacts:
    return describe_checked(_spec_here(spec, source), settings)


def _train(
    request: Train, source: Source | None, files: list[Any], settings: WorkerSettings, queue: Any
) -> dict[str, bytes] | TrialFailed:
    """Run a trial in a temporary folder, and return its files."""
    limit_threads(settings.threads)
    config = request.trial.config
    queue.put(TrialStarted(config))
    with tempfile.TemporaryDirectory(prefix="imdb-trial-") as temporary:
        folder = Path(temporary) / config.folder_name
        try:
            corpus_folder = _corpus_here(request, files)
            spec = _spec_here(config.spec, source) if config.spec else None
        except (OSError, UserError) as error:
            return TrialFailed(config, one_line(error), "")
        event = try_trial(Train(request.trial, corpus_folder, folder, spec), settings, queue.put)
        if isinstance(event, TrialFailed):
            return event
        files_back = [path for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_back}


def _spec_here(spec: str, source: Source | None) -> str:
    """Return the spec of the same file on this node."""
    if source is None:
        return spec
    name, content = source
    path = cache_folder() / "sources" / hashlib.sha256(content).hexdigest()[:16] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{name}.{os.getpid()}.part")
    partial.write_bytes(content)
    partial.replace(path)
    return f"{path}:{spec.rpartition(':')[2]}"


def _corpus_here(request: Train, files: list[Any]) -> Path:
    """Return the corpus on this node: the driver's folder where it is here too, or a copy in this node's cache."""
    digest = request.trial.fingerprint_parts["corpus digest"]
    copy = cache_folder() / "corpora" / f"sent-{digest[:16]}"
    for found in (request.corpus_folder, copy):
        with contextlib.suppress(DamagedCorpus):
            if open_corpus(found).facts.digest == digest:
                return found
    import ray

    with complete_folder(copy) as new:
        for name, content in ray.get(files[0]).items():
            content.tofile(new / name)
    return copy


# The driver's side.


def _source_file(spec: str | None) -> Source | None:
    """Read the file that a spec names; None for a module, which is installed on the nodes."""
    where = (spec or "").rpartition(":")[0]
    if not where.endswith(".py"):
        return None
    path = Path(where).expanduser()
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise UserError(f"--architectures: {path} cannot be read: {error.strerror}") from None


def _absolute(spec: str) -> str:
    where, _, name = spec.rpartition(":")
    return f"{Path(where).expanduser().resolve()}:{name}" if where.endswith(".py") else spec


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a trial's files, and its result last by a rename."""
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"a worker sent a file named {name!r}, which leads out of its trial's folder")
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / (f"{name}.part" if name == RESULT_FILE else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    os.replace(folder / f"{RESULT_FILE}.part", folder / RESULT_FILE)


def _reason(error: Exception) -> str:
    """Find the line of Ray's long message that says why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [repr(error)]
    return next((line for line in lines if "died" in line or "dead" in line), lines[0])[:300]


def _import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray starts
    try:
        import ray
    except ModuleNotFoundError:
        raise UserError(
            "--ray-address: Ray is not installed; run `pip install -r requirements-ray.txt`, or use --workers for "
            "several trials at a time on this machine"
        ) from None
    return ray


def _check_address(address: str) -> None:
    """Refuse an address where nothing answers; Ray itself would try for minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise UserError(
            f"--ray-address: {address!r} is not possible; give auto or host:port as in 10.0.0.1:6379, on a node of the "
            "cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_REACH_HEAD).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"--ray-address: {address} does not answer: {error}; start the cluster with `ray start --head` there"
        ) from None
