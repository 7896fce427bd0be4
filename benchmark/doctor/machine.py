"""What is installed here, and whether TensorFlow can use the GPU."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement

from benchmark.doctor.finding import Finding
from benchmark.runtime import GPU_REMEDY, nvidia_gpu_present

SECONDS_TO_IMPORT_TENSORFLOW = 180.0
HIDES_EVERY_GPU = ("", "-1")


def pin_findings(requirements: Path, version: Callable[[str], str] = importlib.metadata.version) -> list[Finding]:
    """Compare the pinned versions that apply to this machine with those that are installed.

    Parameters
    ----------
    requirements : Path
        Lines like ``name==1.2 ; marker``.
    version : callable
        Gives the installed version of a package, or raises `importlib.metadata.PackageNotFoundError`.
    """
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    pins = [Requirement(line) for line in lines if line]
    differing = [
        words for pin in pins if pin.marker is None or pin.marker.evaluate() if (words := _differs(pin, version))
    ]
    if not differing:
        return []
    count = "1 package is" if len(differing) == 1 else f"{len(differing)} packages are"
    return [
        Finding(
            f"{count} not as pinned, so results may differ: {'; '.join(differing)}",
            f"python -m pip install -r {requirements.name}",
        )
    ]


def gpu_findings(tensorflow_sees_one: Callable[[], bool] | None = None) -> list[Finding]:
    """Tell a GPU that is there and that TensorFlow cannot use; TensorFlow is asked only where there is one."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in HIDES_EVERY_GPU
    if hidden or not nvidia_gpu_present() or (tensorflow_sees_one or _tensorflow_sees_a_gpu)():
        return []
    return [Finding("an NVIDIA GPU is present, and TensorFlow cannot use it", GPU_REMEDY)]


def _differs(pin: Requirement, version: Callable[[str], str]) -> str | None:
    wanted = str(pin.specifier).removeprefix("==")
    try:
        installed = version(pin.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{pin.name} is missing ({wanted} is pinned)"
    return None if pin.specifier.contains(installed) else f"{pin.name} is {installed} ({wanted} is pinned)"


def _tensorflow_sees_a_gpu() -> bool:
    """Ask in a process of its own: this one is to stay without TensorFlow."""
    program = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
    try:
        answer = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=SECONDS_TO_IMPORT_TENSORFLOW
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0 and answer.stdout.split()[-1:] != ["0"]
