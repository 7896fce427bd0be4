"""The facts of machine and versions."""

import platform
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.training import machine


def test_a_gpu_that_tensorflow_cannot_use_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "DEVICES", tmp_path)
    environment = machine.describe_machine()
    (tmp_path / "nvidiactl").touch()  # it is there without a GPU
    assert machine.unused_gpu_command("auto", environment) is None
    (tmp_path / "nvidia0").touch()
    command = machine.unused_gpu_command("auto", environment)
    assert command == machine.gpu_command()
    assert sys.executable in command
    requirement = shlex.split(command)[-1]
    pyproject = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert pyproject["project"]["optional-dependencies"]["gpu"] == [requirement]
    assert machine.unused_gpu_command("cpu", environment) is None
    on_gpu = environment.model_copy(update={"device_kind": "gpu"})
    assert machine.unused_gpu_command("auto", on_gpu) is None


def test_a_cpu_is_named_with_the_numbers_of_its_design(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    assert machine.cpu_model(cpuinfo) == (platform.processor() or platform.machine())
    assert machine.cpu_instructions(cpuinfo) is None
    x86 = "cpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: fpu fma avx avx2 avx512f\n"
    cpuinfo.write_text(f"{x86}\n{x86.replace('17', '18')}")
    assert machine.cpu_model(cpuinfo) == "AMD EPYC, family 25, model 17"
    assert machine.cpu_instructions(cpuinfo) == "avx avx2 fma avx512f"
    cpuinfo.write_text("Features\t: fp asimd sve\n")
    assert machine.cpu_instructions(cpuinfo) == "asimd sve"


@pytest.mark.parametrize(
    ("threads", "on_gpu", "gigabytes", "workers"),
    [
        (1, False, 100, 8),
        (3, False, 100, 2),
        (16, False, 100, 1),
        (1, False, 4, 2),
        (1, False, 0.5, 1),
        (1, True, 100, 1),
    ],
)
def test_a_trial_trains_on_each_core_for_which_there_is_memory_and_one_on_a_gpu(
    monkeypatch: pytest.MonkeyPatch, threads: int, on_gpu: bool, gigabytes: float, workers: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=gigabytes * 1e9))
    assert machine.automatic_workers(threads, on_gpu) == workers


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("cpu.max", "150000 100000\n", 1.5),
        ("cpu.max", "max 100000\n", float("inf")),
        ("memory.max", "4000000000\n", 4e9),
        ("memory.max", "max\n", float("inf")),
    ],
)
def test_the_limits_of_a_container_are_read(tmp_path: Path, name: str, text: str, limit: float) -> None:
    assert machine.container_limit(name, tmp_path) == float("inf")
    (tmp_path / name).write_text(text)
    assert machine.container_limit(name, tmp_path) == limit


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux resets its high-water mark")
def test_peak_memory_is_that_of_one_trial() -> None:
    machine.reset_peak_memory(on_gpu=False)
    block = bytearray(b"\1" * 60_000_000)
    with_block = machine.peak_memory_mb()
    del block
    machine.reset_peak_memory(on_gpu=False)
    assert 60 < machine.peak_memory_mb() + 50 < with_block


def test_git_state_is_the_commit_and_whether_files_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        return subprocess.check_output(["git", "-C", str(tmp_path), *identity, *arguments], text=True).strip()

    assert machine.git_state(tmp_path) == (None, None)
    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--quiet", "-m", "one")
    assert machine.git_state(tmp_path) == (git("rev-parse", "HEAD"), False)
    (tmp_path / "file").write_text("two")
    assert machine.git_state(tmp_path)[1] is True
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git_state(tmp_path) == (None, None)
