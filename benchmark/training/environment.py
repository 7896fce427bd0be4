"""What a process trains on: hardware, versions, variables, memory."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib.metadata
import os
import platform
import re
import shlex
import sys
from pathlib import Path

import joblib  # type: ignore[import-untyped]
import psutil

from benchmark.errors import UserError
from benchmark.results import Environment

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "scipy", "skops", "pyarrow")  # that train and save
# with these, TensorFlow, oneDNN, XLA, CUDA, BLAS and NumPy compute differently
NUMERIC = re.compile("(TF|TENSORFLOW|XLA|ONEDNN|DNNL|MKL|OMP|OPENBLAS|NPY|KERAS|NVIDIA|CUDA)_")
# set by the harness or by Ray for each worker, or without an influence on numbers
NOT_NUMERIC = re.compile(
    "TF_CPP_MIN_LOG_LEVEL|TF_NUM_(INTRAOP|INTEROP)_THREADS|(OMP|MKL|OPENBLAS)_NUM_THREADS|KERAS_(BACKEND|HOME)|"
    "(CUDA|NVIDIA)_VISIBLE_DEVICES"
)
# the names of Linux for what oneDNN and Eigen look for, on x86 and on ARM
VECTOR_INSTRUCTIONS = (
    "avx avx2 fma avx_vnni avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 "
    "amx_tile amx_int8 amx_bf16 asimd bf16 i8mm sve sve2"
)
BYTES_PER_MB = 1_000_000
CPUINFO = Path("/proc/cpuinfo")
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container
WORKER_BYTES = 2_000_000_000  # a worker's peak on all of IMDB is 1.1 GB with networks, 1.9 GB with the largest baseline


@functools.cache
def describe_environment() -> Environment:
    """Describe hardware and versions without TensorFlow: what a baseline trains on, with one thread."""
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    return Environment(
        device_kind="cpu",
        device_name=cpu_model(),
        cpu_model=cpu_model(),
        cpu_instructions=cpu_instructions(),
        cpu_cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        threads=1,
        platform=platform.platform(),
        versions={"python": platform.python_version(), **versions},
        numeric_variables=numeric_variables(),
    )


def numeric_variables() -> dict[str, str]:
    """Return the environment variables that change how numbers are computed, as the user has set them."""
    variables = {}
    for name, value in sorted(os.environ.items()):
        if value and NUMERIC.match(name) and not NOT_NUMERIC.fullmatch(name):
            variables[name] = value
    return variables


def cpu_model() -> str:
    """Return for example ``AMD EPYC, family 25, model 17``; a virtual machine may give many processors one name."""
    facts = _cpu_facts()
    name = facts.get("model name") or platform.machine()
    for key, word in (("cpu family", "family"), ("model", "model")):
        if key in facts:
            name += f", {word} {facts[key]}"
    return name


def cpu_instructions() -> str | None:
    """Return for example ``avx avx2 fma``: what decides which kernels a CPU gets; None where it is unknown."""
    facts = _cpu_facts()
    flags = f"{facts.get('flags')} {facts.get('Features')}".split()
    return " ".join(name for name in VECTOR_INSTRUCTIONS.split() if name in flags) or None


def _cpu_facts() -> dict[str, str]:
    """Return what Linux says of the first processor."""
    first = CPUINFO.read_text().partition("\n\n")[0]
    return dict(re.findall(r"(.*?)[\t ]*:[\t ]*(.*)", first))


def automatic_workers(threads: int, on_gpu: bool) -> int:
    """Return how many trials to train at once: one on a GPU, else one on each core, as far as the memory is enough."""
    if on_gpu:
        return 1
    available = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # no container, or no limit
        available = min(available, int(MEMORY_LIMIT.read_text()))
    return max(1, min(joblib.cpu_count() // threads, available // WORKER_BYTES))


@functools.cache
def nvidia_gpu_present() -> bool:
    """Whether NVIDIA's driver has a GPU, usable by TensorFlow or not; TensorFlow asks the driver the same."""
    try:
        return ctypes.CDLL("libcuda.so.1").cuInit(0) == 0
    except OSError:
        return False


def absent_gpu() -> UserError:
    """Return the refusal of ``--device gpu``."""
    why = "this machine shows no NVIDIA GPU"
    if command := gpu_command():
        why = f"TensorFlow cannot use the NVIDIA GPU; this may help: {command}"
    return UserError(f"--device: gpu is not possible: {why}; use cpu or auto")


def gpu_command() -> str | None:
    """Return the command that installs TensorFlow's CUDA libraries in this environment; None without an NVIDIA GPU."""
    if not nvidia_gpu_present():
        return None
    package = f"tensorflow[and-cuda]=={importlib.metadata.version('tensorflow')}"
    return shlex.join([sys.executable, "-m", "pip", "install", package])


def reset_peak_memory(on_gpu: bool) -> None:
    """Begin to measure the peaks; on Linux the kernel's own high-water mark (``VmHWM``), so that nothing is sampled."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): sets VmHWM to the present size
    if on_gpu:
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats("GPU:0")


def peak_memory_mb() -> float:
    """Return the highest resident memory of this process since the reset; the present one where the kernel has none."""
    found = re.findall(r"(?:VmHWM|VmRSS):\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[0]) * 1024 / BYTES_PER_MB


def peak_gpu_memory_mb() -> float:
    """Return the peak of what TensorFlow had allocated on the GPU since the reset."""
    import tensorflow as tf

    return tf.config.experimental.get_memory_info("GPU:0")["peak"] / BYTES_PER_MB
