"""A trial ends with the weights of the tutorial's plain script, bit for bit, whatever ran before it in its worker.

Each script is a process of its own; `tests/support/tutorial_script.py` has the tutorial's lines and nothing else.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.executors import LocalExecutor
from benchmark.results import TrialFailed, TrialFinished
from benchmark.trial_folder import read_result
from tests.support.planned import planned
from tests.support.tiny_corpus import MAX_LENGTH, VOCABULARY_SIZE, write_tiny_corpus

SCRIPT = Path(__file__).resolve().parents[2] / "support" / "tutorial_script.py"
ARCHITECTURES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
SEED = 7
THREADS = 2

pytestmark = pytest.mark.slow


def of_script(architecture: str, arrays: Path) -> str:
    threads = {"TF_NUM_INTRAOP_THREADS": str(THREADS), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(SCRIPT), architecture, str(SEED), str(arrays)]
    done = subprocess.run(command, env={**os.environ, **threads}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def of_workers(workers: int, architectures: tuple[str, ...], corpus: Path, pending: Path) -> dict[str, str]:
    found = {}
    config = BenchmarkConfig(architectures=architectures, device="cpu", threads_per_worker=THREADS, workers=workers)
    with LocalExecutor(config) as executor:
        trials = [planned(name, corpus, SEED, executor.environment()) for name in architectures]
        for event in executor.run(trials, corpus, pending):
            assert not isinstance(event, TrialFailed), event.traceback
            if isinstance(event, TrialFinished):
                found[event.trial.architecture] = read_result(event.folder).weights_sha256
    return found


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """SHA-256 of the weights, by who trained and by architecture."""
    folder = tmp_path_factory.mktemp("trials")
    corpus = write_tiny_corpus(folder / "corpus")
    encoded = open_corpus(corpus).encode(VOCABULARY_SIZE, MAX_LENGTH)
    np.savez(folder / "arrays.npz", x_train=encoded.x_train, y_train=encoded.y_train)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scripts = pool.map(lambda name: of_script(name, folder / "arrays.npz"), ARCHITECTURES)
        plain = dict(zip(ARCHITECTURES, scripts, strict=True))
    return {
        "plain script": plain,
        "one worker": of_workers(1, ARCHITECTURES, corpus, folder / "one"),
        "two workers": of_workers(2, ARCHITECTURES[::-1], corpus, folder / "two"),
    }


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_trial_ends_with_the_weights_of_the_plain_script(name: str, weights: dict[str, dict[str, str]]) -> None:
    assert weights["one worker"][name] == weights["plain script"][name]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_same_seed_gives_the_same_weights_in_other_processes_and_with_more_workers(
    name: str, weights: dict[str, dict[str, str]]
) -> None:
    assert weights["two workers"][name] == weights["one worker"][name]


def test_tensorboard_does_not_change_the_weights(weights: dict[str, dict[str, str]]) -> None:
    assert weights["one worker"]["cnn_lstm"] == weights["one worker"]["cnn_lstm_tensorboard"]


def test_different_architectures_end_with_different_weights(weights: dict[str, dict[str, str]]) -> None:
    assert len(set(weights["one worker"].values())) == 3
