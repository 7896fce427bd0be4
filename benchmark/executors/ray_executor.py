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
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import DamagedCorpus, open_corpus
from benchmark.errors import UserError
from benchmark.executors.worker import WorkerSettings, describe_checked, find_environment, limit_threads, try_trial
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
from benchmark.trial_folder import RESULT_FILE, read_result
from models.registry import is_spec, lookup

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_REACH_HEAD = 5.0
MAX_RETRIES = 1  # of a task whose node is lost

_PROJECT = Path(__file__).resolve().parents[2]

GitState = tuple[str | None, bool | None]


@dataclass(frozen=True)
class SourceFile:
    """A file of the driver's machine that defines an architecture."""

    name: str
    content: bytes


class RayExecutor:
    """Runs each trial as a Ray task, `workers` at a time; Ray trains the trial of a lost node once more.

    Each task has the cores that ``--threads-per-worker`` asks for, one by default.

    Raises
    ------
    UserError
        If Ray is not installed, nothing answers at the address, or a setting is impossible.
    """

    def __init__(self, config: BenchmarkConfig) -> None:
        assert config.ray_address is not None
        if config.gpus_per_trial and config.device == "cpu":
            raise UserError(f"--gpus-per-trial: {config.gpus_per_trial:g} is not possible with --device cpu")
        self._ray = _import_ray()
        self._address = config.ray_address
        _check_address(self._address)
        self._config = config
        threads = config.threads_per_worker or 1
        self._settings = WorkerSettings(
            config.device, threads, config.workers, config.vocabulary_size, config.max_length
        )
        minutes = config.max_minutes_per_trial
        self._limit_seconds = None if minutes is None else 60 * minutes
        self._tensorflow = any(not is_spec(name) and lookup(name).kind == "network" for name in config.architectures)
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
            self._environment = self._call(_prepare, self._tensorflow, self._settings)
            self._environment = _with_git(self._environment, _git())
        return self._environment

    def describe(self, specs: Sequence[str]) -> list[ArchitectureFacts]:
        """Import architectures from elsewhere in a task and check their contract."""
        facts = []
        for spec in specs:
            described = self._call(_describe, spec, _source_file(spec), self._settings)
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
        running: dict[Any, PlannedTrial] = {}
        deadlines: dict[TrialConfig, float] = {}  # of the trials that have started
        epochs: dict[TrialConfig, int] = {}
        while waiting or running:
            while waiting and len(running) < self._config.workers:
                trial = waiting.popleft()
                source = _source_file(trial.config.spec)
                task = train.remote(trial, source, corpus_folder, files, self._settings, _git(), self._queue)
                running[task] = trial
            time.sleep(SECONDS_BETWEEN_LOOKS)
            with defer_signals():  # Ray turns what a signal handler raises into a bare KeyboardInterrupt
                done, _ = ray.wait(list(running), num_returns=len(running), timeout=0)
                events = self._queue.get_nowait_batch(self._queue.size())  # all events of the tasks that are done
            for event in events:
                first = event.trial not in deadlines
                if isinstance(event, TrialStarted):
                    deadlines[event.trial] = time.monotonic() + (self._limit_seconds or float("inf"))
                    if not first:
                        continue  # its node was lost
                if isinstance(event, EpochFinished):
                    if event.epoch.epoch <= epochs.get(event.trial, 0):
                        continue
                    epochs[event.trial] = event.epoch.epoch
                if any(trial.config == event.trial for trial in running.values()):
                    yield event
            for task in done:
                yield self._result(task, running.pop(task), pending_folder)
            for task, trial in list(running.items()):
                if time.monotonic() > deadlines.get(trial.config, float("inf")):
                    ray.cancel(task, force=True)
                    del running[task]
                    assert self._limit_seconds is not None
                    reason = f"stopped after {self._limit_seconds / 60:g} minutes (--max-minutes-per-trial)"
                    yield TrialFailed(trial.config, reason, "")

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
        task = self._remote(function).remote(*arguments)
        while not self._ray.wait([task], timeout=0)[0]:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        try:
            result = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            raise UserError(f"--ray-address: a worker of the Ray cluster fails: {_reason(error)}") from None
        if isinstance(result, str):
            raise UserError(result)
        return result

    def _result(self, task: Any, trial: PlannedTrial, pending_folder: Path) -> TrialEvent:
        try:
            result = self._ray.get(task)
            if isinstance(result, TrialFailed):
                return result
            folder = pending_folder / trial.config.folder_name
            _write_files(folder, result)
            return TrialFinished(trial.config, folder)
        except self._ray.exceptions.RayError as error:
            return TrialFailed(trial.config, f"the Ray worker ended: {_reason(error)}", str(error))
        except (OSError, ValueError) as error:
            return TrialFailed(trial.config, one_line(error), "")


# Tasks: what runs on the nodes.


def _prepare(tensorflow: bool, settings: WorkerSettings) -> Environment | str:
    limit_threads(settings.threads)
    try:
        return find_environment(tensorflow, settings)
    except UserError as error:
        return str(error)


def _describe(spec: str, source: SourceFile | None, settings: WorkerSettings) -> ArchitectureFacts | str:
    limit_threads(settings.threads)
    try:
        return describe_checked((_spec_here(spec, source),), settings)[0]
    except UserError as error:
        return str(error)


def _train(
    trial: PlannedTrial,
    source: SourceFile | None,
    corpus_folder: Path,
    files: list[Any],
    settings: WorkerSettings,
    git: GitState,
    queue: Any,
) -> dict[str, bytes] | TrialFailed:
    """Run a trial in a temporary folder, and return its files."""
    limit_threads(settings.threads)
    config = trial.config
    queue.put(TrialStarted(config))
    with tempfile.TemporaryDirectory(prefix="imdb-trial-") as temporary:
        try:
            folder = Path(temporary) / config.folder_name
            corpus_folder = _corpus_here(corpus_folder, trial.fingerprint_parts["corpus digest"], files)
            here = config.model_copy(update={"spec": config.spec and _spec_here(config.spec, source)})
        except (OSError, UserError) as error:
            return TrialFailed(config, one_line(error), "")
        event = try_trial(
            replace(trial, config=here), corpus_folder, folder, settings, lambda event: queue.put(_of(event, config))
        )
        if isinstance(event, TrialFailed):
            return replace(event, trial=config)
        result = read_result(folder)
        update = {"config": config, "environment": _with_git(result.environment, git)}
        files_back = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        return files_back | {RESULT_FILE: result.model_copy(update=update).model_dump_json(indent=2).encode()}


def _of(event: TrialEvent, config: TrialConfig) -> TrialEvent:
    return replace(event, trial=config)


def _spec_here(spec: str, source: SourceFile | None) -> str:
    """Return the spec of the same file on this node."""
    if source is None:
        return spec
    folder = cache_folder() / "sources" / hashlib.sha256(source.content).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    _write_by_rename(folder / source.name, source.content)
    return f"{folder / source.name}:{spec.rpartition(':')[2]}"


def _corpus_here(folder: Path, digest: str, files: list[Any]) -> Path:
    """Return the corpus on this node: the driver's folder where it is here too, or a copy in this node's cache."""
    copy = cache_folder() / "corpora" / f"sent-{digest[:16]}"
    for found in (folder, copy):
        with contextlib.suppress(DamagedCorpus):
            if open_corpus(found).facts.digest == digest:
                return found
    import ray

    with complete_folder(copy) as new:
        for name, content in ray.get(files[0]).items():
            content.tofile(new / name)
    return copy


# The driver's side.


def _source_file(spec: str | None) -> SourceFile | None:
    """Read the file that a spec names; None for a module, which is installed on the nodes."""
    where = (spec or "").rpartition(":")[0]
    if not where.endswith(".py"):
        return None
    path = Path(where).expanduser()
    try:
        return SourceFile(path.name, path.read_bytes())
    except OSError as error:
        raise UserError(f"--architectures: {path} cannot be read: {error.strerror}") from None


def _absolute(spec: str) -> str:
    where, _, name = spec.rpartition(":")
    return f"{Path(where).expanduser().resolve()}:{name}" if where.endswith(".py") else spec


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a trial's files, its result last."""
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"a worker sent a file named {name!r}, which leads out of its trial's folder")
    shutil.rmtree(folder, ignore_errors=True)
    for name in sorted(files, key=lambda name: name == RESULT_FILE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _write_by_rename(folder / name, files[name])


def _write_by_rename(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_bytes(content)
    partial.replace(path)


def _git() -> GitState:
    machine = describe_machine()
    return machine.git_commit, machine.git_dirty


def _with_git(environment: Environment, git: GitState) -> Environment:
    """Name the driver's commit: its code was sent to the nodes without the repository."""
    return environment.model_copy(update={"git_commit": git[0], "git_dirty": git[1]})


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
