"""What the command does before anything is trained."""

import subprocess
import sys

import pytest

from benchmark.__main__ import cli
from benchmark.commands import run
from benchmark.errors import UserError


def test_the_modules_that_show_a_plan_import_no_library_of_training_statistics_or_charts():
    heavy = {"tensorflow", "keras", "mlflow", "scipy", "statsmodels", "altair", "sklearn"}
    code = f"import sys, benchmark.commands.run; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_plan_is_shown_before_a_worker_is_started_or_the_store_is_opened(monkeypatch, capsys, tmp_path):
    shown: list[str] = []

    def make(self: object, config: object) -> None:
        shown.append(capsys.readouterr().out)
        raise UserError("no worker")

    monkeypatch.setattr(run.ExecutorSettings, "make", make)
    with pytest.raises(UserError, match="no worker"):
        cli.main(["run", "--data", "generated", "--output", str(tmp_path)], standalone_mode=False)
    assert shown[0].startswith("Plan")


@pytest.mark.parametrize("more", [["--dry-run"], []])
def test_a_gpu_that_is_not_there_is_refused_before_the_plan(monkeypatch, capsys, more):
    def refuse(device: str) -> None:
        raise UserError(f"no {device}")

    monkeypatch.setattr(run, "refuse_absent_gpu", refuse)
    with pytest.raises(UserError, match="no gpu"):
        cli.main(["run", "--device", "gpu", "--data", "generated", *more], standalone_mode=False)
    assert capsys.readouterr().out == ""
