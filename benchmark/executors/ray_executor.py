"""Trials as Ray tasks on a cluster, without a shared file system."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.cache import cache_folder, complete_folder
from benchmark.corpus.corpus import DamagedCorpus, open_corpus
from benchmark.errors import UserError
from benchmark.executors.base import Executor
from benchmark.executors.local import LocalExecutor
from benchmark.executors.worker import Train, call, try_trial
from benchmark.results import (
    Environment,
    EpochFinished,
    PlannedTrial,
    StepsDone,
    TrialEvent,
    TrialFailed,
    TrialFinished,
    TrialStarted,
)
from benchmark.signals import defer_signals
from benchmark.training.failures import one_line
from benchmark.training.runtime import set_variables
from models.registry import Architecture

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_REACH_HEAD = 5.0
MAX_RETRIES = 1  # of a task whose node is lost

_PROJECT = Path(__file__).resolve().parents[2]


class RayExecutor(Executor):
    """Runs each trial as a Ray task, `workers` at a time; Ray trains the trial of a lost node once more.

    Each task has the cores that ``--threads-per-worker`` asks for.

    Raises
    ------
    UserError
        If Ray is not installed, nothing answers at the address, or a setting is impossible.
    """

    def __init__(self, config: BenchmarkConfig) -> None:
        super().__init__(config)
        if config.gpus_per_trial and config.device == "cpu":
            raise UserError(f"--gpus-per-trial: {config.gpus_per_trial:g} is not possible with --device cpu")
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray starts
        try:
            import ray
        except ModuleNotFoundError:
            raise UserError(
                "--ray-address: Ray is not installed; run `pip install -e '.[ray]'`, or use --workers for "
                "several trials at a time on this machine"
            ) from None
        self._ray: Any = ray
        self._queue: Any = None
        self._corpus: Any = None
        self._tasks: dict[Any, Train] = {}
        self._reported: set[object] = set()
        assert config.ray_address is not None
        _check_address(config.ray_address)

    def start(self) -> None:
        """Join the cluster."""
        if self._queue is not None:
            return
        ray = self._ray
        logging.getLogger("ray").setLevel(logging.ERROR)
        code = {"py_modules": [str(_PROJECT / package) for package in ("benchmark", "models")]}
        sigterm = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(
                self._config.ray_address,
                runtime_env=code,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise UserError(
                f"--ray-address: {self._config.ray_address} cannot be joined: {one_line(error)}; start a cluster with "
                "`ray start --head`, and set RAY_AUTH_MODE=token here too where it has a token"
            ) from None
        signal.signal(signal.SIGTERM, sigterm)  # Ray's own prints a stack
        self._options = {"max_retries": MAX_RETRIES, "scheduling_strategy": "SPREAD", **self._resources()}
        from ray.util.queue import Queue
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self._queue = Queue(actor_options={"num_cpus": 0, "scheduling_strategy": here})

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        self.start()
        self._corpus = self._ray.put({path.name: np.fromfile(path, np.uint8) for path in corpus_folder.iterdir()})
        self._reported.clear()
        return super().run(trials, corpus_folder, pending_folder)

    def stop(self) -> None:
        """Leave the cluster, which ends this benchmark's tasks."""
        self._ray.shutdown()
        self._queue = None

    def _begin(self, request: Train) -> list[TrialEvent]:
        train = self._ray.remote(_train).options(**self._options)
        source = _source_of(request.trial.config)
        self._tasks[train.remote(request, source, self._corpus, self._config, self._queue)] = request
        return []  # the cluster may be busy

    def _events(self) -> Iterator[TrialEvent]:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        with defer_signals():  # Ray turns what a signal handler raises into a bare KeyboardInterrupt
            done, _ = self._ray.wait(list(self._tasks), num_returns=len(self._tasks), timeout=0)
            events = self._queue.get_nowait_batch(self._queue.size())  # all events of the tasks that are done
        for event in events:
            epoch = event.epoch.epoch if isinstance(event, EpochFinished) else None
            identity = (type(event), event.trial, epoch)
            if isinstance(event, StepsDone) or identity not in self._reported:  # where a node was lost, it comes again
                yield event
            self._reported.add(identity)
        for task in done:
            yield self._result(task, self._tasks.pop(task))

    def _cancel(self, trial: TrialConfig) -> str:
        for task, request in list(self._tasks.items()):
            if request.trial.config == trial:
                self._ray.cancel(task, force=True)
                del self._tasks[task]
        return ""

    def _resources(self) -> dict[str, float]:
        """Return what a trial needs; Ray would wait for ever where no node has it."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        cpus = float(self._config.threads_per_worker)
        gpus = self._config.gpus_per_trial
        some_gpu = any(node.get("GPU") for node in nodes)
        if self._config.device == "gpu" and not some_gpu:
            raise UserError("--device: gpu is not possible: no node of the Ray cluster has a GPU; use cpu or auto")
        if gpus is None:
            gpus = float(some_gpu and self._config.device != "cpu")
        for node in nodes:
            if node.get("CPU", 0) >= cpus and node.get("GPU", 0) >= gpus:
                return {"num_cpus": cpus, "num_gpus": gpus}
        raise UserError(
            f"--threads-per-worker and --gpus-per-trial: no node of the Ray cluster has {cpus:g} CPUs "
            f"and {gpus:g} GPUs, which a trial needs"
        )

    def _automatic_workers(self, environment: Environment) -> int:
        """Return as many as the cluster has CPUs or GPUs for."""
        cluster = self._ray.cluster_resources()
        at_once = cluster.get("CPU", 1) / self._options["num_cpus"]
        if self._options["num_gpus"]:
            at_once = min(at_once, cluster.get("GPU", 0) / self._options["num_gpus"])
        return max(1, int(at_once))

    def _describe(self, spec: str) -> Architecture:
        """Check the contract on this machine, which has the file."""
        with LocalExecutor(self._config.model_copy(update={"device": "cpu"})) as local:
            return local.describe([spec])[0]

    def ask(self, what: str, function: Callable[..., Any], *arguments: Any, source: str | None = None) -> Any:
        self.start()
        answers = self._ray.remote(_call_here).options(**self._options)
        task = answers.remote(self._config.threads_per_worker, function, *arguments)
        while not self._ray.wait([task], timeout=0)[0]:
            time.sleep(SECONDS_BETWEEN_LOOKS)  # here signals arrive
        try:
            answer = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            raise UserError(f"{what}: {one_line(error)}") from None
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _result(self, task: Any, request: Train) -> TrialEvent:
        trial = request.trial.config
        try:
            files = self._ray.get(task)
            if isinstance(files, TrialFailed):
                return files
            with complete_folder(request.folder) as new:
                for name, content in files.items():
                    (new / name).parent.mkdir(parents=True, exist_ok=True)
                    (new / name).write_bytes(content)
        except self._ray.exceptions.RayError as error:
            return TrialFailed(trial, f"the Ray worker ended: {one_line(error)}", str(error))
        except UserError as error:
            return TrialFailed(trial, str(error), "")
        return TrialFinished(trial, request.folder)


# Tasks: what runs on the nodes.


def _call_here(threads: int, function: Callable[..., Any], *arguments: Any) -> Any:
    set_variables(threads)
    return call(function, *arguments)


def _train(
    request: Train,
    source: bytes | None,
    corpus: dict[str, NDArray[np.uint8]],
    config: BenchmarkConfig,
    queue: Any,
) -> dict[str, bytes] | TrialFailed:
    """Run a trial in a temporary folder, and return its files."""
    set_variables(config.threads_per_worker)
    trial = request.trial.config
    queue.put(TrialStarted(trial))
    with tempfile.TemporaryDirectory(prefix="imdb-trial-") as temporary:
        folder = Path(temporary) / trial.folder_name
        spec = trial.spec
        try:
            corpus_folder = _corpus_here(request, corpus)
            if source is not None:
                where, _, name = str(spec).rpartition(":")
                path = Path(temporary) / Path(where).name
                path.write_bytes(source)
                spec = f"{path}:{name}"
        except (OSError, UserError) as error:
            return TrialFailed(trial, one_line(error), "")
        here = dataclasses.replace(request, corpus_folder=corpus_folder, folder=folder, spec=spec)
        event = try_trial(here, config, queue.put)
        if isinstance(event, TrialFailed):
            return event
        files = {}
        for path in folder.rglob("*"):
            if path.is_file():
                files[path.relative_to(folder).as_posix()] = path.read_bytes()
        return files


def _source_of(trial: TrialConfig) -> bytes | None:
    """Read the file of an architecture; None for ours, and for a module, which is installed on the nodes."""
    path = Path((trial.spec or "").rpartition(":")[0])
    return path.read_bytes() if path.is_file() else None


def _corpus_here(request: Train, files: dict[str, NDArray[np.uint8]]) -> Path:
    """Return the corpus on this node: the driver's folder where it is here too, or a copy in this node's cache."""
    digest = request.trial.fingerprint_parts["corpus digest"]
    copy = cache_folder() / "corpora" / f"sent-{digest[:16]}"
    for found in (request.corpus_folder, copy):
        with contextlib.suppress(DamagedCorpus):
            facts = open_corpus(found).facts
            if digest in (facts.digest, facts.unlabelled_digest):
                return found
    with complete_folder(copy) as new:
        for name, content in files.items():
            content.tofile(new / name)
    return copy


def _check_address(address: str) -> None:
    """Refuse an address where nothing answers; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        if address != "auto":
            socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_REACH_HEAD).close()
    except (OSError, OverflowError, ValueError) as error:
        raise UserError(
            f"--ray-address: {address} does not answer: {error}; give auto, or host:port as in 10.0.0.1:6379 of a node "
            "where `ray start --head` runs"
        ) from None
