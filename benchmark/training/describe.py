"""Looking up an architecture, with a refusal for the user."""

from __future__ import annotations

from benchmark.errors import UserError
from models.registry import Architecture, ArchitectureError, lookup


def describe(name_or_spec: str) -> Architecture:
    """Look up an architecture; one from elsewhere is imported, which only a worker should do.

    Raises
    ------
    UserError
        If there is none of that name, or it cannot be imported.
    """
    try:
        return lookup(name_or_spec)
    except ArchitectureError as error:
        raise UserError(f"--architectures: {error}") from None
