"""The parts whose speed a user notices: CONTRIBUTING.md has the commands that measure and compare them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.corpus.load import load_corpus

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measured(pytestconfig: pytest.Config) -> bool:
    """Whether times are measured: full size then; otherwise just enough to see that it runs."""
    return bool(pytestconfig.getoption("benchmark_enable"))


@pytest.fixture(scope="module")
def corpus():
    return load_corpus("synthetic")


@pytest.fixture(scope="module")
def texts(corpus, measured) -> list[str]:
    return list(corpus.test.raw_texts().values())[: 1000 if measured else 5]


def test_encode_a_text(benchmark, corpus, texts):
    ids = benchmark(corpus.vocabulary.encode, texts, 5000, 500)
    assert np.array_equal(ids, corpus.encode(5000, 500).x_test[: len(texts)])


def test_encode_the_corpus(benchmark, corpus):
    assert benchmark(corpus.encode, 5000, 500).x_train.shape[1] == 500


@pytest.fixture(scope="module")
def network_and_ids(corpus, measured):
    import keras

    from models.registry import lookup

    keras.utils.set_random_seed(0)
    length = 500 if measured else 20
    return lookup("cnn_lstm").build(5000, length), corpus.encode(5000, length).x_test[: 512 if measured else 4]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["fast_predictor", "model.predict"])
def test_predict(benchmark, network_and_ids, way):
    from models.fast_predict import fast_predictor

    network, ids = network_and_ids
    predict = fast_predictor(network) if way == "fast_predictor" else lambda ids: network.predict(ids, verbose=0)[:, 0]
    expected = predict(ids)  # traces the graph
    assert np.allclose(benchmark(predict, ids), expected)


def test_summarize(benchmark, measured):
    from benchmark.report.summarize import summarize
    from tests.support.records import tiny_record

    record = tiny_record(reviews=25_000 if measured else 50)
    assert benchmark(summarize, record).rows


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]], ids=["help", "run_help"])
def test_start_of_the_command_line(benchmark, words):
    command = [sys.executable, "-m", "benchmark", *words]
    assert benchmark(subprocess.run, command, cwd=ROOT, capture_output=True).returncode == 0
