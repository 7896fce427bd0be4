"""Where trials run: worker processes of this machine, or a Ray cluster."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig, name_and_seeds
from benchmark.errors import UserError
from benchmark.executors.base import Executor
from benchmark.executors.local import LocalExecutor
from benchmark.executors.worker import WorkerSettings
from benchmark.training.check import Check
from benchmark.training.describe import describe
from benchmark.training.runtime import available_threads, nvidia_gpu_present, refuse_absent_gpu
from models.registry import is_spec

__all__ = ["Executor", "check_spec", "make_executor"]


def make_executor(config: BenchmarkConfig) -> Executor:
    """Make the executor that the settings ask for; it is not started yet.

    Raises
    ------
    UserError
        If what is asked for is not possible here.
    """
    if config.ray_address is not None:
        from benchmark.executors.ray_executor import RayExecutor

        return RayExecutor(config, needs_tensorflow(config))
    if config.gpus_per_trial is not None:
        raise UserError("--gpus-per-trial: needs a Ray cluster; add --ray-address, or leave it out")
    if config.device == "gpu" and not nvidia_gpu_present():
        refuse_absent_gpu()
    settings = WorkerSettings(
        device=config.device,
        threads=threads_of_worker(config),
        trials_at_once=config.workers,
        vocabulary_size=config.vocabulary_size,
        max_length=config.max_length,
    )
    return LocalExecutor(settings, config.workers, config.max_minutes_per_trial, needs_tensorflow(config))


def threads_of_worker(config: BenchmarkConfig) -> int | None:
    """Return the threads inside one operation of a local worker: as asked for, or its share of the cores."""
    if config.threads_per_worker is not None or config.workers == 1:
        return config.threads_per_worker
    return max(1, available_threads() // config.workers)


def needs_tensorflow(config: BenchmarkConfig) -> bool:
    """Whether there is a network among the architectures, as far as it is known without importing a user's file."""
    names = [name_and_seeds(architecture)[0] for architecture in config.architectures]
    return any(not is_spec(name) and describe(name).kind == "network" for name in names)


def check_spec(spec: str) -> list[Check]:
    """Try the contract of one architecture in a worker process of its own (the command ``check``)."""
    with LocalExecutor(WorkerSettings(device="cpu"), tensorflow=False) as executor:
        return executor.check(spec)
