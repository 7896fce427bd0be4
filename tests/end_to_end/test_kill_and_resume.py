"""SIGKILL at random moments, and seeds added at looks: a resumed benchmark ends as an undisturbed one."""

import subprocess
import sys

import pytest

from benchmark.config import LOOKS
from tests.end_to_end.conftest import ROOT, TINY

pytestmark = pytest.mark.slow


def test_a_benchmark_killed_at_random_moments_ends_as_one_that_was_not(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "kill_and_resume.py"), "--folder", str(tmp_path)]
    ended = subprocess.run(
        [*script, "--kills", "3", "--seeds", "0", "--architectures", "cnn_lstm,bag_of_words_svm"],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "3 times SIGKILL" in ended.stdout


def test_seeds_are_added_at_the_looks_and_a_resumed_benchmark_keeps_to_them(workspace):
    nets = workspace.own_file()
    words = ("run", "--architectures", f"{nets}:seeded", "--until-decided", "--reference", "coin=0.5", *TINY)
    process = workspace.start(*words)
    process.wait_for(r"\[2/")
    process.kill()
    resumed = workspace.run("run", "--resume", "latest")
    assert resumed.exit_code == 0, resumed.all_output
    record = workspace.record()
    assert record.complete
    assert record.config.until_decided
    assert len(record.trials) in LOOKS
    assert record.looks == tuple(look for look in LOOKS if look < len(record.trials))
