"""A trial ends with the weights of the tutorial's plain script, bit for bit, whatever ran before it in its worker.

Every script is a process of its own. `tests/support/tutorial_script.py` has the tutorial's lines and nothing else.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.registry import architecture_names
from tests.support.tiny_corpus import tiny_corpus

PROJECT = Path(__file__).resolve().parents[2]
SUPPORT = PROJECT / "tests" / "support"
ARCHITECTURES = architecture_names("tutorial")
MODES = ("fit", "validate")
SEED = 7

pytestmark = pytest.mark.slow


def printed_by(script: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(SUPPORT / script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """SHA-256 of the weights by (architecture, who trained it)."""
    directory = tmp_path_factory.mktemp("trials")
    corpus = tiny_corpus()
    halves = {name: getattr(corpus, name) for name in ("x_train", "y_train", "x_test", "y_test")}
    np.savez(directory / "arrays.npz", **halves)
    orders = {"worker": ARCHITECTURES, "worker in another order": ARCHITECTURES[::-1]}
    found = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scripts = {
            (name, mode): pool.submit(printed_by, "tutorial_script.py", name, SEED, directory / "arrays.npz", mode)
            for name in ARCHITECTURES
            for mode in MODES
        }
        workers = {
            who: pool.submit(printed_by, "run_trials.py", SEED, tmp_path_factory.mktemp("worker"), *order)
            for who, order in orders.items()
        }
        for key, script in scripts.items():
            found[key] = script.result().strip()
        for who, worker in workers.items():
            for line in worker.result().splitlines():
                name, sha256 = line.split()
                found[name, who] = sha256
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_trial_ends_with_the_weights_of_the_plain_script(
    name: str, mode: str, weights: dict[tuple[str, str], str]
) -> None:
    assert weights[name, "worker"] == weights[name, mode]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_same_seed_gives_the_same_weights_in_two_processes_whatever_ran_before(
    name: str, weights: dict[tuple[str, str], str]
) -> None:
    assert weights[name, "worker"] == weights[name, "worker in another order"]


def test_tensorboard_leaves_the_weights_alone(weights: dict[tuple[str, str], str]) -> None:
    assert weights["cnn_lstm", "worker"] == weights["cnn_lstm_tensorboard", "worker"]


def test_different_architectures_end_with_different_weights(weights: dict[tuple[str, str], str]) -> None:
    assert len({weights[name, "worker"] for name in ARCHITECTURES}) == 3
