"""The only place for seeds, determinism, device choice, and the facts of hardware and versions.

`prepare_runtime` and `seed_everything` import TensorFlow and are for a worker; everything else is cheap.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import psutil

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.results import Environment

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "mlflow", "pyarrow", "tensorboard")
# into the environment that runs this; one that uv made has no pip
GPU_REMEDY = (
    "pip install -r requirements-gpu.txt"
    if importlib.util.find_spec("pip")
    else f"uv pip install --python {sys.executable} -r requirements-gpu.txt"
)
BYTES_PER_MB = 1_000_000
THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS"  # TensorFlow reads it when it starts
# TensorFlow, oneDNN, XLA and CUDA compute otherwise where these are set
NUMERIC_VARIABLES = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "TF_DISABLE_MKL",
    "NVIDIA_TF32_OVERRIDE",
)

# the names of Linux for what oneDNN and Eigen look for, on x86 and on ARM
VECTOR_INSTRUCTIONS = (
    *("avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_tile", "amx_int8", "amx_bf16", "asimd", "bf16", "i8mm", "sve", "sve2"),
)

_GPU_IS_UNUSABLE = f"an NVIDIA GPU is present but TensorFlow cannot use it; this may mend it: {GPU_REMEDY}"
_PROJECT = Path(__file__).resolve().parents[1]


@functools.cache
def prepare_runtime(device: Device) -> Environment:
    """Choose the device, make operations deterministic, and tell what this process trains on.

    Call it before anything else uses TensorFlow in this process; a second call gives the first one's answer.

    Raises
    ------
    UserError
        If a GPU is insisted on and TensorFlow finds none.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the user's own Keras settings name
    import tensorflow as tf

    gpus = [] if device == "cpu" else tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise UserError(f"--device: gpu is not possible: {_why_no_gpu()}; take cpu or auto")
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()

    versions = gather_versions()
    if gpus:
        build = tf.sysconfig.get_build_info()
        versions |= {name: str(build[f"{name}_version"]) for name in ("cuda", "cudnn") if f"{name}_version" in build}
    commit, dirty = git_state(_PROJECT)
    cpu = cpu_model()
    device_name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else cpu
    return Environment(
        device_kind="gpu" if gpus else "cpu",
        device_name=device_name,
        cpu_model=cpu,
        cpu_instructions=cpu_instructions(),
        cpu_cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        threads=tf.config.threading.get_intra_op_parallelism_threads() or tensorflow_threads(),
        platform=platform.platform(),
        versions=versions,
        numeric_variables={name: os.environ[name] for name in NUMERIC_VARIABLES if os.environ.get(name)},
        git_commit=commit,
        git_dirty=dirty,
    )


def seed_everything(seed: int) -> None:
    """Forget every model of this process and seed Python, NumPy and TensorFlow, as in a fresh process.

    Without the first part, a second trial in one process would number its layers on from the first one's. Keras's
    settings are its own defaults, whatever the user's ``keras.json`` or ``KERAS_MAX_EPOCHS`` say: a trial means the
    same everywhere.
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


def gather_versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter, without importing any of them."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def git_state(directory: Path) -> tuple[str | None, bool | None]:
    """The commit that `directory` is at, and whether tracked files differ from it; (None, None) outside git."""
    commit = _git(directory, "rev-parse", "HEAD")
    if commit is None:
        return None, None
    changes = _git(directory, "status", "--porcelain", "--untracked-files=no")
    return commit, None if changes is None else bool(changes)


def cpu_model() -> str:
    """For example ``AMD EPYC, family 25, model 17``; on a virtual machine the name alone can be that of many."""
    name = _cpu_fact("model name") or platform.processor() or platform.machine()
    numbers = [f"{fact.removeprefix('cpu ')} {_cpu_fact(fact)}" for fact in ("cpu family", "model") if _cpu_fact(fact)]
    return ", ".join([name, *numbers])


def cpu_instructions() -> str | None:
    """For example ``avx avx2 fma``: what decides which kernels a CPU gets; None where the system does not tell."""
    found = (_cpu_fact("flags") or _cpu_fact("Features") or "").split()
    return " ".join(name for name in VECTOR_INSTRUCTIONS if name in found) or None


def _cpu_fact(name: str, facts: Path = Path("/proc/cpuinfo")) -> str | None:
    with contextlib.suppress(OSError):  # not on Linux
        for line in facts.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return None


def tensorflow_threads() -> int:
    """Threads inside one operation, as TensorFlow chooses them by default, without importing it."""
    configured = os.environ.get(THREADS_VARIABLE, "")
    if configured.isdecimal() and int(configured) > 0:
        return int(configured)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def nvidia_gpu_present(devices: Path = Path("/dev")) -> bool:
    """Whether the driver shows an NVIDIA GPU, whatever TensorFlow makes of it."""
    return any(devices.glob("nvidia[0-9]*"))


def unused_gpu_hint(device: Device, environment: Environment) -> str | None:
    """One line with the remedy where an NVIDIA GPU is present that TensorFlow could not use, else None.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
        What was asked for: who asks for the CPU wants no hint.
    environment : Environment
        What `prepare_runtime` made of it.
    """
    if device == "cpu" or environment.device_kind == "gpu" or not nvidia_gpu_present():
        return None
    return _GPU_IS_UNUSABLE


class PeakMemory:
    """Highest resident memory of this process since the object was made.

    On Linux the kernel's own high-water mark (``VmHWM``) is set back and read, so nothing is sampled. Elsewhere, and
    where the kernel refuses, it is the peak of the process's whole life.
    """

    def __init__(self) -> None:
        with contextlib.suppress(OSError):  # where it is refused, the peak is that of the process's whole life
            Path("/proc/self/clear_refs").write_text("5")  # proc(5): sets VmHWM to the present size
        self._gpu = _first_gpu()
        if self._gpu:
            _tensorflow_memory().reset_memory_stats(self._gpu)

    def megabytes(self) -> float:
        """In units of 10^6 bytes."""
        try:
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / BYTES_PER_MB
        except OSError:
            pass
        import resource  # not on Windows

        unit_bytes = 1 if sys.platform == "darwin" else 1024  # getrusage(2)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / BYTES_PER_MB

    def gpu_megabytes(self) -> float | None:
        """Most that TensorFlow had allocated on the GPU, in units of 10^6 bytes; None without one."""
        if not self._gpu:
            return None
        return _tensorflow_memory().get_memory_info(self._gpu)["peak"] / BYTES_PER_MB


def _first_gpu() -> Literal["GPU:0"] | None:
    import tensorflow as tf

    return "GPU:0" if tf.config.get_visible_devices("GPU") else None


def _tensorflow_memory() -> Any:
    import tensorflow as tf

    return tf.config.experimental


def _why_no_gpu() -> str:
    return _GPU_IS_UNUSABLE if nvidia_gpu_present() else "this machine shows no NVIDIA GPU"


def _git(directory: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(directory), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
