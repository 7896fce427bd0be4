"""A GPU that is not there is refused before anything else."""

import sys
from pathlib import Path

import pytest

from benchmark.commands.absent_gpu import refuse_absent_gpu
from benchmark.errors import UserError


@pytest.fixture(autouse=True)
def _linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def test_a_gpu_is_refused_where_the_machine_shows_none(tmp_path: Path) -> None:
    (tmp_path / "nvidiactl").touch()
    with pytest.raises(UserError, match="--device: gpu is not possible: this machine shows no GPU; take cpu or auto"):
        refuse_absent_gpu("gpu", tmp_path)


@pytest.mark.parametrize("name", ["nvidia0", "dxg", "kfd"])
def test_a_gpu_of_any_driver_is_left_to_the_worker(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    refuse_absent_gpu("gpu", tmp_path)


def test_who_insists_on_none_needs_none(tmp_path: Path) -> None:
    refuse_absent_gpu("auto", tmp_path)
    refuse_absent_gpu("cpu", tmp_path)


def test_where_gpus_have_no_files_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    refuse_absent_gpu("gpu", tmp_path)
