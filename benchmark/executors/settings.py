"""Where trials run: the options, and the executor that they ask for."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from benchmark.config import BenchmarkConfig, Settings
from benchmark.errors import UserError
from benchmark.executors.executor import Executor


class ExecutorSettings(Settings):
    """Where trials run, and how many at once. None of it decides a trial's result but the cores on a CPU.

    Attributes
    ----------
    executor : {"local", "ray"} or None
        None: Ray where one of the other options asks for it.
    workers : int or None
        Trials at once. None: one on this machine, as many as fit on a cluster.
    ray_address : str or None
        ``auto`` or ``HOST:PORT`` of a Ray cluster; None starts Ray here.
    cpus_per_trial : int or None
    gpus_per_trial : float or None
        A fraction lets trials share a GPU.
    """

    executor: Literal["local", "ray"] | None = None
    workers: int | None = Field(default=None, ge=1, le=10_000)
    ray_address: str | None = None
    cpus_per_trial: int | None = Field(default=None, ge=1, le=10_000)
    gpus_per_trial: float | None = Field(default=None, gt=0, le=64)

    @model_validator(mode="after")
    def _local_takes_one_trial_at_a_time(self) -> Self:
        if self.executor == "local" and self.asks_for_ray:
            raise UserError(
                "--executor: local runs one trial at a time; --workers, --ray-address, --cpus-per-trial and "
                "--gpus-per-trial need ray"
            )
        return self

    @property
    def asks_for_ray(self) -> bool:
        """Whether an option is given that one local worker cannot do."""
        shares = (self.ray_address, self.cpus_per_trial, self.gpus_per_trial)
        return (self.workers or 1) > 1 or any(share is not None for share in shares)

    def make(self, config: BenchmarkConfig) -> Executor:
        """Make the executor; nothing is started yet."""
        if self.executor != "ray" and not self.asks_for_ray:
            from benchmark.executors.local import LocalExecutor

            return LocalExecutor(config.device, config.max_minutes_per_trial)
        from benchmark.executors.ray_executor import RayExecutor

        return RayExecutor(
            device=config.device,
            max_minutes_per_trial=config.max_minutes_per_trial,
            ray_address=self.ray_address,
            workers=self.workers,
            cpus_per_trial=self.cpus_per_trial,
            gpus_per_trial=self.gpus_per_trial,
        )
