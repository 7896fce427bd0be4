"""Trials on a Ray cluster of several nodes, all on this machine; most with a trainer that needs no TensorFlow."""

import signal
from collections import Counter
from pathlib import Path

import psutil
import pytest

pytest.importorskip("ray", reason="ray is not installed: pip install -r requirements-ray.txt")

from benchmark.config import BenchmarkConfig
from benchmark.corpus import load_corpus
from benchmark.errors import UserError
from benchmark.events import EpochFinished, StepsDone, TrialFailed, TrialFinished, TrialStarted, WorkerReady
from benchmark.executors import ray_executor
from benchmark.executors.local import LocalExecutor
from benchmark.executors.ray_executor import RayExecutor
from benchmark.results import Execution
from benchmark.runtime import gather_versions
from tests.support import fake_trainer
from tests.support.fake_trainer import FAKE, FIRST_GOOD_SEED

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
OBJECT_STORE_BYTES = 100 * 2**20


class Nodes:
    """A cluster whose head has no cores to train on, and whose nodes come and go."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": OBJECT_STORE_BYTES}
        )
        self.address = self._cluster.address
        self._nodes: dict[object, tuple[int, dict]] = {}

    def add(self, cpus: int, **settings: object) -> None:
        node = self._cluster.add_node(num_cpus=cpus, object_store_memory=OBJECT_STORE_BYTES, **settings)
        self._nodes[node] = (cpus, settings)

    def kill(self, node_id: str) -> None:
        """End a node as a power cut does."""
        node = next(node for node in self._nodes if node.node_id == node_id)
        del self._nodes[node]
        self._cluster.remove_node(node, allow_graceful=False)

    def have(self, *cpus: int, **settings: object) -> None:
        """Be a cluster of just these nodes, with so many cores each; those that are there already stay."""
        missing = [(number, settings) for number in cpus]
        for node, kind in list(self._nodes.items()):
            if kind in missing:
                missing.remove(kind)
            else:
                self.kill(node.node_id)
        for number, _ in missing:
            self.add(number, **settings)

    def shut_down(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    return tmp_path_factory.mktemp("go") / "go"


@pytest.fixture(scope="module")
def nodes(go):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PROJECT))  # the nodes find the fake trainer there
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv(fake_trainer.GO_VARIABLE, str(go))
        made = Nodes()
        yield made
        made.shut_down()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return load_corpus("generated", tmp_path_factory.mktemp("cache"))


def trials(*seeds: int, **settings: object):
    given = {"architectures": ("cnn_lstm",), "limit": 128, "review_length": 40, "epochs": 3} | settings
    return BenchmarkConfig(seeds=seeds, **given).trials()


def run(executor, corpus, spool, planned, watch=lambda event: None):
    events = []
    with executor:
        for event in executor.run(planned, corpus.directory, spool):
            events.append(event)
            watch(event)
    return events


def ends(events):
    return {event.trial.seed: event for event in events if isinstance(event, TrialFinished | TrialFailed)}


def counts(events, kind):
    return Counter(event.trial.seed for event in events if isinstance(event, kind))


def assert_each_is_told_once(events, planned):
    once = {trial.seed: 1 for trial in planned}
    assert counts(events, TrialStarted) == once
    assert counts(events, (TrialFinished, TrialFailed)) == once
    epochs = Counter((event.trial, event.epoch.epoch) for event in events if isinstance(event, EpochFinished))
    assert set(epochs.values()) <= {1}
    for trial in planned:
        own = [event for event in events if getattr(event, "trial", None) == trial]
        assert isinstance(own[0], TrialStarted)
        assert isinstance(own[-1], TrialFinished | TrialFailed)


def node_that_trains(executor, trial):
    return next(attempt.worker.node_id for attempt in executor._running.values() if attempt.job.trial == trial)


def test_one_of_three_nodes_is_lost_in_the_middle_and_every_trial_ends_with_the_weights_of_one_machine(
    nodes, corpus, tmp_path, caplog, monkeypatch
):
    nodes.have(1, 1, 1)
    planned = trials(7, 8, 9, 10, epochs=4, limit=256)
    executor = RayExecutor("cpu", ray_address=nodes.address)
    lost = []

    def lose_a_node(event):
        if isinstance(event, EpochFinished) and not lost:
            lost.append(event.trial)
            nodes.kill(node_that_trains(executor, event.trial))

    events = run(executor, corpus, tmp_path / "ray", planned, lose_a_node)
    assert f"{lost[0].name} is trained again on another" in caplog.text
    assert_each_is_told_once(events, planned)
    assert counts(events, EpochFinished) == {trial.seed: 4 for trial in planned}

    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")  # as many as a trial has on the cluster
    on_one_machine = ends(run(LocalExecutor("cpu"), corpus, tmp_path / "local", lost))
    there = ends(events)[lost[0].seed].outcome
    here = on_one_machine[lost[0].seed].outcome
    assert there.result.weights_sha256 == here.result.weights_sha256
    assert there.result.fingerprint == here.result.fingerprint
    assert there.result.environment.versions == here.result.environment.versions
    assert {path.name for path in there.directory.iterdir()} == {path.name for path in here.directory.iterdir()}


def test_a_trial_that_fails_and_one_that_kills_its_worker_leave_the_others_alone(nodes, corpus, tmp_path):
    nodes.have(1, 1)
    planned = trials(fake_trainer.FAILS, fake_trainer.IS_KILLED, fake_trainer.WRITES_TO_ITS_CORPUS, FIRST_GOOD_SEED)
    events = run(RayExecutor("cpu", ray_address=nodes.address, trainer=FAKE), corpus, tmp_path, planned)
    assert isinstance(events[0], WorkerReady)
    assert events[0].execution == Execution(
        executor="ray", on_cluster=True, trials_at_once=None, cpus_per_trial=1, gpus_per_trial=0
    )
    assert_each_is_told_once(events, planned)
    by_seed = ends(events)
    assert by_seed[fake_trainer.FAILS].reason == "ValueError: it failed"
    assert "raise ValueError" in by_seed[fake_trainer.FAILS].traceback
    assert "worker process" in by_seed[fake_trainer.IS_KILLED].reason
    assert "read-only" in by_seed[fake_trainer.WRITES_TO_ITS_CORPUS].reason  # all workers of a node share the arrays
    assert isinstance(by_seed[FIRST_GOOD_SEED], TrialFinished)


def test_a_trial_that_takes_too_long_is_stopped_and_its_core_used_again(nodes, corpus, tmp_path):
    nodes.have(1, 1)
    planned = trials(fake_trainer.TAKES_TOO_LONG, FIRST_GOOD_SEED, FIRST_GOOD_SEED + 1)
    executor = RayExecutor("cpu", 3 / 60, ray_address=nodes.address, workers=1, trainer=FAKE)
    events = run(executor, corpus, tmp_path, planned)
    assert_each_is_told_once(events, planned)
    late = ends(events)[fake_trainer.TAKES_TOO_LONG]
    assert late.reason == "stopped after 0.05 minutes (--max-minutes-per-trial)"
    assert counts(events, TrialFinished) == {FIRST_GOOD_SEED: 1, FIRST_GOOD_SEED + 1: 1}


def test_a_trial_that_loses_its_node_again_and_again_is_given_up(nodes, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(ray_executor, "MOST_ATTEMPTS", 1)
    nodes.have(1, 1)
    planned = trials(fake_trainer.WAITS)
    executor = RayExecutor("cpu", ray_address=nodes.address, workers=1, trainer=FAKE)

    def lose_the_node(event):
        if isinstance(event, EpochFinished):
            nodes.kill(node_that_trains(executor, event.trial))

    events = run(executor, corpus, tmp_path, planned, lose_the_node)
    assert_each_is_told_once(events, planned)
    assert ends(events)[fake_trainer.WAITS].reason == "the node that trained it was lost 1 times"


def test_a_node_that_joins_later_is_used_unless_it_has_other_versions(nodes, corpus, tmp_path, caplog, go):
    nodes.have(1)
    planned = trials(fake_trainer.WAITS, FIRST_GOOD_SEED, FIRST_GOOD_SEED + 1)
    executor = RayExecutor("cpu", ray_address=nodes.address, trainer=FAKE)
    keras = gather_versions()["keras"]
    refusal = f"gets no trials: unlike the other machines: versions: keras was {keras} and is 2.0"
    ended = []

    def grow(event):
        if isinstance(event, TrialStarted) and event.trial.seed == fake_trainer.WAITS:
            nodes.add(1, env_vars={fake_trainer.KERAS_VARIABLE: "2.0"})
        if isinstance(event, StepsDone) and refusal in caplog.text and not ended:
            ended.append(event)
            nodes.add(1)
        if isinstance(event, TrialFinished) and event.trial.seed == FIRST_GOOD_SEED:
            go.touch()

    events = run(executor, corpus, tmp_path, planned, grow)
    assert refusal in caplog.text
    assert counts(events, TrialFinished) == {trial.seed: 1 for trial in planned}


def test_quarters_of_a_gpu_are_handed_out(nodes, corpus, tmp_path, go):
    go.unlink(missing_ok=True)
    nodes.have(8, num_gpus=1)
    planned = [*trials(fake_trainer.WAITS), *trials(fake_trainer.WAITS, epochs=4), *trials(FIRST_GOOD_SEED)]
    executor = RayExecutor("auto", ray_address=nodes.address, gpus_per_trial=0.25, workers=3, trainer=FAKE)

    def let_go(event):
        if isinstance(event, TrialFinished):
            go.touch()  # the others wait beside this one

    events = run(executor, corpus, tmp_path, planned, let_go)
    assert sum(counts(events, TrialFinished).values()) == 3


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cpus_per_trial": 9}, "--cpus-per-trial: 9 is not possible: no node has more than 8 CPUs"),
        ({"gpus_per_trial": 2}, "--gpus-per-trial: 2 is not possible: no node has more than 1 GPUs"),
    ],
)
def test_more_than_any_node_has_is_refused(nodes, settings, words):
    with pytest.raises(UserError, match=words):  # the node of the test before
        RayExecutor(ray_address=nodes.address, **settings).environment()


def test_one_machine_serves_several_workers_and_no_process_is_left(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    handler = signal.getsignal(signal.SIGTERM)
    planned = trials(FIRST_GOOD_SEED, FIRST_GOOD_SEED + 1)
    before = set(psutil.Process().children(recursive=True))
    events = run(RayExecutor("cpu", workers=2, cpus_per_trial=1, trainer=FAKE), corpus, tmp_path, planned)
    assert_each_is_told_once(events, planned)
    _, alive = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=20)
    assert not alive
    assert signal.getsignal(signal.SIGTERM) is handler
