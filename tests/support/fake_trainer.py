"""A trainer without TensorFlow for the tests of executors on many machines: the seed says what becomes of the trial."""

import os
import signal
import tempfile
import time
from pathlib import Path

from benchmark.config import Device, TrialConfig
from benchmark.corpus import EncodedCorpus
from benchmark.events import EpochFinished, StepsDone
from benchmark.executors.ray_worker import Trainer
from benchmark.results import Environment, TrialOutcome
from benchmark.runtime import gather_versions
from tests.support.outcomes import write_outcome
from tests.support.records import make_environment

FAILS, IS_KILLED, TAKES_TOO_LONG, WRITES_TO_ITS_CORPUS, WAITS = range(5)
FIRST_GOOD_SEED = 100

GO_VARIABLE = "FAKE_TRAINER_GO"  # a file that a waiting trial waits for
KERAS_VARIABLE = "FAKE_TRAINER_KERAS"  # the version of Keras that a node claims to have


def prepare(device: Device) -> Environment:
    with tempfile.TemporaryDirectory() as folder:  # so that a trial takes milliseconds, whatever this imports
        write_outcome(Path(folder) / "files", TrialConfig(architecture="cnn_lstm", seed=0))
    versions = gather_versions()
    versions["keras"] = os.environ.get(KERAS_VARIABLE, versions["keras"])
    return make_environment(threads=int(os.environ["TF_NUM_INTRAOP_THREADS"]), versions=versions)


def run_trial(config: TrialConfig, encoded: EncodedCorpus, directory: Path, on_event) -> TrialOutcome:
    on_event(StepsDone(config, 1, 1, 2))
    match config.seed:
        case seed if seed == FAILS:
            raise ValueError("it failed")
        case seed if seed == IS_KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        case seed if seed == TAKES_TOO_LONG:
            time.sleep(600)
        case seed if seed == WRITES_TO_ITS_CORPUS:
            encoded.x_train[0, 0] = 1
    outcome = write_outcome(directory / "files", config)
    for path in outcome.directory.iterdir():
        path.rename(directory / path.name)
    for epoch in outcome.result.epochs:
        on_event(EpochFinished(config, epoch))
        while config.seed == WAITS and not Path(os.environ[GO_VARIABLE]).exists():
            time.sleep(0.1)
            on_event(StepsDone(config, epoch.epoch + 1, 1, 2))
    return TrialOutcome(outcome.result, directory)


FAKE = Trainer(prepare, run_trial)
