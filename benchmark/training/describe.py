"""The facts of an architecture that a plan needs, without its code."""

from __future__ import annotations

from typing import Any, Literal

from benchmark.config import Settings
from benchmark.errors import UserError
from models.registry import Architecture, ArchitectureError, lookup


class ArchitectureFacts(Settings):
    """What the parent needs of an architecture: `models.registry.Architecture` without its function.

    Attributes
    ----------
    epochs, batch_size, learning_rate : int, int, float; None for a baseline
    words : int or None
        A baseline gets only so many of the most frequent words; None: all.
    spec : str or None
        Of an architecture from elsewhere, in its absolute form: ``/abs/nets.py:my_net``.
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
    try:
        return facts_of(lookup(name_or_spec))
    except ArchitectureError as error:
        raise UserError(f"--architectures: {error}") from None


def facts_of(architecture: Architecture) -> ArchitectureFacts:
    """Return the facts of an architecture that is already loaded."""
    facts = {name: getattr(architecture, name) for name in ArchitectureFacts.model_fields}
    facts["hyperparameters"] = dict(architecture.hyperparameters)
    if architecture.kind == "baseline":
        facts |= {"epochs": None, "batch_size": None, "learning_rate": None}
    return ArchitectureFacts(**facts)
