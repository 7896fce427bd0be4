"""Device, determinism and facts; TensorFlow is replaced at the boundary, so that a GPU's path is tested without one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark import runtime
from benchmark.errors import UserError


class FakeTensorFlow(SimpleNamespace):
    """What `benchmark.runtime` calls of ``tensorflow``, on a machine with these GPUs; notes what it is told."""

    def __init__(self, *gpus: str, threads: int = 0) -> None:
        self.told: list[tuple[object, ...]] = []
        self.visible = list(gpus)
        experimental = SimpleNamespace(
            set_memory_growth=lambda gpu, on: self.told.append(("memory growth", gpu, on)),
            enable_op_determinism=lambda: self.told.append(("deterministic operations",)),
            get_device_details=lambda gpu: {"device_name": f"NVIDIA {gpu}"},
            get_memory_info=lambda device: {"current": 1_000_000, "peak": 812_000_000},
            reset_memory_stats=lambda device: self.told.append(("peak memory set back", device)),
        )
        self.config = SimpleNamespace(
            experimental=experimental,
            list_physical_devices=lambda kind: list(gpus),
            set_visible_devices=lambda devices, kind: self._show(devices),
            get_visible_devices=lambda kind: self.visible,
            threading=SimpleNamespace(get_intra_op_parallelism_threads=lambda: threads),
        )
        self.sysconfig = SimpleNamespace(
            get_build_info=lambda: {"cuda_version": "12.5.1", "cudnn_version": "9", "is_cuda_build": True}
        )

    def _show(self, devices: list[str]) -> None:
        self.told.append(("visible", devices))
        self.visible = devices


@pytest.fixture(autouse=True)
def _fresh_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runtime, "nvidia_gpu_present", lambda: False)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    runtime.prepare_runtime.cache_clear()
    yield
    runtime.prepare_runtime.cache_clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def with_gpus(*gpus: str, threads: int = 0) -> FakeTensorFlow:
        tensorflow = FakeTensorFlow(*gpus, threads=threads)
        monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
        return tensorflow

    return with_gpus


@pytest.mark.parametrize("device", ["auto", "gpu"])
def test_a_gpu_is_taken_where_there_is_one(machine, device: runtime.Device) -> None:
    tensorflow = machine("H100", "L4")
    environment = runtime.prepare_runtime(device)
    assert (environment.device_kind, environment.device_name) == ("gpu", "NVIDIA H100")
    assert ("memory growth", "H100", True) in tensorflow.told
    assert ("memory growth", "L4", True) in tensorflow.told
    assert environment.versions["cuda"] == "12.5.1"
    assert environment.versions["cudnn"] == "9"


@pytest.mark.parametrize("gpus", [(), ("H100",)])
@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_operations_are_deterministic_on_every_device(machine, device: runtime.Device, gpus: tuple[str, ...]) -> None:
    tensorflow = machine(*gpus)
    runtime.prepare_runtime(device)
    assert tensorflow.told.count(("deterministic operations",)) == 1


def test_cpu_hides_the_gpu_from_tensorflow(machine) -> None:
    tensorflow = machine("H100")
    environment = runtime.prepare_runtime("cpu")
    assert environment.device_kind == "cpu"
    assert environment.device_name == environment.cpu_model
    assert tensorflow.visible == []
    assert not any(word == "memory growth" for word, *_ in tensorflow.told)
    assert "cuda" not in environment.versions


def test_auto_takes_the_cpu_where_there_is_no_gpu(machine) -> None:
    machine()
    environment = runtime.prepare_runtime("auto")
    assert environment.device_kind == "cpu"
    assert runtime.unused_gpu_hint("auto", environment) is None


def test_a_process_is_prepared_once(machine) -> None:
    tensorflow = machine()
    assert runtime.prepare_runtime("auto") is runtime.prepare_runtime("auto")
    assert len(tensorflow.told) == 1


def test_insisting_on_a_gpu_that_is_not_there_is_refused(machine) -> None:
    machine()
    with pytest.raises(UserError, match="--device: gpu is not possible: this machine shows no NVIDIA GPU; take cpu"):
        runtime.prepare_runtime("gpu")


def test_a_gpu_that_tensorflow_cannot_use_is_told_with_the_remedy(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    monkeypatch.setattr(runtime, "nvidia_gpu_present", lambda: True)
    environment = runtime.prepare_runtime("auto")
    assert "-r requirements-gpu.txt" in (runtime.unused_gpu_hint("auto", environment) or "")
    assert runtime.unused_gpu_hint("cpu", environment) is None
    with pytest.raises(UserError, match=r"-r requirements-gpu\.txt"):
        runtime.prepare_runtime("gpu")


def test_a_gpu_in_use_needs_no_hint(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine("H100")
    monkeypatch.setattr(runtime, "nvidia_gpu_present", lambda: True)
    assert runtime.unused_gpu_hint("auto", runtime.prepare_runtime("auto")) is None


def test_a_gpu_is_seen_by_its_device_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (tmp_path / "nvidiactl").touch()
    assert not runtime.nvidia_gpu_present(tmp_path)
    (tmp_path / "nvidia0").touch()
    assert runtime.nvidia_gpu_present(tmp_path)


def test_the_remedy_names_a_file_of_this_project() -> None:
    assert (Path(runtime.__file__).parents[1] / runtime.GPU_REMEDY.split()[-1]).is_file()


def test_keras_runs_on_tensorflow_whatever_the_user_set(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    runtime.prepare_runtime("auto")
    assert runtime.os.environ["KERAS_BACKEND"] == "tensorflow"


def test_a_cpu_is_named_with_the_numbers_that_tell_its_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_cpu_fact", {"model name": "AMD EPYC", "cpu family": "25", "model": "17"}.get)
    assert runtime.cpu_model() == "AMD EPYC, family 25, model 17"
    monkeypatch.setattr(runtime, "_cpu_fact", {}.get)
    assert runtime.cpu_model() == (runtime.platform.processor() or runtime.platform.machine())


def test_the_instructions_of_a_cpu_tell_apart_what_its_name_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = {"flags": "fpu sse2 fma avx avx2 avx512f avx512_bf16"}
    monkeypatch.setattr(runtime, "_cpu_fact", flags.get)
    assert runtime.cpu_instructions() == "avx avx2 fma avx512f avx512_bf16"
    monkeypatch.setattr(runtime, "_cpu_fact", {"Features": "fp asimd sve"}.get)
    assert runtime.cpu_instructions() == "asimd sve"
    monkeypatch.setattr(runtime, "_cpu_fact", {}.get)
    assert runtime.cpu_instructions() is None


def test_variables_that_change_how_numbers_are_computed_are_told(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    for name in runtime.NUMERIC_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("XLA_FLAGS", "")  # set to nothing is not set
    assert runtime.prepare_runtime("cpu").numeric_variables == {"TF_ENABLE_ONEDNN_OPTS": "0"}


def test_a_trial_begins_with_the_defaults_of_keras_whatever_the_users_keras_json_says() -> None:
    import keras

    def settings() -> tuple[object, ...]:
        config = keras.config
        return (
            config.floatx(),
            config.dtype_policy().name,
            config.epsilon(),
            config.image_data_format(),
            config.max_epochs(),
            config.max_steps_per_epoch(),
        )

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    keras.config.set_epsilon(1e-3)
    keras.config.set_image_data_format("channels_first")
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(1)
    runtime.seed_everything(0)
    assert settings() == ("float32", "float32", 1e-7, "channels_last", None, None)


def test_threads_are_those_that_tensorflow_was_given(machine) -> None:
    machine(threads=3)
    assert runtime.prepare_runtime("cpu").threads == 3


def test_threads_that_tensorflow_takes_by_itself_are_the_cores_of_this_process(
    machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine()
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(runtime.os, "sched_getaffinity", lambda process: {0, 1, 5}, raising=False)
    assert runtime.prepare_runtime("cpu").threads == 3
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    assert runtime.tensorflow_threads() == 2


def test_peak_gpu_memory_is_that_of_the_trial(machine) -> None:
    tensorflow = machine("H100")
    peak = runtime.PeakMemory()
    assert ("peak memory set back", "GPU:0") in tensorflow.told
    assert peak.gpu_megabytes() == 812.0


def test_there_is_no_peak_gpu_memory_without_a_gpu(machine) -> None:
    machine()
    assert runtime.PeakMemory().gpu_megabytes() is None


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux sets its high-water mark back")
def test_peak_memory_is_counted_anew_for_each_trial(machine) -> None:
    machine()
    first = runtime.PeakMemory()
    block = bytearray(b"\1" * 60_000_000)
    with_block = first.megabytes()
    del block
    second = runtime.PeakMemory()
    assert second.megabytes() < with_block - 50
    assert with_block > 60


def test_versions_are_found_without_importing_what_they_are_of() -> None:
    code = (
        "import sys; from benchmark.runtime import gather_versions; versions = gather_versions();"
        "print(sorted(versions), sorted({'tensorflow', 'keras', 'mlflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'python'" in done.stdout
    assert "'tensorflow'" in done.stdout
    assert done.stdout.strip().endswith("[]")


def test_git_state_tells_commit_and_changes(tmp_path: Path) -> None:
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


def test_git_state_is_unknown_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert runtime.git_state(tmp_path) == (None, None)


def test_the_cpu_has_a_name() -> None:
    assert runtime.cpu_model()
