"""Seeds, determinism, device, and the facts of hardware and versions."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import platform
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import psutil

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.results import Environment

PACKAGES = (*("tensorflow", "keras", "numpy", "scikit-learn", "scipy", "skops", "mlflow", "pyarrow", "tensorboard"),)
# TensorFlow, oneDNN, XLA and CUDA compute differently where these are set
NUMERIC_VARIABLES = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "TF_DISABLE_MKL",
    "TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL",
    "NVIDIA_TF32_OVERRIDE",
)
# the names of Linux for what oneDNN and Eigen look for, on x86 and on ARM
VECTOR_INSTRUCTIONS = (
    *("avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_tile", "amx_int8", "amx_bf16", "asimd", "bf16", "i8mm", "sve", "sve2"),
)
BYTES_PER_MB = 1_000_000

# an environment that uv made has no pip
_GPU_REMEDY = (
    "pip install -r requirements-gpu.txt"
    if importlib.util.find_spec("pip")
    else f"uv pip install --python {sys.executable} -r requirements-gpu.txt"
)
_UNUSABLE_GPU = f"an NVIDIA GPU is present but TensorFlow cannot use it; this may help: {_GPU_REMEDY}"
_PROJECT = Path(__file__).resolve().parents[2]


@functools.cache
def prepare_runtime(device: Device) -> Environment:
    """Choose the device, make operations deterministic, and describe what this process trains networks on.

    Call it before anything else uses TensorFlow in this process; a second call returns the first one's result.

    Raises
    ------
    UserError
        If ``gpu`` is asked for and TensorFlow finds none.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the user's own Keras settings say
    import tensorflow as tf

    gpus = [] if device == "cpu" else tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        refuse_absent_gpu()
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()

    machine = describe_machine()
    threads = tf.config.threading.get_intra_op_parallelism_threads() or available_threads()
    if not gpus:
        return machine.model_copy(update={"threads": threads})
    build = tf.sysconfig.get_build_info()
    libraries = {name: str(build[f"{name}_version"]) for name in ("cuda", "cudnn") if f"{name}_version" in build}
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    update = {"device_kind": "gpu", "device_name": name, "threads": threads, "versions": machine.versions | libraries}
    return machine.model_copy(update=update)


@functools.cache
def describe_machine() -> Environment:
    """Describe this machine and its CPU without TensorFlow: what a baseline trains on."""
    commit, dirty = git_state(_PROJECT)
    return Environment(
        device_kind="cpu",
        device_name=cpu_model(),
        cpu_model=cpu_model(),
        cpu_instructions=cpu_instructions(),
        cpu_cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        threads=available_threads(),
        platform=platform.platform(),
        versions=package_versions(),
        numeric_variables={name: os.environ[name] for name in NUMERIC_VARIABLES if os.environ.get(name)},
        git_commit=commit,
        git_dirty=dirty,
    )


def seed_network(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, with Keras as in a fresh process.

    Without `clear_session` a second trial in one process would continue the numbering of layers. Keras's settings are
    its own defaults, whatever the user's ``keras.json`` or ``KERAS_MAX_EPOCHS`` say: a trial means the same everywhere.
    """
    import keras

    keras.backend.clear_session()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)
    keras.utils.set_random_seed(seed)


def seed_baseline(seed: int) -> None:
    """Seed Python and NumPy, whose global state scikit-learn uses where an estimator has no `random_state`."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that matter, without importing them."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def git_state(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit of `folder`, and whether tracked files differ from it; (None, None) outside git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None, None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return commit, None if changes is None else bool(changes)


def cpu_model() -> str:
    """Return for example ``AMD EPYC, family 25, model 17``; a virtual machine may give many processors one name."""
    name = _cpu_fact("model name") or platform.processor() or platform.machine()
    numbers = [f"{fact.removeprefix('cpu ')} {_cpu_fact(fact)}" for fact in ("cpu family", "model") if _cpu_fact(fact)]
    return ", ".join([name, *numbers])


def cpu_instructions() -> str | None:
    """Return for example ``avx avx2 fma``: what decides which kernels a CPU gets; None where it is unknown."""
    found = (_cpu_fact("flags") or _cpu_fact("Features") or "").split()
    return " ".join(name for name in VECTOR_INSTRUCTIONS if name in found) or None


def available_threads() -> int:
    """Return the threads inside one operation that TensorFlow takes by default, without importing it."""
    configured = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    if configured.isdecimal() and int(configured) > 0:
        return int(configured)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def nvidia_gpu_present(devices: Path = Path("/dev")) -> bool:
    """Whether the driver shows an NVIDIA GPU, usable by TensorFlow or not."""
    return any(devices.glob("nvidia[0-9]*"))


def refuse_absent_gpu() -> None:
    """Raise the `UserError` for ``--device gpu``."""
    why = _UNUSABLE_GPU if nvidia_gpu_present() else "this machine shows no NVIDIA GPU"
    raise UserError(f"--device: gpu is not possible: {why}; use cpu or auto")


def unused_gpu_hint(device: Device, environment: Environment) -> str | None:
    """Return one line with the remedy where an NVIDIA GPU is present that TensorFlow could not use, else None."""
    if device == "cpu" or environment.device_kind == "gpu" or not nvidia_gpu_present():
        return None
    return _UNUSABLE_GPU


class PeakMemory:
    """Highest resident memory of this process since the object was made.

    On Linux the kernel's own high-water mark (``VmHWM``) is reset and read, so nothing is sampled. Elsewhere it is the
    peak of the process's whole life.
    """

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # proc(5): sets VmHWM to the present size
        self._gpu = _first_gpu()
        if self._gpu:
            _tensorflow_memory().reset_memory_stats(self._gpu)

    def megabytes(self) -> float:
        """In units of 10^6 bytes."""
        with contextlib.suppress(OSError):
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / BYTES_PER_MB
        import resource  # not on Windows

        unit_bytes = 1 if sys.platform == "darwin" else 1024  # getrusage(2)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / BYTES_PER_MB

    def gpu_megabytes(self) -> float | None:
        """Peak of what TensorFlow had allocated on the GPU, in units of 10^6 bytes; None without one."""
        return _tensorflow_memory().get_memory_info(self._gpu)["peak"] / BYTES_PER_MB if self._gpu else None


def _first_gpu() -> Literal["GPU:0"] | None:
    tensorflow = sys.modules.get("tensorflow")  # a worker that trains only baselines never imports it
    return "GPU:0" if tensorflow and tensorflow.config.get_visible_devices("GPU") else None


def _tensorflow_memory() -> Any:
    return sys.modules["tensorflow"].config.experimental


def _cpu_fact(name: str, facts: Path = Path("/proc/cpuinfo")) -> str | None:
    with contextlib.suppress(OSError):  # not on Linux
        for line in facts.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return None


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
