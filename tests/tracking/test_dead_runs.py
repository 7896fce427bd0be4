"""Runs whose process is gone are told and ended; nobody else's are touched."""

import socket
from collections.abc import Callable

import pytest

from benchmark.errors import UserError
from benchmark.events import TrialStarted
from tests.support.outcomes import small_config
from tracking.benchmark_run import PROCESS_TAG
from tracking.dead_runs import bury, dead_runs
from tracking.runs import BenchmarkTracker
from tracking.store import Store
from tracking.unfinished import unfinished_like

OpenTracker = Callable[..., BenchmarkTracker]

GONE = f"{socket.gethostname()}/999999999/1.0"
ELSEWHERE = "elsewhere/1/1.0"


@pytest.fixture
def benchmark_of(store: Store, open_tracker: OpenTracker) -> Callable[[str | None], BenchmarkTracker]:
    """A benchmark in the middle of its trial, at which a certain process works."""

    def begin(process: str | None) -> BenchmarkTracker:
        tracker = open_tracker(small_config())
        tracker.handle(TrialStarted(small_config().trials()[0]))
        if process is not None:
            store.client.set_tag(tracker.run_id, PROCESS_TAG, process)
        return tracker

    return begin


def statuses(store: Store) -> dict[str, str]:
    return {run.info.run_name: run.info.status for run in store.client.search_runs([store.experiment_id])}


def dead(store: Store, *lost_hosts: str) -> list[str]:
    return sorted(run.info.run_name for run in dead_runs(store.client, [store.experiment_id], lost_hosts))


def test_a_benchmark_whose_process_is_gone_is_dead_with_its_trial(store: Store, benchmark_of) -> None:
    benchmark_of(GONE)
    assert dead(store) == ["cnn_lstm seed 7", "cnn_lstm, seed 7"]


def test_the_dead_are_ended_as_killed(store: Store, benchmark_of) -> None:
    benchmark_of(GONE)
    for run in dead_runs(store.client, [store.experiment_id]):
        bury(store.client, run)
    assert statuses(store) == {"cnn_lstm, seed 7": "KILLED", "cnn_lstm seed 7": "KILLED"}


@pytest.mark.parametrize("process", [None, ELSEWHERE, "nonsense"])
def test_a_benchmark_that_lives_or_may_live_is_let_alone(store: Store, benchmark_of, process: str | None) -> None:
    benchmark_of(process)
    assert dead(store) == []


def test_a_machine_that_is_gone_for_good_takes_its_processes_along(store: Store, benchmark_of) -> None:
    benchmark_of(ELSEWHERE)
    assert len(dead(store, "elsewhere")) == 2
    assert dead(store, "another") == []


def test_a_run_that_was_resumed_in_the_meantime_is_not_ended(store: Store, benchmark_of, open_tracker) -> None:
    tracker = benchmark_of(GONE)
    runs = dead_runs(store.client, [store.experiment_id])
    open_tracker(small_config(), resume_run_id=tracker.run_id)
    for run in runs:
        bury(store.client, run)
    assert store.client.get_run(tracker.run_id).info.status == "RUNNING"


def test_runs_of_others_are_none_of_our_business(store: Store) -> None:
    store.client.create_run(store.experiment_id, run_name="somebody's")
    assert dead(store) == []


def test_a_benchmark_that_was_killed_before_it_was_described_is_dead_and_no_benchmark(
    store: Store, open_tracker: OpenTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("tracking.benchmark_run.this_process", lambda: GONE)
    monkeypatch.setattr("tracking.benchmark_run._describe", killed)
    monkeypatch.setattr(type(store.client), "set_terminated", killed)  # nothing is left of it to do that
    with pytest.raises(SystemExit):
        open_tracker(small_config())
    assert dead(store) == ["cnn_lstm, seed 7"]
    assert unfinished_like(store.client, store.experiment_id, small_config()) is None


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "KILLED"), (RuntimeError, "FAILED")])
def test_a_benchmark_that_is_interrupted_before_its_first_trial_has_ended(
    store: Store, open_tracker: OpenTracker, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], status: str
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr("tracking.benchmark_run._describe", interrupted)
    with pytest.raises(error):
        open_tracker(small_config())
    assert statuses(store) == {"cnn_lstm, seed 7": status}


def test_a_benchmark_on_another_machine_is_resumed_only_when_that_is_gone(
    store: Store, benchmark_of, open_tracker
) -> None:
    tracker = benchmark_of(ELSEWHERE)
    with pytest.raises(UserError, match=r"runs on another machine, elsewhere, .*--lost-host elsewhere"):
        open_tracker(small_config(), resume_run_id=tracker.run_id)
    for run in dead_runs(store.client, [store.experiment_id], ["elsewhere"]):
        bury(store.client, run, ["elsewhere"])
    assert open_tracker(small_config(), resume_run_id=tracker.run_id).run_id == tracker.run_id


@pytest.mark.parametrize("status", ["killed", "failed"])
def test_the_same_benchmark_is_offered_where_it_did_not_finish(
    store: Store, open_tracker: OpenTracker, status: str
) -> None:
    tracker = open_tracker(small_config())
    tracker.finish(status)
    assert unfinished_like(store.client, store.experiment_id, small_config()) == tracker.run_id
    assert unfinished_like(store.client, store.experiment_id, small_config(seeds=(8,))) is None


def test_it_is_offered_where_its_process_is_gone_and_not_where_it_works(store: Store, benchmark_of) -> None:
    tracker = benchmark_of(None)
    assert unfinished_like(store.client, store.experiment_id, small_config()) is None
    store.client.set_tag(tracker.run_id, PROCESS_TAG, GONE)
    assert unfinished_like(store.client, store.experiment_id, small_config()) == tracker.run_id


def test_it_is_not_offered_where_it_has_finished_since(store: Store, open_tracker: OpenTracker) -> None:
    open_tracker(small_config()).finish("killed")
    open_tracker(small_config()).finish("finished")
    assert unfinished_like(store.client, store.experiment_id, small_config()) is None
