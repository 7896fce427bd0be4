"""A benchmark read back from what MLflow stores, and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.results import BenchmarkRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient


def find_benchmark(client: MlflowClient, experiment_id: str, which: str = "latest") -> str:
    """Id of a benchmark run: `which` itself, where it is one, or that of the newest for ``latest``.

    Raises
    ------
    UserError
        If there is none.
    """
    raise NotImplementedError


def read_benchmark(client: MlflowClient, run_id: str) -> BenchmarkRecord:
    """Read a benchmark with every trial that it planned.

    Raises
    ------
    UserError
        If the run is not there or is not a benchmark run.
    """
    raise NotImplementedError


def finished_fingerprints(client: MlflowClient, experiment_id: str) -> dict[str, str]:
    """Fingerprint to run id, of the finished trials whose model and predictions are really there."""
    raise NotImplementedError
