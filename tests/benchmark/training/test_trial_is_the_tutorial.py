"""A trial ends with the weights of the tutorial's plain Keras script, bit for bit, however many train at once."""

import json
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
from tests.support.tiny_corpus import MAX_LENGTH, write_tiny_corpus

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "scripts" / "plain_script.py"
ARCHITECTURES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
SEED = 7
EPOCHS = 2
VOCABULARY_SIZE = 5000  # the script's

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture(scope="module")
def arrays(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arrays")
    encoded = open_corpus(corpus).encode(VOCABULARY_SIZE, MAX_LENGTH)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.save(folder / f"{name}.npy", getattr(encoded, name))
    return folder


def of_script(architecture: str, arrays: Path, threads: int) -> str:
    command = [sys.executable, str(SCRIPT), str(arrays), architecture, str(SEED), str(EPOCHS), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["weights_sha256"]


def of_workers(workers: int, threads: int, architectures: tuple[str, ...], corpus: Path, pending: Path):
    """Train, and return the SHA-256 of the weights by architecture."""
    weights = {}
    config = BenchmarkConfig(architectures=architectures, device="cpu", threads_per_worker=threads, workers=workers)
    with LocalExecutor(config) as executor:
        environment = executor.environment()
        trials = []
        for name in architectures:
            trials.append(planned(name, corpus, SEED, environment, epochs=EPOCHS, vocabulary_size=VOCABULARY_SIZE))
        for event in executor.run(trials, corpus, pending):
            assert not isinstance(event, TrialFailed), event.traceback
            if isinstance(event, TrialFinished):
                weights[event.trial.architecture] = read_result(event.folder).weights_sha256
    return weights


@pytest.fixture(scope="module")
def one_thread(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return of_workers(1, 1, ARCHITECTURES, corpus, tmp_path_factory.mktemp("one"))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_with_one_thread_a_trial_ends_with_the_weights_of_the_plain_script(name, one_thread, arrays) -> None:
    assert one_thread[name] == of_script(name, arrays, threads=1)


def test_with_two_threads_too(corpus: Path, arrays: Path, tmp_path: Path) -> None:
    weights = of_workers(1, 2, ("cnn_lstm",), corpus, tmp_path)
    assert weights["cnn_lstm"] == of_script("cnn_lstm", arrays, threads=2)


def test_the_same_seed_gives_the_same_weights_side_by_side(one_thread, corpus: Path, tmp_path: Path) -> None:
    side_by_side = of_workers(2, 1, ("cnn_lstm", "lstm_dropout"), corpus, tmp_path)
    for name, weights in side_by_side.items():
        assert weights == one_thread[name]
    assert len(side_by_side) == 2


def test_tensorboard_does_not_change_the_weights(one_thread) -> None:
    assert one_thread["cnn_lstm"] == one_thread["cnn_lstm_tensorboard"]


def test_different_architectures_end_with_different_weights(one_thread) -> None:
    assert len(set(one_thread.values())) == 3
