"""Trials in worker processes: side by side, killed, over their time, and without a trace when they are stopped."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor
from benchmark.results import PlannedTrial, TrialFailed, TrialFinished, TrialStarted
from benchmark.training.environment import nvidia_gpu_present
from benchmark.trial_folder import read_result
from tests.support.planned import planned
from tests.support.running_command import wait_until
from tests.support.tiny_corpus import write_tiny_corpus

NETS = """
import os, signal, sys, time
from pathlib import Path

HERE = Path(__file__).parent

def good():
    from sklearn.dummy import DummyClassifier

    assert "tensorflow" not in sys.modules
    return DummyClassifier(strategy="prior")

def another():
    return good()

def majority_class():
    return good()

def patches():
    from sklearn.dummy import DummyClassifier

    DummyClassifier.fit = None
    return good()

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)

def exits():
    print("last words", flush=True)
    os._exit(3)

def leaves_a_child(then=signal.SIGKILL):
    child = os.fork()
    if not child:
        time.sleep(600)
    (HERE / "pid").write_text(str(child))
    os.kill(os.getpid(), then)
    time.sleep(600)

def hangs_with_a_child():
    leaves_a_child(then=0)

def calls_exit():
    sys.exit("done")

def meet(own, other):
    (HERE / own).touch()
    while not (HERE / other).exists():
        time.sleep(0.02)
    return good()

def first():
    return meet("first", "second")

def second():
    return meet("second", "first")
"""


def executor_for(*architectures: str, **settings: object) -> LocalExecutor:
    return LocalExecutor(BenchmarkConfig(architectures=architectures, **{"device": "cpu", "workers": 1, **settings}))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=50)


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Callable[[Path, str], PlannedTrial]:
    """Plan a trial of a function; what `nets.py` reads is the same wherever it is."""
    path = tmp_path_factory.mktemp("described") / "nets.py"
    path.write_text(NETS)
    with executor_for() as executor:
        (good,) = executor.describe([f"{path}:good"])
    return lambda nets, name: planned(replace(good, name=name, spec=f"{nets}:{name}"), corpus, None)


@pytest.fixture
def run(corpus: Path, nets: Path, trial, tmp_path: Path):
    """Run trials of these functions; the result is the last event of each, by function."""

    def run(*functions: str, **settings: object):
        ends = {}
        trials = [trial(nets, name) for name in functions]
        with executor_for(**settings) as executor:
            for event in executor.run(trials, corpus, tmp_path / "pending"):
                if isinstance(event, TrialFinished | TrialFailed):
                    assert event.trial.architecture not in ends
                    ends[event.trial.architecture] = event
        assert set(ends) == set(functions)
        return ends

    return run


def wait_for_the_end(pid: int) -> None:
    def has_ended() -> bool:
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # in a container nothing may collect it
        return True

    wait_until(has_ended, lambda: f"{pid} lives on")


KILLED = "the worker process was killed by SIGKILL (often the system, short of memory)"
DEATHS = {
    "killed": (KILLED, ""),
    "leaves_a_child": (KILLED, ""),
    "crashes": ("the worker process was killed by SIGSEGV", ""),
    "exits": ("the worker process ended with exit code 3", "last words"),
    "calls_exit": ("SystemExit: done", 'sys.exit("done")'),
}


def test_a_worker_that_dies_fails_its_trial_and_the_next_one_finds_nothing_of_it(run, nets, tmp_path: Path) -> None:
    left = tmp_path / "pending" / "good" / "left.txt"  # by an attempt that was killed with its parent
    left.parent.mkdir(parents=True)
    left.touch()
    ends = run(*DEATHS, "good")
    for name, (reason, printed) in DEATHS.items():
        assert ends[name].reason == reason
        assert printed in ends[name].traceback
    assert isinstance(ends["good"], TrialFinished), ends["good"].traceback
    assert [path.name for path in (tmp_path / "pending").iterdir()] == ["good"]
    assert not left.exists()
    wait_for_the_end(int((nets.parent / "pid").read_text()))


def test_a_trial_over_its_time_is_stopped_with_its_children(run, nets) -> None:
    ends = run("hangs_with_a_child", max_minutes_per_trial=0.25)
    assert ends["hangs_with_a_child"].reason == "stopped after 0.25 minutes (--max-minutes-per-trial)"
    wait_for_the_end(int((nets.parent / "pid").read_text()))


def test_workers_train_side_by_side_and_say_so(run) -> None:
    ends = run("first", "second", workers=2, max_minutes_per_trial=10_080)  # each waits for the other
    for event in ends.values():
        assert read_result(event.folder).environment.trials_at_once == 2


def test_a_worker_trains_on_while_the_caller_stores(nets, trial, corpus, tmp_path: Path) -> None:
    trials = [trial(nets, name) for name in ("good", "another")]
    with executor_for() as executor:
        events = executor.run(trials, corpus, tmp_path / "pending")
        assert [type(next(events)), type(next(events))] == [TrialStarted, TrialFinished]
        wait_until((tmp_path / "pending" / "another" / "result.json").exists, lambda: "it waits for the caller")
        assert [type(event) for event in events] == [TrialStarted, TrialFinished]


def test_no_process_trains_two_sources_and_no_more_live_than_workers(nets, trial, corpus, tmp_path) -> None:
    other = tmp_path / "other" / "nets.py"
    other.parent.mkdir()
    other.write_text(NETS)
    trials = [trial(nets, "patches"), trial(other, "good"), planned("majority_class", corpus, None)]
    ends, alive = {}, []
    with executor_for() as executor:
        for event in executor.run(trials, corpus, tmp_path / "pending"):
            alive.append(len(psutil.Process().children()))
            if isinstance(event, TrialFinished | TrialFailed):
                ends[event.trial.architecture] = type(event)
    assert ends == {"patches": TrialFailed, "good": TrialFinished, "majority_class": TrialFinished}
    assert max(alive) == 1


def test_a_trial_whose_source_is_edited_after_the_plan_is_not_trained(run, nets) -> None:
    nets.write_text(f"{NETS}\n# edited")
    ends = run("good")
    assert ends["good"].reason == "not trained, since this is no longer the planned trial: nets.py has changed"


@pytest.mark.skipif(nvidia_gpu_present(), reason="TensorFlow looks for a GPU")
def test_a_plan_of_networks_needs_no_tensorflow() -> None:
    with LocalExecutor(BenchmarkConfig(architectures=(), threads_per_worker=2)) as executor:
        environment = executor.environment(executor.describe(["lstm"]))
        assert (environment.device_kind, environment.threads) == ("cpu", 2)
        assert not executor.call(None, eval, "'tensorflow' in __import__('sys').modules")


def test_an_architecture_that_cannot_be_described_is_refused(nets) -> None:
    with executor_for() as executor:
        with pytest.raises(UserError, match=r"^--architectures: the name 'good' of .* is given twice"):
            executor.describe([f"{nets}:good", f"{nets}:good"])
        with pytest.raises(UserError, match=r"the name 'majority_class' of .* is given twice or one of ours; choose"):
            executor.describe([f"{nets}:majority_class"])
        with pytest.raises(UserError, match=r":exits cannot be checked: .*exit code 3; it printed: last words$"):
            executor.describe([f"{nets}:exits"])
