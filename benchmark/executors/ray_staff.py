"""The workers of a Ray cluster: hired, found fit to train, given back, and lost with their nodes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.executors.ray_cluster import Cluster
from benchmark.executors.ray_worker import Prepared, Trainer, TrialWorker
from benchmark.fingerprint import DECISIVE_PACKAGES, differing_parts
from benchmark.results import Environment
from benchmark.runtime import gather_versions

MOST_FAILED_STARTS = 3  # one after the other
LONGEST_REASON = 300

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worker:
    """The driver's end of a worker that is ready."""

    actor: Any
    node_id: str


class Staff:
    """Workers that all train alike: with this machine's versions, and the kind of device and threads of the first one.

    Attributes
    ----------
    starting : dict of Future to actor handle
        Actors that Ray seeks a node for, or that import TensorFlow.
    idle : list of Worker
    environment : Environment or None
        Of the first worker that was ready.
    """

    def __init__(self, ray: Any, cluster: Cluster, device: Device, mailbox: Any, trainer: Trainer) -> None:
        self._ray = ray
        self._cluster = cluster
        share = cluster.share
        self._arguments = (device, share.cpus, bool(share.gpus), mailbox, trainer)
        self._options: dict[str, Any] = {
            "num_cpus": share.cpus,
            "num_gpus": share.gpus,
            "scheduling_strategy": "SPREAD",
        }
        self._versions = gather_versions()
        self._refused_nodes: set[str] = set()
        self._failed_starts = 0
        self.starting: dict[Future[Prepared], Any] = {}
        self.idle: list[Worker] = []
        self.environment: Environment | None = None

    def hire(self, trials: int, busy: int = 0) -> None:
        """Have a worker for each of so many trials, as far as they fit; `busy` workers are there already.

        At least one is always asked for, so that a cluster that scales itself sees the need.
        """
        limit = self._cluster.workers or max(1, self._cluster.slots(without_nodes=self._refused_nodes))
        for _ in range(min(trials, limit) - busy - len(self.starting) - len(self.idle)):
            actor = self._ray.remote(TrialWorker).options(**self._options).remote(*self._arguments)
            self.starting[actor.prepare.remote().future()] = actor

    def welcome(self, answer: Future[Prepared]) -> None:
        """Take a starting worker on, or refuse its node where it would train otherwise than the others.

        Raises
        ------
        UserError
            If no node is left that can serve, or workers die as soon as they start.
        """
        actor = self.starting.pop(answer)
        try:
            prepared = answer.result()
        except self._ray.exceptions.RayError as error:
            self.end(actor)
            self._failed_starts += not _tells_of_a_lost_node(error, self._ray)  # Ray still gives those out for a while
            if self._failed_starts >= MOST_FAILED_STARTS:
                raise UserError(f"workers on the Ray cluster die while they start: {reason_of(error)}") from None
            return
        self._failed_starts = 0
        refusal = prepared.refusal or self._difference(prepared)
        if refusal is None:
            self.environment = self.environment or prepared.environment
            self.idle.append(Worker(actor, prepared.node_id))
            return
        self.end(actor)
        self._refuse(prepared.node_id, refusal)

    def give_back(self) -> None:
        """Let go of every worker that has no trial, so that others can have its share of the cluster."""
        for actor in [*self.starting.values(), *(worker.actor for worker in self.idle)]:
            self.end(actor)
        self.starting.clear()
        self.idle.clear()

    def end(self, actor: Any) -> None:
        """End an actor at once, wherever it is."""
        self._ray.kill(actor)

    def lost_its_node(self, worker: Worker, error: Exception) -> bool:
        """Tell the loss of a node from the death of a worker process on a node that lives."""
        return _tells_of_a_lost_node(error, self._ray) or not self._cluster.is_alive(worker.node_id)

    def name_of_node(self, worker: Worker) -> str:
        """Host name, for messages."""
        return self._cluster.name_of(worker.node_id)

    def _difference(self, prepared: Prepared) -> str | None:
        if prepared.environment is None:
            return None
        found = _decisive(prepared.environment)
        expected = _decisive(self.environment or prepared.environment) | {
            "versions": _decisive_versions(self._versions)
        }
        differences = differing_parts(expected, found)
        return f"unlike the other machines: {'; '.join(differences)}" if differences else None

    def _refuse(self, node_id: str, refusal: str) -> None:
        self._refused_nodes.add(node_id)
        if self.environment is None and not self._cluster.slots(without_nodes=self._refused_nodes):
            raise UserError(refusal)
        _log.warning("node %s gets no trials: %s", self._cluster.name_of(node_id), refusal)
        self._options["label_selector"] = {"ray.io/node-id": f"!in({','.join(sorted(self._refused_nodes))})"}


def reason_of(error: Exception) -> str:
    """Find the line of Ray's long message that tells of a death, or of why an actor could not be made."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [repr(error)]
    if "creation task" in lines[0]:
        return lines[-1][:LONGEST_REASON]
    return next((line for line in lines if "dead" in line or "died because" in line), lines[0])[:LONGEST_REASON]


def _tells_of_a_lost_node(error: Exception, ray: Any) -> bool:
    """Whether the error itself does; where a connection broke before Ray knew why, it is taken for one."""
    unknown = ray.exceptions.ActorUnavailableError | ray.exceptions.ObjectLostError
    return isinstance(error, unknown) or "node has died" in str(error)


def _decisive(environment: Environment) -> dict[str, Any]:
    return {
        "versions": _decisive_versions(environment.versions),
        "device kind": environment.device_kind,
        "threads": environment.threads,
    }


def _decisive_versions(versions: Mapping[str, str]) -> dict[str, str | None]:
    return {package: versions.get(package) for package in DECISIVE_PACKAGES}
