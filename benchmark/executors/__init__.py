"""Where trials run: worker processes of this machine, or a Ray cluster."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.base import Executor, describe
from benchmark.executors.local import LocalExecutor
from benchmark.training.runtime import absent_gpu, available_threads, nvidia_gpu_present
from models.registry import is_spec

__all__ = ["Executor", "LocalExecutor", "make_executor"]


def make_executor(config: BenchmarkConfig) -> Executor:
    """Make the executor that the settings ask for; it is not started yet.

    Raises
    ------
    UserError
        If what is asked for is not possible here.
    """
    names = [choice.name for choice in config.architectures]
    # as far as it is known without importing a user's file
    tensorflow = any(not is_spec(name) and describe(name).kind == "network" for name in names)
    if config.ray_address is not None:
        from benchmark.executors.ray_executor import RayExecutor

        return RayExecutor(config, tensorflow)
    if config.gpus_per_trial is not None:
        raise UserError("--gpus-per-trial: needs a Ray cluster; add --ray-address, or leave it out")
    if config.device == "gpu" and not nvidia_gpu_present():
        raise absent_gpu()
    if config.threads_per_worker is None and config.workers > 1:
        share = max(1, available_threads() // config.workers)
        config = config.model_copy(update={"threads_per_worker": share})
    return LocalExecutor(config, tensorflow)
