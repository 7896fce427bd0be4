"""Trials on a Ray cluster of several nodes, all on this machine."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="ray is not installed: pip install -e '.[ray]'")

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor, make_executor
from benchmark.results import EpochFinished, PlannedTrial, TrialFailed, TrialFinished, TrialStarted
from benchmark.trial_folder import read_result
from models.registry import Architecture
from tests.support.planned import planned
from tests.support.tiny_corpus import write_tiny_corpus

pytestmark = pytest.mark.slow

OBJECT_STORE_BYTES = 100 * 2**20
NETS = """
import os, signal, time
from pathlib import Path

HERE = Path({here!r})

def good():
    from sklearn.dummy import DummyClassifier

    return DummyClassifier()

def waits_on_its_first_node():
    import ray

    marker = HERE / "node"
    if marker.exists():
        return good()
    marker.with_suffix(".part").write_text(ray.get_runtime_context().get_node_id())
    marker.with_suffix(".part").rename(marker)
    time.sleep(600)

def killed():
    with (HERE / "attempts").open("a") as attempts:
        attempts.write("x")
    os.kill(os.getpid(), signal.SIGKILL)

def hangs():
    time.sleep(600)
"""


class Nodes:
    """A cluster whose head has no cores to train on."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "object_store_memory": OBJECT_STORE_BYTES}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address = self._cluster.address
        self._nodes = [self.add(), self.add()]

    def add(self):
        return self._cluster.add_node(num_cpus=1, object_store_memory=OBJECT_STORE_BYTES)

    def kill(self, node_id: str) -> None:
        """End a node as a power cut does, and add another."""
        node = next(node for node in self._nodes if node.node_id == node_id)
        self._nodes.remove(node)
        self._cluster.remove_node(node, allow_graceful=False)
        self._nodes.append(self.add())

    def shut_down(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def nodes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        made = Nodes()
        yield made
        made.shut_down()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=130)


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(NETS.format(here=str(tmp_path)))
    return path


@pytest.fixture
def executor_for(nodes, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Ray gives the nodes the driver's folder: here it has none of our code

    def make(*architectures: str, workers: int | None = 2, **settings: object):
        config = {"device": "cpu", "ray_address": nodes.address, "workers": workers, "vocabulary_size": 200}
        return make_executor(BenchmarkConfig(architectures=architectures, max_length=40, **(config | settings)))

    return make


def trial(good: Architecture, name: str, corpus: Path) -> PlannedTrial:
    """Plan a trial of another function of the same file."""
    spec = good.spec.replace(":good", f":{name}")
    return planned(replace(good, name=name, spec=spec), corpus, None)


def ends(events):
    return {event.trial.name: event for event in events if isinstance(event, TrialFinished | TrialFailed)}


def test_a_trial_on_each_cpu_gives_the_weights_of_one_worker_and_the_files_come_back(
    executor_for, corpus, nets, tmp_path
) -> None:
    names = ("cnn_lstm_tensorboard", f"{nets}:good")
    with executor_for(*names, workers=None) as executor:
        architectures = executor.describe(names)
        environment = executor.environment(architectures)
        assert executor.workers == 2
        trials = [planned(each, corpus, 7, environment) for each in architectures]
        events = list(executor.run(trials, corpus, tmp_path / "ray"))
    with LocalExecutor(BenchmarkConfig(architectures=names, device="cpu", workers=1)) as local:
        environment = local.environment(architectures)
        trials = [planned(each, corpus, 7, environment) for each in architectures]
        expected = ends(local.run(trials, corpus, tmp_path / "local"))
    for name, event in ends(events).items():
        assert isinstance(event, TrialFinished), event
        found, local_result = read_result(event.folder), read_result(expected[name].folder)
        assert found.weights_sha256 == local_result.weights_sha256
        assert found.fingerprint == local_result.fingerprint
        assert found.config == local_result.config
        assert found.environment.trials_at_once == 2
        files = [sorted(path.name for path in folder.iterdir()) for folder in (event.folder, expected[name].folder)]
        assert files[0] == files[1]
    started = Counter(event.trial.name for event in events if isinstance(event, TrialStarted))
    assert started == {trial.config.name: 1 for trial in trials}
    folder = tmp_path / "ray" / "cnn_lstm_tensorboard-seed-7"
    assert list((folder / "tensorboard").rglob("events*"))
    assert tuple(event.epoch for event in events if isinstance(event, EpochFinished)) == read_result(folder).epochs


def test_a_lost_node_costs_its_trial_one_retry(executor_for, nodes, corpus, nets, tmp_path: Path) -> None:
    events, marker = [], tmp_path / "node"
    with executor_for() as executor:
        (good,) = executor.describe([f"{nets}:good"])
        trials = [trial(good, name, corpus) for name in ("waits_on_its_first_node", "good")]
        for event in executor.run(trials, corpus, tmp_path / "pending"):
            events.append(event)
            if isinstance(event, TrialFinished) and event.trial.architecture == "good":
                nodes.kill(marker.read_text())
    finished = ends(events)
    assert set(finished) == {"waits_on_its_first_node", "good"}
    assert all(isinstance(event, TrialFinished) for event in finished.values()), finished
    started = Counter(event.trial.architecture for event in events if isinstance(event, TrialStarted))
    assert started == {"waits_on_its_first_node": 2, "good": 1}


def test_a_trial_that_fails_is_killed_or_takes_too_long_fails_alone(executor_for, corpus, nets, tmp_path) -> None:
    older = planned("majority_class", corpus, 1)
    older.fingerprint_parts["seed"] = 2
    with executor_for(max_minutes_per_trial=0.5) as executor:
        (good,) = executor.describe([f"{nets}:good"])
        trials = [trial(good, name, corpus) for name in ("killed", "hangs", "good")]
        found = ends(executor.run([*trials, older], corpus, tmp_path / "pending"))
    assert found["killed"].reason.startswith("the Ray worker ended: ")
    assert (tmp_path / "attempts").read_text() == "xx"
    assert found["hangs"].reason == "stopped after 0.5 minutes (--max-minutes-per-trial)"
    assert found["majority_class seed 1"].reason.endswith("seed was 2 and is 1")
    assert isinstance(found["good"], TrialFinished)


def test_what_no_node_can_do_is_refused(executor_for, nets) -> None:
    with pytest.raises(UserError, match="no node of the cluster has 64 CPUs"):
        executor_for(threads_per_worker=64)
    with pytest.raises(UserError, match="no node of the cluster has 1 CPUs and 1 GPUs"):
        executor_for(device="gpu")
    with executor_for() as executor, pytest.raises(UserError, match="there is no function 'none'"):
        executor.describe([f"{nets}:none"])
