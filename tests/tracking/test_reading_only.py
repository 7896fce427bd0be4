"""Where a command only reads, it finds the experiment that a benchmark would use, and makes none."""

from collections.abc import Callable

import pytest

from benchmark.config import BenchmarkConfig
from tracking.records import find_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import DEFAULT_EXPERIMENT, Store, connect, experiment_to_read


def test_the_experiment_is_the_one_that_a_benchmark_would_use(store: Store) -> None:
    client = connect(store.tracking_uri)
    assert experiment_to_read(client, store.experiment_name) == store.experiment_id


def test_an_experiment_that_is_not_there_is_not_made(store: Store) -> None:
    client = connect(store.tracking_uri)
    assert experiment_to_read(client, "not there") is None
    assert client.get_experiment_by_name("not there") is None


def test_without_a_name_it_is_the_one_of_the_environment_or_the_default(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(store.tracking_uri)
    other = client.create_experiment("of the environment")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "of the environment")
    assert experiment_to_read(client) == other
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    default = client.get_experiment_by_name(DEFAULT_EXPERIMENT)
    assert experiment_to_read(client) == (default and default.experiment_id)


def test_a_deleted_experiment_is_not_read(store: Store) -> None:
    client = connect(store.tracking_uri)
    client.delete_experiment(client.create_experiment("deleted"))
    assert experiment_to_read(client, "deleted") is None


def test_the_experiment_of_a_run_that_mlflow_run_started_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect(store.tracking_uri)
    other = client.create_experiment("of mlflow run")
    monkeypatch.setenv("MLFLOW_RUN_ID", client.create_run(other).info.run_id)
    assert experiment_to_read(client, store.experiment_name) == other


def test_the_newest_benchmark_is_found_where_the_experiment_is_not_there(
    store: Store, open_tracker: Callable[..., BenchmarkTracker]
) -> None:
    tracker = open_tracker(BenchmarkConfig(architectures=("lstm",), seeds=(7,)))
    assert find_benchmark(connect(store.tracking_uri), None, "latest") == tracker.run_id
