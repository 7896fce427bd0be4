"""Where trials run: worker processes of this machine, or a Ray cluster."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.base import Executor
from benchmark.executors.local import LocalExecutor
from benchmark.training.environment import absent_gpu, nvidia_gpu_present

__all__ = ["Executor", "LocalExecutor", "make_executor"]


def make_executor(config: BenchmarkConfig) -> Executor:
    """Make the executor that the settings ask for.

    Raises
    ------
    UserError
        If what is asked for is not possible here.
    """
    if config.gpus_per_trial and config.device == "cpu":
        raise UserError(f"--gpus-per-trial: {config.gpus_per_trial:g} is not possible with --device cpu")
    if config.ray_address is not None:
        from benchmark.executors.ray_executor import RayExecutor

        return RayExecutor(config)
    if config.gpus_per_trial is not None:
        raise UserError("--gpus-per-trial: needs a Ray cluster; add --ray-address, or leave it out")
    if config.device == "gpu" and not nvidia_gpu_present():
        raise absent_gpu()
    return LocalExecutor(config)
