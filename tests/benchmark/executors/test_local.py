"""Trials in worker processes: side by side, killed, over their time, and without a trace when they are stopped."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor
from benchmark.results import StepsDone, TrialFailed, TrialFinished, TrialStarted
from benchmark.training.machine import automatic_workers
from benchmark.trial_folder import read_result
from tests.support.planned import planned
from tests.support.running_command import wait_until
from tests.support.tiny_corpus import write_tiny_corpus

PROJECT = Path(__file__).resolve().parents[3]
NETS = """
import os, resource, signal, sys, time
from pathlib import Path

HERE = Path(__file__).parent

def good():
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)

def exits():
    print("last words", flush=True)
    os._exit(3)

def leaves_a_child():
    child = os.fork()
    if not child:
        time.sleep(600)
    (HERE / "pid").write_text(str(child))
    os.kill(os.getpid(), signal.SIGKILL)

def calls_exit():
    sys.exit("done")

def hangs():
    (HERE / "pid").write_text(str(os.getpid()))
    time.sleep(600)

def disk_is_full():
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, -1))
    return make_pipeline(HashingVectorizer(), LogisticRegression())  # saved in more than 4,000 bytes

def disk_has_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    return good()

def meet(own, other):
    (HERE / own).touch()
    while not (HERE / other).exists():
        time.sleep(0.02)
    return good()

def net(vocabulary_size, max_length):
    import keras

    while not (HERE / "go").exists():
        time.sleep(0.02)
    return keras.Sequential([
        keras.Input((max_length,), dtype="int32"),
        keras.layers.Embedding(vocabulary_size, 1),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid"),
    ])

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


@pytest.fixture
def run(corpus: Path, nets: Path, tmp_path: Path):
    """Run trials of these functions; the result is the last event of each, by function."""

    def run(*functions: str, **settings: object):
        ends = {}
        trials = [planned(f"{nets}:{name}", corpus, None) for name in functions]
        with executor_for(**settings) as executor:
            for event in executor.run(trials, corpus, tmp_path / "pending"):
                if isinstance(event, TrialFinished | TrialFailed):
                    assert event.trial.architecture not in ends
                    ends[event.trial.architecture] = event
        assert set(ends) == set(functions)
        return ends

    return run


DEATHS = {
    "killed": ("the worker process was killed by SIGKILL (often the system, short of memory)", ""),
    "leaves_a_child": ("the worker process was killed by SIGKILL (often the system, short of memory)", ""),
    "crashes": ("the worker process was killed by SIGSEGV", ""),
    "exits": ("the worker process ended with exit code 3", "last words"),
    "calls_exit": ("SystemExit: done", 'sys.exit("done")'),
}


def test_a_worker_that_dies_fails_its_trial_and_the_next_one_finds_nothing_of_it(run, nets, tmp_path: Path) -> None:
    left = tmp_path / "pending" / "good" / "left.txt"  # by an attempt that was killed with its parent
    left.parent.mkdir(parents=True)
    left.touch()
    ends = run(*DEATHS, "good", max_minutes_per_trial=1)  # a child keeps the connection of its dead worker open
    for name, (reason, printed) in DEATHS.items():
        assert ends[name].reason == reason
        assert printed in ends[name].traceback
    assert isinstance(ends["good"], TrialFinished), ends["good"].traceback
    assert [path.name for path in (tmp_path / "pending").iterdir()] == ["good"]
    assert not left.exists()
    child = int((nets.parent / "pid").read_text())
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, str)


def test_a_full_disk_fails_its_trial_with_the_reason(run, tmp_path: Path) -> None:
    ends = run("disk_is_full", "disk_has_room")
    assert "OSError: [Errno 27] File too large" in ends["disk_is_full"].reason
    assert "skops" in ends["disk_is_full"].traceback
    assert isinstance(ends["disk_has_room"], TrialFinished)
    assert [path.name for path in (tmp_path / "pending").iterdir()] == ["disk_has_room"]


def test_a_trial_over_its_time_is_stopped_and_the_next_one_runs(run) -> None:
    ends = run("hangs", "good", max_minutes_per_trial=0.25)
    assert ends["hangs"].reason == "stopped after 0.25 minutes (--max-minutes-per-trial)"
    assert isinstance(ends["good"], TrialFinished)


@pytest.mark.slow
def test_a_trial_that_ends_while_another_is_stored_is_not_over_its_time(nets, corpus, tmp_path, monkeypatch) -> None:
    clock = time.monotonic
    with executor_for("lstm", workers=2, max_minutes_per_trial=5) as executor:
        environment = executor.environment()
        trials = [planned(f"{nets}:{name}", corpus, 7, environment) for name in ("good", "net", "disk_has_room")]
        ends = []
        for event in executor.run(trials, corpus, tmp_path / "pending"):
            if isinstance(event, TrialFinished | TrialFailed):
                ends.append(event)
            if ends == [event]:
                (tmp_path / "go").touch()
                wait_until((tmp_path / "pending" / "net-seed-7" / "result.json").exists, lambda: "it is not trained")
                time.sleep(1)  # the file is checked before the worker says so
                monkeypatch.setattr(time, "monotonic", lambda: clock() + 3600)
    assert [type(event) for event in ends] == [TrialFinished] * 3, ends


def test_workers_train_side_by_side_and_say_so(run) -> None:
    ends = run("first", "second", workers=2, max_minutes_per_trial=10_080)  # each waits for the other
    for event in ends.values():
        assert read_result(event.folder).environment.trials_at_once == 2


def test_automatic_workers_are_as_many_as_cores_and_trials_say_how_many_ran_at_once(nets, corpus, tmp_path) -> None:
    trials = [planned(f"{nets}:good", corpus, None)]
    with executor_for(workers=None) as executor:
        environment = executor.environment()
        assert executor.workers == environment.trials_at_once == automatic_workers(threads=1, on_gpu=False)
        events = list(executor.run(trials, corpus, tmp_path / "pending"))
    result = read_result(events[-1].folder)
    assert result.environment.trials_at_once == 1
    assert result.environment.threads == 1


def test_a_stopped_executor_leaves_no_process(nets, corpus, tmp_path: Path) -> None:
    with executor_for() as executor:
        events = executor.run([planned(f"{nets}:hangs", corpus, None)], corpus, tmp_path / "pending")
        next(events)
        pid = int(wait_until(lambda: (nets.parent / "pid").exists() and (nets.parent / "pid").read_text(), str))
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_a_worker_in_the_middle_of_a_trial_ends_when_its_parent_is_killed(nets, corpus, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tests.benchmark.executors.test_local import executor_for
from tests.support.planned import planned
corpus = Path({str(corpus)!r})
trials = [planned({f"{nets}:hangs"!r}, corpus, None)]
list(executor_for().run(trials, corpus, Path({str(tmp_path)!r})))
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.DEVNULL) as parent:
        pid_file = nets.parent / "pid"
        wait_until(lambda: pid_file.exists() and pid_file.read_text(), lambda: "the trial never started")
        worker = psutil.Process(int(pid_file.read_text()))
        time.sleep(0.2)
        assert worker.is_running()
        parent.kill()

    def ended() -> bool:
        with suppress(psutil.NoSuchProcess):
            return worker.status() == psutil.STATUS_ZOMBIE  # in a container nothing may collect it
        return True

    wait_until(ended, lambda: "the worker lives on")


def test_an_architecture_from_elsewhere_is_described_and_refused_before_training(nets, tmp_path: Path) -> None:
    with executor_for() as executor:
        (facts,) = executor.describe([f"{nets}:good"])
        assert (facts.name, facts.kind, facts.spec) == ("good", "baseline", f"{nets}:good")
        with pytest.raises(UserError, match=r"^--architectures: .*nets.py:none is not possible: .*no function 'none'"):
            executor.describe([f"{nets}:good", f"{nets}:none"])
        with pytest.raises(UserError, match=r"^--architectures: 'good' is given twice"):
            executor.describe([f"{nets}:good", f"{nets}:good"])
        with pytest.raises(UserError, match=r"^--architectures: .*no architecture 'gone'"):
            executor.describe(["gone"])  # since the benchmark was planned
        with pytest.raises(UserError, match=r"^--architectures: .*:exits cannot be checked: .*exit code 3"):
            executor.describe([f"{nets}:exits"])
        assert executor.describe([f"{nets}:good"])  # in another worker


def test_a_question_after_one_that_took_too_long_gets_its_own_answer() -> None:
    with executor_for() as executor:
        with pytest.raises(UserError, match=r"^it is late: it takes more than 0.1 seconds"):
            executor.ask("it is late", subprocess.call, ["sleep", "1"], seconds=0.1)
        assert executor.ask("it is late", len, "four") == 4


@pytest.mark.slow
def test_a_network_whose_worker_is_killed_fails_after_the_events_that_it_had_sent(corpus, tmp_path: Path) -> None:
    with executor_for("lstm") as executor:
        trial = planned("cnn_lstm", corpus, 7, executor.environment(), epochs=100_000)
        kinds = []
        for event in executor.run([trial], corpus, tmp_path / "pending"):
            kinds.append(type(event))
            if kinds == [TrialStarted, StepsDone]:
                (worker,) = (child for child in psutil.Process().children() if "serve(" in str(child.cmdline()))
                time.sleep(3)  # it goes on training, and sends more
                worker.kill()
    assert len(kinds) > 3
    assert kinds[-1] is TrialFailed
    assert not (tmp_path / "pending" / "cnn_lstm-seed-7").exists()


def test_baselines_alone_never_import_tensorflow(nets, corpus, tmp_path: Path) -> None:
    path = tmp_path / "spy.py"
    path.write_text(
        "import sys\nfrom sklearn.dummy import DummyClassifier\n\n"
        "def spy():\n    assert 'tensorflow' not in sys.modules\n    return DummyClassifier()\n"
    )
    with executor_for() as executor:
        assert executor.environment().device_kind == "cpu"
        trials = [planned(f"{path}:spy", corpus, None)]
        assert isinstance(list(executor.run(trials, corpus, tmp_path / "pending"))[-1], TrialFinished)
