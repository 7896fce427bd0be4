"""The facts of an architecture that a plan needs, without its code."""

from __future__ import annotations

from typing import Any, Literal

from benchmark.config import Settings
from models.registry import Architecture


class ArchitectureFacts(Settings):
    """What the parent needs of an architecture; `models.registry.Architecture` without its function.

    Attributes
    ----------
    name, title, kind, group, deterministic, source_sha256 : as in `models.registry.Architecture`
    spec : str or None
        The absolute form of an architecture from elsewhere: ``/abs/nets.py:my_net``.
    source : str
        Text of the defining module.
    words : int or None
        A baseline's: only so many of the most frequent words are kept.
    """

    name: str
    title: str
    kind: Literal["network", "baseline"]
    group: str
    epochs: int | None
    batch_size: int | None
    learning_rate: float | None
    words: int | None
    writes_tensorboard: bool
    deterministic: bool
    hyperparameters: dict[str, Any]
    parameter_count: int | None
    spec: str | None
    source: str
    source_sha256: str


def describe(name_or_spec: str) -> ArchitectureFacts:
    """Look up an architecture; one from elsewhere is imported, which only a worker should do.

    Raises
    ------
    UserError
        If there is none of that name, or it cannot be imported.
    """
    raise NotImplementedError


def facts_of(architecture: Architecture) -> ArchitectureFacts:
    """Return the facts of an architecture that is already loaded."""
    raise NotImplementedError
