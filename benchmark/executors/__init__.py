"""Where trials run: worker processes of this machine, or a Ray cluster."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig
from benchmark.executors.base import Executor
from benchmark.training.check import Check

__all__ = ["Executor", "check_spec", "make_executor"]


def make_executor(config: BenchmarkConfig) -> Executor:
    """Make the executor that the settings ask for; it is not started yet.

    Raises
    ------
    UserError
        If what is asked for is not possible here.
    """
    raise NotImplementedError


def check_spec(spec: str) -> list[Check]:
    """Try the contract of one architecture in a worker process of its own (the command ``check``)."""
    raise NotImplementedError
