"""The exit code of ``microbenchmarks``, without measuring; and once with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.commands import microbenchmarks
from benchmark.errors import UserError
from tests.support.timings import timing_entry, write_timings

ROOT = Path(__file__).parents[3]
OPTIONS = {"data": None, "only": None, "compare": None, "threshold": "1.2"}


@pytest.fixture(scope="module")
def tracking_uri(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture
def command(tmp_path, tracking_uri, monkeypatch):
    """Run the command in this process; `median_seconds` is what it would have measured."""
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)

    def run(median_seconds=1.0, passed=True, name="step", **options):
        def measure(json_file, data, only):
            write_timings(json_file, timing_entry(name, median_seconds))
            return passed

        monkeypatch.setattr(microbenchmarks, "_measure", measure)
        own = {"tracking_uri": tracking_uri, "experiment_name": tmp_path.name}
        return microbenchmarks.microbenchmarks_command(**OPTIONS | own | options)

    return run


def test_a_regression_gives_exit_code_1_and_an_improvement_0(command, capsys):
    assert command(1.0) == 0
    assert command(1.5, compare="latest") == 1
    assert "slower by more than 1.2 times: step" in capsys.readouterr().out
    assert command(1.0, compare="latest") == 0
    assert command(1.5, compare="latest", threshold="1.6") == 0


def test_those_that_were_not_asked_for_are_not_called_gone(command, capsys):
    command(name="step")
    capsys.readouterr()
    command(name="other", compare="latest", only="other")
    assert "gone" not in capsys.readouterr().out
    command(name="step", compare="latest")
    assert "gone" in capsys.readouterr().out


def test_a_failed_microbenchmark_gives_exit_code_1(command):
    assert command(passed=False) == 1


@pytest.mark.parametrize("threshold", ["1", "0.5", "much", "nan", "inf"])
def test_a_threshold_that_is_no_slowdown_is_refused(command, threshold):
    with pytest.raises(UserError, match="--threshold"):
        command(threshold=threshold)


def test_data_that_is_no_archive_is_refused(command):
    with pytest.raises(UserError, match="--data"):
        command(data="imdb.npz")


def test_a_baseline_that_is_not_there_is_refused_before_anything_is_measured(command):
    with pytest.raises(UserError, match="--compare: there is no run 'no-such-run'"):
        command(compare="no-such-run")


@pytest.mark.slow
def test_the_real_command_measures_and_logs(tmp_path, tracking_uri):
    ended = subprocess.run(
        [sys.executable, "-m", "benchmark", "microbenchmarks", "--only", "command_line and help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": tracking_uri},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "start_of_the_command_line.help" in ended.stdout
