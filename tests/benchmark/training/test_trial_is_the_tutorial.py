"""A trial ends with the weights of the tutorial's plain Keras script, bit for bit, however many train at once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.executors import LocalExecutor
from benchmark.results import TrialFailed, TrialFinished
from benchmark.trial_folder import read_result
from tests.support.planned import planned
from tests.support.tiny_corpus import MAX_LENGTH

PROJECT = Path(__file__).resolve().parents[3]
ARCHITECTURES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
SEED = 7
EPOCHS = 2
VOCABULARY_SIZE = 5000  # the script's

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def arrays(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arrays")
    encoded = open_corpus(corpus).encode(VOCABULARY_SIZE, MAX_LENGTH)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.save(folder / f"{name}.npy", getattr(encoded, name))
    return folder


@pytest.fixture(scope="module")
def weights(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The SHA-256 of each architecture's weights, trained two at a time."""
    weights = {}
    config = BenchmarkConfig(architectures=ARCHITECTURES, device="cpu", threads_per_worker=1, workers=2)
    with LocalExecutor(config) as executor:
        environment = executor.environment(executor.describe(ARCHITECTURES))
        trials = []
        for name in ARCHITECTURES:
            trials.append(planned(name, corpus, SEED, environment, epochs=EPOCHS, vocabulary_size=VOCABULARY_SIZE))
        for event in executor.run(trials, corpus, tmp_path_factory.mktemp("pending")):
            assert not isinstance(event, TrialFailed), event.traceback
            if isinstance(event, TrialFinished):
                weights[event.trial.architecture] = read_result(event.folder).weights_sha256
    return weights


TRAIN_EACH = """
import sys
from plain_script import train
folder, seed, epochs, *names = sys.argv[1:]
for name in names:
    print(train(folder, name, int(seed), int(epochs))[1])
"""


def test_a_trial_ends_with_the_weights_of_the_plain_script(weights: dict[str, str], arrays: Path) -> None:
    names = ("lstm", "lstm_dropout", "cnn_lstm")
    command = [sys.executable, "-c", TRAIN_EACH, str(arrays), str(SEED), str(EPOCHS), *names]
    done = subprocess.run(command, cwd=PROJECT / "scripts", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [weights[name] for name in names]


def test_tensorboard_does_not_change_the_weights(weights: dict[str, str]) -> None:
    assert weights["cnn_lstm"] == weights["cnn_lstm_tensorboard"]
