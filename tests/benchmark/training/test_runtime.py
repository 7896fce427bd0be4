"""TensorFlow in a process: device, determinism, threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.training.environment import NUMERIC, nvidia_gpu_present
from benchmark.training.runtime import find_environment

PROJECT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_prepared_process_is_deterministic_and_ignores_the_users_keras_settings(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(
        '{"floatx": "float64", "epsilon": 0.1, "backend": "jax", "image_data_format": "channels_first", '
        '"max_epochs": 1}'
    )
    code = """
from benchmark.training.network import seed_network
from benchmark.training.runtime import prepare_runtime
environment = prepare_runtime("cpu", 3)
assert prepare_runtime("cpu", 3) is environment
import os, sys
assert not {"matplotlib", "pandas", "sklearn"} & set(sys.modules)
import keras, sklearn, tensorflow as tf
from tensorflow.python.framework import config
assert config.is_op_determinism_enabled()
keras.config.set_dtype_policy("float64")
seed_network(0)
print(keras.backend.backend(), keras.config.floatx(), keras.config.dtype_policy().name, keras.config.epsilon(),
      keras.config.image_data_format(), keras.config.max_epochs(), environment.device_kind, environment.threads,
      os.environ["TF_NUM_INTRAOP_THREADS"], os.environ["TF_NUM_INTEROP_THREADS"],
      environment.numeric_variables, tf.config.get_visible_devices("GPU"))
"""
    own = {name: value for name, value in os.environ.items() if not NUMERIC.match(name)}
    environment = own | {
        "KERAS_HOME": str(tmp_path),
        "KERAS_BACKEND": "jax",
        "TF_NUM_INTRAOP_THREADS": "2",
        "TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL": "0",
        "XLA_FLAGS": "",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "tensorflow float32 float32 1e-07 channels_last None cpu 3 3 3 "
        "{'TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL': '0'} []"
    )


@pytest.mark.slow
@pytest.mark.skipif(nvidia_gpu_present(), reason="this machine has a GPU")
@pytest.mark.parametrize("is_plan", [True, False])
def test_tensorflow_without_a_gpu_is_refused_where_one_is_asked_for(is_plan: bool) -> None:
    with pytest.raises(UserError, match=r"^--device: gpu is not possible: .* shows no NVIDIA GPU; use cpu or auto$"):
        find_environment(True, "gpu", 1, is_plan)
