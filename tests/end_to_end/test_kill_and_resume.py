"""SIGKILL at random moments, and seeds added at looks: a resumed benchmark ends as an undisturbed one."""

import random
import subprocess
import sys

import pytest

from benchmark.config import LOOKS
from tests.end_to_end.conftest import ROOT, TINY

pytestmark = pytest.mark.slow


def test_a_benchmark_killed_at_random_moments_ends_as_one_that_was_not(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "kill_and_resume.py"), "--folder", str(tmp_path)]
    ended = subprocess.run(
        [*script, "--kills", "2", "--seeds", "0", "--architectures", "cnn_lstm,majority_class"],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 times SIGKILL" in ended.stdout


def test_seeds_are_added_at_the_looks_and_a_resumed_benchmark_keeps_to_them(workspace):
    nets = workspace.own_file()
    numbers = random.Random(0)
    lines = [f"{numbers.randrange(10**9)} and {numbers.randrange(10**9)},{number % 2}" for number in range(300)]
    (workspace.folder / "noise.csv").write_text("\n".join(["text,label", *lines]))
    words = ("--until-decided", "--reference", "coin=0.5", "--equivalence-margin-points", "0.5", "--data", "noise.csv")
    process = workspace.start("run", "--architectures", f"{nets}:seeded@4", *words, "--max-length", "50")
    process.wait_for(r"\[2/")
    process.kill()
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.all_output
    record = workspace.record()
    assert record.complete
    assert f"{nets}:seeded@4 " in record.command
    assert "--until-decided" in record.command
    assert len(record.trials) in LOOKS[1:]
    assert [trial.config.seed for trial in record.trials] == list(range(4, 4 + len(record.trials)))
    assert record.looks == tuple(look for look in LOOKS if look < len(record.trials))


def test_seeds_that_are_added_to_a_finished_benchmark_are_named_in_its_report(workspace):
    nets = workspace.own_file()
    assert workspace.run("run", "--architectures", f"{nets}:seeded", "--seeds", "0", *TINY).exit_code == 0
    resumed = workspace.run("run", "--resume", "latest", "--seeds", "1")
    assert resumed.exit_code == 0, resumed.all_output
    assert "Plan: 2 trials of 1 architecture; 1 from the store, 1 to train" in resumed.output
    record = workspace.record()
    assert [trial.config.seed for trial in record.finished] == [0, 1]
    assert "Seeds were added after a look at the result with 1 seed:" in " ".join(resumed.output.split())
    refused = workspace.run("run", "--resume", "latest", "--epochs", "2")
    assert refused.exit_code == 2
    assert "--epochs" in refused.errors
