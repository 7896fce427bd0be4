"""``--device gpu`` on a machine that shows no GPU at all: refused at once, before a corpus is read."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmark.config import Device
from benchmark.errors import UserError

GPU_FILES = ("nvidia[0-9]*", "dxg", "kfd")  # NVIDIA's driver, Windows' through WSL, AMD's


def refuse_absent_gpu(device: Device, devices: Path = Path("/dev")) -> None:
    """Refuse to insist on a GPU where the system has none; whether TensorFlow can use it, only the worker can tell.

    Raises
    ------
    UserError
        If ``gpu`` is asked for and there is no file of one. Only Linux is sure to have such files.
    """
    if device == "gpu" and sys.platform == "linux" and not any(any(devices.glob(name)) for name in GPU_FILES):
        raise UserError("--device: gpu is not possible: this machine shows no GPU; take cpu or auto")
