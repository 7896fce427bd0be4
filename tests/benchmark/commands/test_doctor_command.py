"""The exit code, and what is printed where there is no terminal."""

from pathlib import Path

import pytest

from benchmark.commands import doctor
from benchmark.commands.doctor import doctor_command
from benchmark.doctor.finding import Finding
from benchmark.errors import UserError


def refuse() -> None:
    raise UserError("it cannot be mended")


WELL = Finding("good to know", "nothing to do", is_note=True)
OURS = Finding("a file lies there", "remove it", lambda: None)
THEIRS = Finding("the GPU cannot be used", "install it")
STUBBORN = Finding("a file is stuck", "remove it", refuse)


@pytest.mark.parametrize(
    ("findings", "fix", "exit_code"),
    [
        ([], False, 0),
        ([WELL], False, 0),
        ([OURS], False, 1),
        ([OURS], True, 0),
        ([THEIRS], True, 1),
        ([OURS, STUBBORN], True, 1),
    ],
)
def test_the_exit_code_says_whether_something_is_left_to_do(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], fix: bool, exit_code: int
) -> None:
    monkeypatch.setattr(doctor, "_checks", lambda *_: [("files", lambda: findings)])
    assert doctor_command(fix=fix, lost_host=None, tracking_uri=None) == exit_code


def test_elsewhere_than_in_a_terminal_it_prints_a_line_for_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [("corpus cache", lambda: []), ("files", lambda: [OURS, STUBBORN]), ("GPU", lambda: [THEIRS])]
    monkeypatch.setattr(doctor, "_checks", lambda *_: checks)
    doctor_command(fix=True, lost_host=None, tracking_uri=None)
    assert capsys.readouterr().out.splitlines() == [
        "corpus cache: ok",
        "files: mended: a file lies there; remove it",
        "files: not mended: a file is stuck; it cannot be mended",
        "GPU: wrong: the GPU cannot be used; install it",
        "2 things are wrong.",
    ]


def test_a_machine_without_a_store_is_well_and_one_that_cannot_be_read_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(doctor, "gpu_findings", lambda: [])
    monkeypatch.setattr(doctor, "pin_findings", lambda requirements: [])
    assert doctor_command(fix=False, lost_host=None, tracking_uri=f"sqlite:///{tmp_path}/mlflow.db") == 0
    assert "tracking store: note: there is none yet" in capsys.readouterr().out
    (tmp_path / "mlflow.db").write_text("not a database " * 100)
    assert doctor_command(fix=False, lost_host=None, tracking_uri=f"sqlite:///{tmp_path}/mlflow.db") == 1
    assert "cannot be used: file is not a database" in capsys.readouterr().out
