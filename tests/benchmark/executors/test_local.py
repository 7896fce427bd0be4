import os
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.events import StepsDone, TrialFailed, TrialStarted, WorkerReady
from benchmark.executors.local import LocalExecutor
from tests.support import fake_worker
from tests.support.fake_worker import CRASHES, EXITS, FAILS, HANGS, IS_KILLED


def _trials(*seeds):
    return BenchmarkConfig.from_options(architectures=("lstm",), seeds=seeds).trials()


@pytest.fixture
def executor():
    with LocalExecutor("cpu", serve=fake_worker.serve) as running:
        yield running


def _events(executor, tmp_path, *seeds):
    return list(executor.run(_trials(*seeds), Path("corpus"), tmp_path))


def test_events_come_in_the_order_in_which_things_happen(executor, tmp_path):
    events = _events(executor, tmp_path, FAILS)
    assert [type(event) for event in events] == [WorkerReady, TrialStarted, StepsDone, TrialFailed]


def test_one_worker_serves_trial_after_trial(executor, tmp_path):
    trials = _trials(FAILS, 10, 11)
    events = list(executor.run(trials, Path("corpus"), tmp_path))
    assert sum(isinstance(event, WorkerReady) for event in events) == 1
    assert [event.trial for event in events if isinstance(event, TrialFailed)] == trials


@pytest.mark.parametrize(
    ("seed", "reason"), [(IS_KILLED, "killed by SIGKILL"), (CRASHES, "killed by SIGSEGV"), (EXITS, "exit code 3")]
)
def test_a_worker_that_dies_fails_its_trial_and_a_new_one_takes_the_next(executor, tmp_path, seed, reason):
    events = _events(executor, tmp_path, seed, FAILS)
    failed = [event for event in events if isinstance(event, TrialFailed)]
    assert reason in failed[0].reason
    assert failed[1].reason == "it failed"
    first, second = (event.environment.device_name for event in events if isinstance(event, WorkerReady))
    assert first != second


def test_the_last_words_of_a_dead_worker_are_kept(executor, tmp_path):
    failed = _events(executor, tmp_path, EXITS)[-1]
    assert failed.traceback == "last words"


def test_a_trial_over_its_time_is_stopped_and_the_next_one_runs(tmp_path):
    with LocalExecutor("cpu", max_minutes_per_trial=0.5 / 60, serve=fake_worker.serve) as executor:
        failed = [event for event in _events(executor, tmp_path, HANGS, FAILS) if isinstance(event, TrialFailed)]
    assert "--max-minutes-per-trial" in failed[0].reason
    assert failed[1].reason == "it failed"


def test_a_stopped_executor_leaves_no_process_behind(executor, tmp_path):
    events = executor.run(_trials(HANGS), Path("corpus"), tmp_path)
    ready = next(events)
    next(events)
    next(events)
    executor.stop()
    pid = int(ready.environment.device_name.removeprefix("process "))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_that_cannot_serve_the_device_refuses_before_any_trial():
    with LocalExecutor("gpu", serve=fake_worker.refuse) as executor, pytest.raises(UserError, match="--device gpu"):
        executor.environment()


def test_a_worker_that_dies_at_its_start_is_told_with_what_it_printed():
    with (
        LocalExecutor("cpu", serve=fake_worker.die_at_start) as executor,
        pytest.raises(UserError, match="no such library"),
    ):
        executor.environment()
