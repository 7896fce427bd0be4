"""Device, determinism and the facts of machine and versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.training import runtime


def run_python(code: str, **environment: str) -> str:
    """Run code in a process of its own, since TensorFlow is prepared once in a process."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_prepared_process_is_deterministic_and_ignores_the_users_keras_settings(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(
        '{"floatx": "float64", "epsilon": 0.1, "backend": "jax", "image_data_format": "channels_first", '
        '"max_epochs": 1}'
    )
    code = """
from benchmark.training.runtime import prepare_runtime, seed_network
environment = prepare_runtime("cpu")
assert prepare_runtime("cpu") is environment
import sys
assert not {"matplotlib", "pandas", "sklearn"} & set(sys.modules)
import keras, sklearn, tensorflow as tf
from tensorflow.python.framework import config
assert config.is_op_determinism_enabled()
keras.config.set_dtype_policy("float64")
seed_network(0)
print(keras.backend.backend(), keras.config.floatx(), keras.config.dtype_policy().name, keras.config.epsilon(),
      keras.config.image_data_format(), keras.config.max_epochs(), environment.device_kind, environment.threads,
      environment.numeric_variables, tf.config.get_visible_devices("GPU"))
"""
    printed = run_python(
        code,
        KERAS_HOME=str(tmp_path),
        KERAS_BACKEND="jax",
        TF_NUM_INTRAOP_THREADS="3",
        TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL="0",
        XLA_FLAGS="",
    )
    assert printed == (
        "tensorflow float32 float32 1e-07 channels_last None cpu 3 {'TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL': '0'} []"
    )


@pytest.mark.slow
@pytest.mark.skipif(runtime.nvidia_gpu_present(), reason="this machine has a GPU")
def test_tensorflow_without_a_gpu_is_refused_where_one_is_asked_for() -> None:
    code = """
from benchmark.errors import UserError
from benchmark.training.runtime import prepare_runtime
try:
    prepare_runtime("gpu")
except UserError as error:
    print(error)
print(prepare_runtime("auto").device_kind)
"""
    assert run_python(code) == ("--device: gpu is not possible: this machine shows no NVIDIA GPU; use cpu or auto\ncpu")


def test_the_machine_is_described_without_tensorflow() -> None:
    code = """
import sys
from benchmark.training.runtime import describe_machine
environment = describe_machine()
print(sorted(environment.versions), sorted({"tensorflow", "keras", "mlflow", "sklearn"} & set(sys.modules)))
"""
    printed = run_python(code)
    for package in ("python", "tensorflow", "keras", "numpy", "scikit-learn", "scipy"):
        assert f"'{package}'" in printed
    assert printed.endswith("[]")


def test_a_gpu_that_tensorflow_cannot_use_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = runtime.describe_machine()
    monkeypatch.setattr(runtime, "nvidia_gpu_present", lambda: True)
    assert "-r requirements-gpu.txt" in (runtime.unused_gpu_hint("auto", environment) or "")
    assert runtime.unused_gpu_hint("cpu", environment) is None
    assert runtime.unused_gpu_hint("auto", environment.model_copy(update={"device_kind": "gpu"})) is None
    assert "-r requirements-gpu.txt" in str(runtime.absent_gpu())
    assert (Path(__file__).parents[3] / "requirements-gpu.txt").is_file()


def test_a_gpu_is_seen_by_its_device_file(tmp_path: Path) -> None:
    (tmp_path / "nvidiactl").touch()
    assert not runtime.nvidia_gpu_present(tmp_path)
    (tmp_path / "nvidia0").touch()
    assert runtime.nvidia_gpu_present(tmp_path)


def test_a_cpu_is_named_with_the_numbers_of_its_design(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"model name": "AMD EPYC", "cpu family": "25", "model": "17", "flags": "fpu fma avx avx2 avx512f"}
    monkeypatch.setattr(runtime, "_cpu_facts", lambda: facts)
    assert runtime.cpu_model() == "AMD EPYC, family 25, model 17"
    assert runtime.cpu_instructions() == "avx avx2 fma avx512f"
    monkeypatch.setattr(runtime, "_cpu_facts", lambda: {"Features": "fp asimd sve"})
    assert runtime.cpu_instructions() == "asimd sve"
    monkeypatch.setattr(runtime, "_cpu_facts", dict)
    assert runtime.cpu_model() == (runtime.platform.processor() or runtime.platform.machine())
    assert runtime.cpu_instructions() is None


def test_threads_are_those_asked_for_or_the_cores_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(runtime.os, "sched_getaffinity", lambda process: {0, 1, 5}, raising=False)
    assert runtime.available_threads() == 3
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    assert runtime.available_threads() == 2


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux resets its high-water mark")
def test_peak_memory_is_that_of_one_trial() -> None:
    runtime.reset_peak_memory(on_gpu=False)
    block = bytearray(b"\1" * 60_000_000)
    with_block = runtime.peak_memory_mb()
    del block
    runtime.reset_peak_memory(on_gpu=False)
    assert 60 < runtime.peak_memory_mb() + 50 < with_block


def test_git_state_is_the_commit_and_whether_files_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert runtime.git_state(tmp_path) == (None, None)
    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--quiet", "-m", "one")
    assert runtime.git_state(tmp_path) == (git("rev-parse", "HEAD"), False)
    (tmp_path / "file").write_text("two")
    assert runtime.git_state(tmp_path)[1] is True
    monkeypatch.setenv("PATH", str(tmp_path))
    assert runtime.git_state(tmp_path) == (None, None)
