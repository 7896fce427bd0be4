"""The contract of an architecture, tried on a few synthetic reviews."""

from __future__ import annotations

from benchmark.config import Device, Settings


class Check(Settings):
    """One point of the contract.

    Attributes
    ----------
    name : str
        What was tried: ``saves and loads without its source``.
    ok : bool
    advice : str
        One line that says what was wrong and what to change; empty where `ok`.
    """

    name: str
    ok: bool
    advice: str = ""


def check_architecture(
    spec: str, device: Device = "cpu", vocabulary_size: int = 5000, max_length: int = 500
) -> list[Check]:
    """Try the contract; runs in a worker process, since it imports and runs the file.

    Returns
    -------
    list of Check
        In the order in which they were tried; the last one is not ok where the rest could not be tried.
    """
    raise NotImplementedError
