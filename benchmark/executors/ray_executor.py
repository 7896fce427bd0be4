"""Trials as Ray tasks on a cluster, without a shared file system."""

from __future__ import annotations

import dataclasses
import functools
import io
import logging
import os
import signal
import socket
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import benchmark
import models
from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.cache import complete_folder
from benchmark.errors import UserError
from benchmark.executors.base import Executor, Source, too_long
from benchmark.executors.local import LocalExecutor
from benchmark.executors.worker import Train, WorkerFailed, train_trial
from benchmark.results import Environment
from benchmark.training.failures import one_line
from models.registry import Architecture

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_REACH_HEAD = 5.0
MAX_RETRIES = 1  # of a task whose node is lost
SOURCE_VARIABLE = "IMDB_BENCHMARK_SOURCE"  # Ray gives tasks with other variables another process
ON_THE_HEAD = {"num_cpus": 0, "resources": {"node:__internal_head__": 0.001}}  # with which the cluster ends


class RayExecutor(Executor):
    """Trains each trial in a Ray task; Ray trains the trial of a lost node once more.

    Each task has the cores that ``--threads-per-worker`` asks for.

    Raises
    ------
    UserError
        If Ray is not installed, nothing answers at the address, or a setting is impossible.
    """

    def __init__(self, config: BenchmarkConfig) -> None:
        super().__init__(config)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray starts
        try:
            import ray
        except ModuleNotFoundError:
            raise UserError(
                "--ray-address: Ray is not installed; run `pip install -e '.[ray]'`, or use --workers for "
                "several trials at a time on this machine"
            ) from None
        self._ray: Any = ray
        self._lock = Lock()
        self._deadlines: dict[TrialConfig | None, float] = {}  # of the trials that have started
        self._put = functools.cache(lambda folder: ray.put(_pack(folder)))
        address = str(config.ray_address)
        sigterm = signal.getsignal(signal.SIGTERM)
        try:
            if address != "auto":  # Ray itself would try for minutes
                host, _, port = address.rpartition(":")
                socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_REACH_HEAD).close()
            ray.init(
                address,
                runtime_env={"py_modules": [benchmark, models]},
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (OSError, OverflowError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise UserError(
                f"--ray-address: {address} cannot be joined: {one_line(error)}; give auto, or host:port as in "
                "10.0.0.1:6379 of a node where `ray start --head` runs, and set RAY_AUTH_MODE=token here too where it "
                "has a token"
            ) from None
        signal.signal(signal.SIGTERM, sigterm)  # Ray's own prints a stack
        self._needed = self._find_resources()

        from ray.util.queue import Queue

        self._queue = Queue(actor_options=ON_THE_HEAD)

    def stop(self) -> None:
        """Leave the cluster, which ends this benchmark's tasks."""
        super().stop()
        self._ray.shutdown()

    def call(self, source: Source, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._run(None, source, function, *arguments)

    def _run(self, trial: TrialConfig | None, source: Source, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what the function returns in a process of this source; a trial has its time."""
        remote = self._ray.remote(
            max_retries=MAX_RETRIES,
            max_calls=1 if source else 0,  # a copy of the file is in a folder of the task
            scheduling_strategy="SPREAD",
            runtime_env={"env_vars": {SOURCE_VARIABLE: source or ""}},
            num_cpus=self._needed["CPU"],
            num_gpus=self._needed["GPU"],
        )(function)
        task = remote.remote(*arguments)
        while not self._ray.wait([task], timeout=SECONDS_BETWEEN_LOOKS)[0]:
            self._pass_events_on()
            if self._is_stopped:
                raise WorkerFailed("the benchmark was stopped", "")
            if time.monotonic() > self._deadlines.get(trial, float("inf")):
                self._ray.cancel(task, force=True)
                raise WorkerFailed(too_long(self._limit_minutes), "")
        self._pass_events_on()
        try:
            return self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None  # without Ray's trace of the task
        except self._ray.exceptions.RayError as error:
            raise WorkerFailed(f"the Ray worker ended: {one_line(error)}", str(error)) from None

    def _pass_events_on(self) -> None:
        """Read the queue; a trial whose node was lost starts again, and its time goes on."""
        with self._lock:
            for event in self._queue.get_nowait_batch(self._queue.size()):
                self._deadlines.setdefault(event.trial, time.monotonic() + 60 * self._limit_minutes)
                self._events.put(event)

    def _train(self, request: Train) -> None:
        trial = request.trial.config
        with self._lock:
            corpus = self._put(request.corpus_folder)
        source = Path((trial.spec or "").rpartition(":")[0])
        text = source.read_bytes() if source.is_file() else None  # else installed on the nodes
        packed = self._run(trial, trial.spec, _train_here, request, text, corpus, self._queue)
        with complete_folder(request.folder) as new:
            _unpack(packed, new)

    def _describe(self, spec: str) -> Architecture:
        """Check the contract on this machine, which has the file."""
        with LocalExecutor(self._config.model_copy(update={"device": "cpu"})) as local:
            return local.describe([spec])[0]

    def _automatic_workers(self, environment: Environment) -> int:
        """Return as many as the cluster has CPUs or GPUs for."""
        cluster = self._ray.cluster_resources()
        at_once = [cluster[name] / number for name, number in self._needed.items() if number]
        return int(min(at_once))

    def _find_resources(self) -> dict[str, float]:
        """Return what a trial needs; Ray would wait for ever where no node has it."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        cpus = float(self._config.threads_per_worker)
        gpus = self._config.gpus_per_trial
        if gpus is None:
            is_used = self._config.device == "auto" and any(node.get("GPU") for node in nodes)
            gpus = float(is_used or self._config.device == "gpu")
        for node in nodes:
            if node.get("CPU", 0) >= cpus and node.get("GPU", 0) >= gpus:
                return {"CPU": cpus, "GPU": gpus}
        self.stop()
        raise UserError(
            f"--ray-address: no node of the cluster has {cpus:g} CPUs and {gpus:g} GPUs, which a trial needs; change "
            "--threads-per-worker, --gpus-per-trial or --device"
        )


# What runs on the nodes.


def _train_here(request: Train, text: bytes | None, corpus: bytes, queue: Any) -> bytes:
    """Run a trial in a temporary folder, and return its own folder."""
    with tempfile.TemporaryDirectory(prefix="imdb-trial-") as temporary:
        spec = request.trial.config.spec
        if text is not None:
            where, _, function = str(spec).rpartition(":")
            path = Path(temporary, Path(where).name)
            path.write_bytes(text)
            spec = f"{path}:{function}"
        corpus_folder, folder = Path(temporary, "corpus"), Path(temporary, "trial")
        _unpack(corpus, corpus_folder)
        here = dataclasses.replace(request, corpus_folder=corpus_folder, folder=folder, spec=spec)
        train_trial(here, queue.put)
        return _pack(folder)


def _pack(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, ".")
    return packed.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
