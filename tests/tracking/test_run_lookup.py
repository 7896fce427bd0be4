"""Which stored run is meant: by id, by its first digits, as the newest, or as the one before."""

from collections.abc import Callable

import pytest

from benchmark.errors import UserError
from benchmark.events import TrialStarted
from tests.support.outcomes import small_config
from tracking.records import read_benchmark
from tracking.run_lookup import find_benchmark, find_run, previous_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import Store, connect, experiment_named

OpenTracker = Callable[..., BenchmarkTracker]


def test_latest_is_the_newest_benchmark_of_the_named_experiment(store: Store, open_tracker: OpenTracker) -> None:
    open_tracker(small_config()).finish("finished")
    newest = open_tracker(small_config())
    assert find_benchmark(store.client, store.experiment_id) == newest.run_id


def test_latest_is_the_newest_of_all_experiments_where_none_is_named(store: Store, open_tracker: OpenTracker) -> None:
    open_tracker(small_config()).finish("finished")
    other = store.client.create_experiment("other")
    newest = store.client.create_run(other, tags={"benchmark.kind": "benchmark"}).info.run_id
    assert find_benchmark(store.client, None) == newest


def test_an_experiment_without_a_benchmark_is_not_left_for_another(store: Store, open_tracker: OpenTracker) -> None:
    open_tracker(small_config())
    other = store.client.create_experiment("other")
    with pytest.raises(UserError, match="there is no benchmark in the experiment 'other'"):
        find_benchmark(store.client, other)


def test_without_any_benchmark_it_says_where_it_looked(store: Store) -> None:
    with pytest.raises(UserError, match=f"there is no benchmark in {store.tracking_uri}"):
        find_benchmark(store.client, None)


def test_the_first_digits_of_an_id_are_enough(store: Store, open_tracker: OpenTracker) -> None:
    run_id = open_tracker(small_config()).run_id
    assert find_benchmark(store.client, None, run_id[:8]) == run_id
    assert read_benchmark(store.client, run_id[:8]).run_id == run_id


def test_digits_that_two_runs_begin_with_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [store.client.create_run(store.experiment_id) for _ in range(2)]
    monkeypatch.setattr(store.client, "search_runs", lambda *given, **options: runs)
    with pytest.raises(UserError, match=r"more than one run in .* begins with '00ff'; give more of its id"):
        find_run(store.client, "00ff", "a run's id")


@pytest.mark.parametrize("which", ["nonsense", "abc", "%", "0123456789abcdef0123456789abcdef"])
def test_a_run_that_is_not_there_is_refused(store: Store, open_tracker: OpenTracker, which: str) -> None:
    open_tracker(small_config())
    with pytest.raises(UserError, match=f"there is no run {which!r} in .*; give a benchmark run's id, or latest"):
        read_benchmark(store.client, which)


def test_a_run_that_is_no_benchmark_is_refused(store: Store, open_tracker: OpenTracker) -> None:
    tracker = open_tracker(small_config())
    tracker.handle(TrialStarted(small_config().trials()[0]))
    (trial_run,) = store.client.search_runs([store.experiment_id], "tags.`benchmark.kind` = 'trial'")
    with pytest.raises(UserError, match=f"is not a benchmark run; it is a trial of the benchmark {tracker.run_id}"):
        find_benchmark(store.client, store.experiment_id, trial_run.info.run_id)


def test_the_previous_benchmark_is_the_one_started_before(store: Store, open_tracker: OpenTracker) -> None:
    first = open_tracker(small_config())
    first.finish("finished")
    later = open_tracker(small_config())
    assert previous_benchmark(store.client, later.run_id) == first.run_id
    with pytest.raises(UserError, match="there is no benchmark before"):
        previous_benchmark(store.client, first.run_id)


def test_an_experiment_is_named_by_the_option_or_the_environment_else_all_are_meant(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(store.tracking_uri)
    other = client.create_experiment("other")
    assert experiment_named(client) is None
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "other")
    assert experiment_named(client) == other
    assert experiment_named(client, store.experiment_name) == store.experiment_id


def test_mlflow_run_names_an_experiment_unless_it_took_its_default(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(store.tracking_uri)
    other = client.create_experiment("of mlflow run")
    monkeypatch.setenv("MLFLOW_RUN_ID", client.create_run(other).info.run_id)
    assert experiment_named(client) == other
    monkeypatch.setenv("MLFLOW_RUN_ID", client.create_run("0").info.run_id)
    assert experiment_named(client) is None


def test_an_experiment_that_is_not_there_is_refused_and_not_made(store: Store) -> None:
    client = connect(store.tracking_uri)
    client.delete_experiment(client.create_experiment("deleted"))
    for name in ("not there", "deleted"):
        with pytest.raises(UserError, match=f"--experiment-name: there is no '{name}' in .*possible are 'Default'"):
            experiment_named(client, name)
    assert client.get_experiment_by_name("not there") is None
