"""Where trials run: worker processes of this machine, or a Ray cluster."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.base import Executor, check_name
from benchmark.executors.local import LocalExecutor
from benchmark.training.machine import absent_gpu, nvidia_gpu_present
from models.registry import ours

__all__ = ["Executor", "LocalExecutor", "make_executor"]


def make_executor(config: BenchmarkConfig) -> Executor:
    """Make the executor that the settings ask for; it is not started yet.

    Raises
    ------
    UserError
        If what is asked for is not possible here.
    """
    tensorflow = False  # as far as it is known without importing code from elsewhere
    for choice in config.architectures:
        check_name(choice.name)
        if choice.name in ours() and ours()[choice.name].kind == "network":
            tensorflow = True
    if config.ray_address is not None:
        from benchmark.executors.ray_executor import RayExecutor

        return RayExecutor(config, tensorflow)
    if config.gpus_per_trial is not None:
        raise UserError("--gpus-per-trial: needs a Ray cluster; add --ray-address, or leave it out")
    if config.device == "gpu" and not nvidia_gpu_present():
        raise absent_gpu()
    return LocalExecutor(config, tensorflow)
