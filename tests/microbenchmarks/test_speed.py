"""The parts whose speed a user notices: CONTRIBUTING.md has the commands that measure and compare them."""

import resource

import numpy as np
import pytest

from benchmark.commands.list import list_benchmarks
from benchmark.commands.publish import write_report
from benchmark.corpus.load import load_corpus
from tests.support.records import corpus_facts, planned_trial, tiny_record, trial_config
from tests.tracking.conftest import begin_benchmark, store_benchmark, train_trial
from tests.tracking.conftest import vocabulary_file as vocabulary_file  # a fixture
from tracking.past import take_stored, typical_seconds
from tracking.reader import benchmark_runs, child_runs, read_plan, read_trial_run
from tracking.store import open_store


def processor_seconds() -> float:
    """Return those of this process and its ended children: other programs disturb them little."""
    seconds = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        seconds += usage.ru_utime + usage.ru_stime
    return seconds


pytestmark = pytest.mark.benchmark(timer=processor_seconds, min_rounds=9, max_time=0.3, disable_gc=True)


@pytest.fixture(scope="module")
def measured(pytestconfig: pytest.Config) -> bool:
    """Whether times are measured: full size then; otherwise just enough to see that it runs."""
    return bool(pytestconfig.getoption("benchmark_enable"))


@pytest.fixture(scope="module")
def corpus():
    return load_corpus("synthetic")


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


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    return open_store(f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db", "test", create=True)


@pytest.fixture(scope="module")
def store(empty_store, measured, vocabulary_file):
    """A store with five benchmarks, and then one of all test reviews."""
    trials = [trial_config("cnn_lstm", seed) for seed in range(4 if measured else 1)]
    for _ in range(5):
        store_benchmark(empty_store, vocabulary_file, trials)
    reviews = 25_000 if measured else 50
    whole = [trial_config("cnn_lstm", seed, max_reviews=reviews) for seed in (100, 101)]
    store_benchmark(empty_store, vocabulary_file, whole, corpus=corpus_facts(test_reviews=reviews))
    return empty_store


def test_read_a_trial(benchmark, store):
    newest = benchmark_runs(store)[0].info.run_id
    plan, runs = read_plan(store, newest), child_runs(store, newest)
    configs = {trial.config.name: trial.config for trial in plan.planned}
    read = benchmark(lambda: [read_trial_run(store, configs[run.info.run_name], run, plan.corpus) for run in runs])
    assert read[0].result


def test_list(benchmark, store):
    assert benchmark(lambda: [*list_benchmarks(store)])


def test_plan(benchmark, store):
    plan = read_plan(store, benchmark_runs(store)[1].info.run_id)
    planned = tuple(planned_trial(trial_config("cnn_lstm", seed)) for seed in range(200, 208))
    plan = plan.model_copy(update={"planned": planned})
    assert benchmark(lambda: (take_stored(store, plan), typical_seconds(store, plan)))[1]


def test_store_a_tiny_trial(benchmark, empty_store, vocabulary_file):
    trials = [trial_config("cnn_lstm", seed, max_reviews=50) for seed in range(300, 311)]
    with begin_benchmark(empty_store, vocabulary_file, trials, corpus=corpus_facts(test_reviews=50)) as session:
        left = iter(trials)

        def train():
            return (train_trial(session, next(left), corpus=corpus_facts(test_reviews=50)),), {}

        benchmark.pedantic(session.store_trial, setup=train, rounds=9, warmup_rounds=1)
        assert child_runs(empty_store, session.run_id)
        session.finish("FINISHED")


def test_report(benchmark, measured, tmp_path):
    """Nearly all that a `run` does that trains nothing."""
    record = tiny_record(reviews=5_000 if measured else 50)
    assert benchmark.pedantic(write_report, (record, {}, tmp_path), rounds=7, warmup_rounds=1).rows
