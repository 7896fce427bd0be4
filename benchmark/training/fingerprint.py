"""What decides a trial's result, as a hash and as named parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.config import TrialConfig
from benchmark.results import Environment, PlannedTrial
from benchmark.training.describe import ArchitectureFacts


def plan_trial(
    trial: TrialConfig, architecture: ArchitectureFacts, corpus_digest: str, environment: Environment
) -> PlannedTrial:
    """Attach the fingerprint that the worker must find too."""
    parts = fingerprint_parts(trial, architecture, corpus_digest, environment)
    return PlannedTrial(trial, parts, fingerprint(parts))


def fingerprint_parts(
    trial: TrialConfig, architecture: ArchitectureFacts, corpus_digest: str, environment: Environment
) -> dict[str, Any]:
    """Return everything that decides the weights that a trial ends with, as plain JSON values."""
    raise NotImplementedError


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the parts, whatever their order: 64 hexadecimal digits."""
    raise NotImplementedError


def differing_parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every part that differs; none where the fingerprints are equal.

    Examples
    --------
    >>> differing_parts({"versions": {"keras": "3.14"}}, {"versions": {"keras": "3.15"}})
    ['versions: keras was 3.14 and is 3.15']
    """
    raise NotImplementedError


def hyperparameters(trial: TrialConfig, architecture: ArchitectureFacts) -> dict[str, Any]:
    """Return the architecture's own settings and those of the training."""
    raise NotImplementedError
