"""How long a user waits for the first words of the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("words", [["--help"], ["run", "--dry-run"]], ids=["help", "dry_run"])
def test_start_of_the_command_line(benchmark, words):
    command = [sys.executable, "-m", "benchmark", *words]

    ended = benchmark(subprocess.run, command, cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
