"""The facts of machine and versions."""

import platform
import shlex
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.training.environment import (
    absent_gpu,
    automatic_workers,
    cpu_instructions,
    cpu_model,
    gpu_command,
    numeric_variables,
    peak_memory_mb,
    reset_peak_memory,
)


def test_a_gpu_that_tensorflow_cannot_use_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.training.environment.nvidia_gpu_present", lambda: False)
    assert gpu_command() is None
    assert "shows no NVIDIA GPU" in str(absent_gpu())
    monkeypatch.setattr("benchmark.training.environment.nvidia_gpu_present", lambda: True)
    command = gpu_command()
    assert sys.executable in command
    assert command in str(absent_gpu())
    requirement = shlex.split(command)[-1]
    pyproject = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert pyproject["project"]["optional-dependencies"]["gpu"] == [requirement]


def test_a_cpu_is_named_with_the_numbers_of_its_design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr("benchmark.training.environment.CPUINFO", cpuinfo)
    x86 = "cpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: fpu fma avx avx2 avx512f\n"
    cpuinfo.write_text(f"{x86}\n{x86.replace('17', '18')}")
    assert cpu_model() == "AMD EPYC, family 25, model 17"
    assert cpu_instructions() == "avx avx2 fma avx512f"
    cpuinfo.write_text("Features\t: fp asimd sve\n")
    assert cpu_model() == platform.machine()
    assert cpu_instructions() == "asimd sve"


@pytest.mark.parametrize(
    ("threads", "on_gpu", "gigabytes", "container_bytes", "workers"),
    [
        (1, False, 100, "max", 8),
        (3, False, 100, "max", 2),
        (16, False, 0.5, "max", 1),
        (1, False, 100, 6 * 10**9, 3),
        (1, True, 100, "max", 1),
    ],
)
def test_a_trial_trains_on_each_core_for_which_there_is_memory_and_one_on_a_gpu(
    monkeypatch, tmp_path, threads, on_gpu, gigabytes, container_bytes, workers
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{container_bytes}\n")
    monkeypatch.setattr("benchmark.training.environment.MEMORY_LIMIT", limit)
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=int(gigabytes * 1e9)))
    assert automatic_workers(threads, on_gpu) == workers


def test_variables_that_change_numbers_are_recorded_as_the_user_has_set_them(monkeypatch: pytest.MonkeyPatch) -> None:
    before = numeric_variables()
    for name in ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "TF_XLA_FLAGS", "DNNL_MAX_CPU_ISA"):
        monkeypatch.setenv(name, "1")
        before[name] = "1"
    for name in ("TF_NUM_INTRAOP_THREADS", "KERAS_BACKEND", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "EDITOR"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("XLA_FLAGS", "")
    assert numeric_variables() == before


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux resets its high-water mark")
def test_peak_memory_is_that_of_one_trial() -> None:
    reset_peak_memory(on_gpu=False)
    block = bytearray(b"\1" * 60_000_000)
    with_block = peak_memory_mb()
    del block
    reset_peak_memory(on_gpu=False)
    assert 60 < peak_memory_mb() + 50 < with_block
