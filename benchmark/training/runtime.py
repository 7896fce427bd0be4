"""TensorFlow in this process: device, determinism, threads."""

from __future__ import annotations

import functools
import os
import sys

from benchmark.config import Device
from benchmark.results import Environment
from benchmark.training.machine import absent_gpu, describe_gpu, describe_machine

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
        summed by thread, so that the weights depend on it. On a GPU TensorFlow chooses.

    Raises
    ------
    UserError
        If ``gpu`` is asked for and TensorFlow finds none.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the user's own Keras settings say
    absent = [name for name in UNUSED_BY_KERAS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    import keras  # noqa: F401
    import tensorflow as tf

    for name in absent:
        del sys.modules[name]
    gpus = [] if device == "cpu" else tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise absent_gpu()
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    if gpus:
        return describe_gpu(describe_machine(), gpus[0])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return describe_machine().model_copy(update={"threads": threads})
