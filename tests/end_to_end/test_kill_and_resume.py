"""SIGKILL at random moments, and seeds added: a resumed benchmark ends as an undisturbed one."""

import random
import subprocess
import sys

import pytest

from benchmark.config import LOOKS
from benchmark.results import BenchmarkRecord
from tests.end_to_end.conftest import ROOT, Workspace

pytestmark = pytest.mark.slow


def test_a_benchmark_killed_at_random_moments_ends_as_one_that_was_not(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "kill_and_resume.py"), "--folder", str(tmp_path)]
    baselines = ("--architectures", "majority_class,bag_of_words_svm,naive_bayes_logistic_5000")
    a_worker_then_the_parent = ("--kills", "2", "--random-seed", "26")
    ended = subprocess.run(
        [*script, *baselines, *a_worker_then_the_parent], capture_output=True, text=True, timeout=280
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 times SIGKILL" in ended.stdout


@pytest.fixture(scope="module")
def decided(tmp_path_factory, make_workspace) -> tuple[Workspace, BenchmarkRecord]:
    """A benchmark until it was decided, killed and resumed, and its record."""
    workspace = make_workspace(tmp_path_factory.mktemp("decided"))
    nets, chance = workspace.own_file(), random.Random(0)
    lines = [f"word{chance.randrange(50)} word{chance.randrange(50)},{number % 2}" for number in range(300)]
    (workspace.folder / "noise.csv").write_text("\n".join(["text,label", *lines]))
    words = ("--until-decided", "--equivalence-margin-points", "21", "--data", "noise.csv")
    process = workspace.start("run", "--architectures", f"{nets}:seeded@6,naive_bayes_logistic_5000", *words)
    process.wait_for(r"\[2/")
    process.kill()
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.all_output
    return workspace, workspace.record()


def test_seeds_are_added_at_the_looks_and_a_resumed_benchmark_keeps_to_them(decided):
    _, record = decided
    assert record.complete
    assert "nets.py:seeded@6," in record.command
    assert "--until-decided" in record.command
    seeds = [trial.config.seed for trial in record.trials if trial.config.architecture == "seeded"]
    assert len(seeds) in LOOKS[1:]
    assert seeds == list(range(6, 6 + len(seeds)))
    assert record.looks == tuple(look for look in LOOKS if look < len(seeds))


def test_a_finished_benchmark_trains_what_was_deleted_and_nothing_else(decided):
    workspace, before = decided
    deleted, *kept = before.trials
    workspace.client.delete_run(deleted.run_id)
    assert not workspace.record().complete
    text = workspace.show("run", "--resume", "latest")
    assert f"2 architectures; {len(kept)} from the store, 1 to train" in text
    record = workspace.record()
    assert record.complete
    assert record.trials[0].run_id != deleted.run_id
    assert [trial.run_id for trial in record.trials[1:]] == [trial.run_id for trial in kept]
