"""Benchmarks, trials and models read back from the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.results import BenchmarkRecord, TrialRecord, TrialStatus
from tracking.plan import Plan
from tracking.store import Store


@dataclass(frozen=True)
class BenchmarkRow:
    """A line of ``python -m benchmark list``."""

    run_id: str
    name: str
    experiment: str
    started_at: str
    status: TrialStatus
    architectures: tuple[str, ...]
    seeds: tuple[int, ...]
    finished: int
    planned: int
    best_accuracy: float | None
    verdict: str | None
    corpus: str


@dataclass(frozen=True)
class ModelRow:
    """A line of ``python -m benchmark list models``: the newest version of a registered model.

    Attributes
    ----------
    aliases : dict of str to str
        Alias to version.
    accuracy : float or None
        On the test split, of the champion, else of the newest version.
    """

    name: str
    uri: str
    versions: int
    aliases: dict[str, str]
    accuracy: float | None
    architecture: str | None


def find_run(store: Store, text: str, kind: Literal["benchmark", "trial"] = "benchmark") -> str:
    """Return the id of the run that a user means.

    Parameters
    ----------
    text : str
        An id, its first characters (at least four), ``latest``, or ``previous`` (the benchmark before the latest).

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    raise NotImplementedError


def read_plan(store: Store, run_id: str) -> Plan:
    """Read what a benchmark run planned: ``--resume`` starts from it."""
    raise NotImplementedError


def read_benchmark(store: Store, run_id: str) -> BenchmarkRecord:
    """Read a benchmark with every planned trial, from the store alone.

    Raises
    ------
    UserError
        If it is not there, is no benchmark run, or its files cannot be read.
    """
    raise NotImplementedError


def read_trial(store: Store, run_id: str) -> TrialRecord:
    """Read one trial run.

    Raises
    ------
    UserError
    """
    raise NotImplementedError


def read_all_benchmarks(store: Store) -> list[BenchmarkRecord]:
    """Read every benchmark of the store that has a finished trial, the newest first."""
    raise NotImplementedError


def list_benchmarks(store: Store) -> list[BenchmarkRow]:
    """List the benchmarks, the newest first."""
    raise NotImplementedError


def list_models(store: Store) -> list[ModelRow]:
    """List the registered models."""
    raise NotImplementedError
