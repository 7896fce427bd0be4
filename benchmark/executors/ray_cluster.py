"""A Ray cluster to train on: joined, or started on this machine, and found able to run a trial."""

from __future__ import annotations

import logging
import math
import os
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.runtime import tensorflow_threads

INSTALL_RAY = "pip install -r requirements-ray.txt"
SECONDS_TO_REACH_HEAD = 5.0
SHIPPED_PACKAGES = ("benchmark", "models")

_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Share:
    """What a trial takes of a node: whole CPU cores, and whole GPUs or a fraction of one."""

    cpus: int
    gpus: float

    def fits(self, resources: Mapping[str, float]) -> int:
        """Count the trials that a node with these resources runs at once."""
        by_cpus = int(resources.get("CPU", 0) // self.cpus)
        if not self.gpus:
            return by_cpus
        # the tolerance is for tenths of a GPU, of which a division finds nine in one
        return min(by_cpus, math.floor(resources.get("GPU", 0) / self.gpus + 1e-6))

    def __str__(self) -> str:
        cores = f"{self.cpus} CPU core{'s' if self.cpus > 1 else ''}"
        return f"{cores} and {self.gpus:g} GPU" if self.gpus else cores


class Cluster:
    """A Ray cluster, joined or started by `connect`.

    Parameters
    ----------
    address : str or None
        ``auto`` or ``host:port`` of a running cluster; None starts Ray on this machine alone.
    device : {"auto", "cpu", "gpu"}
    workers : int or None
        Trials at once; None takes as many as fit.
    cpus_per_trial : int or None
        None is one core of a cluster, or an equal share of this machine's cores.
    gpus_per_trial : float or None
        None is one GPU where there are any and the device allows it.

    Attributes
    ----------
    share : Share
        Known once connected.
    workers : int or None

    Raises
    ------
    UserError
        If what is asked for is impossible anywhere, Ray is not installed, or nobody answers at the address.
    """

    share: Share

    def __init__(
        self,
        address: str | None,
        device: Device,
        workers: int | None,
        cpus_per_trial: int | None,
        gpus_per_trial: float | None,
    ) -> None:
        _check(device, workers, cpus_per_trial, gpus_per_trial)
        self._ray = import_ray()
        self._address = address
        self._device: Device = device
        self._gpus_per_trial = gpus_per_trial
        if address is None:
            cores = tensorflow_threads()
            workers = workers or max(1, cores // (cpus_per_trial or 1))
            cpus_per_trial = cpus_per_trial or max(1, cores // workers)
            if cpus_per_trial > cores:
                raise UserError(
                    f"--cpus-per-trial: {cpus_per_trial} is not possible: this machine has {cores} CPU cores"
                )
        else:
            _check_address(address)
        self._cpus_per_trial = cpus_per_trial or 1
        self.workers = workers

    def connect(self) -> None:
        """Join the cluster, or start one; this takes Ray seconds.

        Raises
        ------
        UserError
            If it cannot be joined, or no node can run a trial.
        """
        if self._address is None:
            self._start_here()
        else:
            self._join(self._address)
        try:
            self.share = Share(self._cpus_per_trial, self._gpus())
            self._refuse_what_never_fits()
        except UserError:
            self.shut_down()
            raise

    @property
    def is_joined(self) -> bool:
        """Whether it is one that others started, of whatever machines, and not one of this machine alone."""
        return self._address is not None

    def slots(self, without_nodes: Collection[str] = ()) -> int:
        """Trials that all living nodes, but the named ones, can run at once."""
        return sum(self.share.fits(node["Resources"]) for node in self._nodes() if node["NodeID"] not in without_nodes)

    def is_alive(self, node_id: str) -> bool:
        """Whether Ray counts the node as one of the cluster."""
        return any(node["NodeID"] == node_id for node in self._nodes())

    def name_of(self, node_id: str) -> str:
        """Host name of a node, living or not."""
        names = {node["NodeID"]: node["NodeManagerHostname"] for node in self._ray.nodes()}
        return names.get(node_id, node_id)

    def shut_down(self) -> None:
        """Leave the cluster, which ends this benchmark's actors; one that was started here ends as a whole."""
        self._ray.shutdown()

    def _nodes(self) -> Iterator[dict[str, Any]]:
        return (node for node in self._ray.nodes() if node["Alive"])

    def _start_here(self) -> None:
        assert self.workers is not None
        try:
            self._init(address="local", num_cpus=self.workers * self._cpus_per_trial, include_dashboard=False)
        except Exception as error:  # Ray raises nothing more special
            raise UserError(f"--workers: Ray cannot be started on this machine: {_first_line(error)}") from error

    def _join(self, address: str) -> None:
        try:
            self._init(address=address)
        except ConnectionError:
            token = "where it has a token, RAY_AUTH_MODE=token has to be set here too"
            if address == "auto":
                raise UserError(
                    "--ray-address: no Ray cluster is found on this machine; start one with `ray start --head`, "
                    f"or join one with `ray start --address HEAD:6379`; {token}"
                ) from None
            raise UserError(f"--ray-address: {address} is no Ray cluster that lets us in; {token}") from None
        except (RuntimeError, ValueError, self._ray.exceptions.RayError) as error:
            raise UserError(f"--ray-address: {address} cannot be joined: {_first_line(error)}") from None

    def _init(self, **settings: Any) -> None:
        logging.getLogger("ray").setLevel(logging.ERROR)
        code = {"py_modules": [str(_PROJECT / package) for package in SHIPPED_PACKAGES]}
        self._ray.init(runtime_env=code, log_to_driver=False, logging_level=logging.ERROR, **settings)

    def _gpus(self) -> float:
        if self._device == "cpu":
            return 0.0
        if self._gpus_per_trial is not None:
            return self._gpus_per_trial
        largest = self._largest("GPU")
        if self._device == "gpu" and not largest:
            raise UserError("--device: gpu is not possible: no node of the Ray cluster has a GPU; take cpu or auto")
        return 1.0 if largest else 0.0

    def _refuse_what_never_fits(self) -> None:
        for option, resource, needed in (
            ("cpus-per-trial", "CPU", self.share.cpus),
            ("gpus-per-trial", "GPU", self.share.gpus),
        ):
            largest = self._largest(resource)
            if needed > largest:
                raise UserError(
                    f"--{option}: {needed:g} is not possible: no node has more than {largest:g} {resource}s"
                )
        if not self.slots():
            raise UserError(f"--gpus-per-trial: no single node has {self.share}, which a trial needs")
        if self._address is None and self.workers is not None and self.slots() < self.workers:
            gpus = self._largest("GPU")
            enough = math.floor(100 * gpus / self.workers) / 100
            raise UserError(
                f"--workers: {self.workers} is not possible with {self.share.gpus:g} GPU a trial, for this machine has "
                f"{gpus:g}; --gpus-per-trial {enough:g} lets them share"
            )

    def _largest(self, resource: str) -> float:
        return max((node["Resources"].get(resource, 0.0) for node in self._nodes()), default=0.0)


def import_ray() -> Any:
    """Import Ray, with its usage statistics off unless the user has set them.

    Raises
    ------
    UserError
        If it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray starts
    try:
        import ray
    except ModuleNotFoundError:
        raise UserError(
            f"--executor: ray is not installed; install it with `{INSTALL_RAY}`, or take one worker"
        ) from None
    return ray


def _check(device: Device, workers: int | None, cpus_per_trial: int | None, gpus_per_trial: float | None) -> None:
    for option, value in (("workers", workers), ("cpus-per-trial", cpus_per_trial)):
        if value is not None and value < 1:
            raise UserError(f"--{option}: {value} is not possible; give a whole number from 1")
    if gpus_per_trial is None:
        return
    if not (0 <= gpus_per_trial < 1 or (gpus_per_trial >= 1 and gpus_per_trial % 1 == 0)):
        raise UserError(f"--gpus-per-trial: {gpus_per_trial:g} is not possible; give a fraction of one, or whole GPUs")
    if device == "gpu" and not gpus_per_trial:
        raise UserError("--gpus-per-trial: 0 is not possible with --device gpu; take cpu, or a part of a GPU")
    if device == "cpu" and gpus_per_trial:
        raise UserError(f"--gpus-per-trial: {gpus_per_trial:g} is not possible with --device cpu; take gpu or auto")


def _check_address(address: str) -> None:
    """Refuse an address that nobody answers at; Ray itself would try for minutes."""
    if address == "auto":
        return
    if "://" in address:
        raise UserError(
            f"--ray-address: {address} is not possible: Ray Client is not supported; run this command on a node of "
            "the cluster with --ray-address auto"
        )
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UserError(f"--ray-address: {address!r} is not possible; give auto, or host:port as in 10.0.0.1:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_REACH_HEAD).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"--ray-address: {address} does not answer: {error}; start the cluster with `ray start --head` there"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or repr(error)).splitlines()[0]
