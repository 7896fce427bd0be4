"""TensorFlow in this process: device, determinism, threads."""

from __future__ import annotations

import functools
import os
import sys

from benchmark.config import Device
from benchmark.results import Environment
from benchmark.training.environment import absent_gpu, describe_environment, nvidia_gpu_present

# Keras imports these where it finds them, for plots and wrappers: a third of its start, and nothing here uses them
UNUSED_BY_KERAS = ("IPython", "matplotlib", "pandas", "sklearn")


@functools.cache
def prepare_runtime(device: Device, threads: int) -> Environment:
    """Choose the device, make operations deterministic, and describe what this process trains networks on.

    Call it before anything else uses TensorFlow in this process; a second call returns the first one's result.

    Parameters
    ----------
    threads : int
        Of a trial on the CPU, inside one operation and for operations side by side. The gradient of a convolution is
        summed by thread, so that the weights depend on it.

    Raises
    ------
    UserError
        If ``gpu`` is asked for and TensorFlow finds none.
    """
    environment = describe_environment().model_copy(update={"threads": threads})
    os.environ.update(worker_variables(threads))
    absent = [name for name in UNUSED_BY_KERAS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    import keras  # noqa: F401
    import tensorflow as tf

    for name in absent:
        del sys.modules[name]
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    gpus = tf.config.get_visible_devices("GPU")
    if device == "gpu" and not gpus:
        raise absent_gpu()
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
        environment = environment.model_copy(update={"device_kind": "gpu", "device_name": name})
    return environment


def find_environment(networks: bool, device: Device, threads: int, is_plan: bool = False) -> Environment:
    """Return what networks, or else baselines, are trained on in this process.

    For a plan of networks TensorFlow is imported only where it may find a GPU.

    Raises
    ------
    UserError
        If the device cannot be had.
    """
    environment = describe_environment()
    if not networks:
        return environment
    may_use_gpu = device == "gpu" or (device == "auto" and nvidia_gpu_present())
    if is_plan and not may_use_gpu:
        return environment.model_copy(update={"threads": threads})
    return prepare_runtime(device, threads)


def worker_variables(threads: int) -> dict[str, str]:
    """Return the environment variables that TensorFlow and Keras read when they start."""
    return {
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "KERAS_BACKEND": "tensorflow",  # whatever the user's own Keras settings say
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
    }
