"""Seeds, determinism, device, and the facts of hardware and versions."""

from __future__ import annotations

from benchmark.config import Device
from benchmark.results import Environment


def prepare_runtime(device: Device) -> Environment:
    """Choose the device, make operations deterministic, and describe what this process trains on.

    Call it before anything else uses TensorFlow in this process; a second call returns the first one's result.

    Raises
    ------
    UserError
        If ``gpu`` is asked for and TensorFlow finds none.
    """
    raise NotImplementedError


def describe_machine() -> Environment:
    """Describe this machine without TensorFlow: what a baseline trains on."""
    raise NotImplementedError


def available_threads() -> int:
    """Return the threads inside one operation that TensorFlow takes by default, without importing it."""
    raise NotImplementedError


def unused_gpu_hint(device: Device, environment: Environment) -> str | None:
    """Return one line with the remedy where an NVIDIA GPU is present that TensorFlow could not use, else None."""
    raise NotImplementedError
