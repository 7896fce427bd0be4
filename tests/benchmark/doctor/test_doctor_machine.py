"""Versions that are not as pinned, and a GPU that TensorFlow cannot use."""

import importlib.metadata
from pathlib import Path

import pytest

from benchmark.doctor import machine
from benchmark.doctor.machine import gpu_findings, pin_findings

PINS = """
# made by a tool
keras==3.15.1
    # via tensorflow
numpy==2.4.6   # arrays
pywin32==312 ; sys_platform == 'win32'
"""


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text(PINS)
    return tmp_path / "requirements.txt"


def installed(**versions: str):
    def version(name: str) -> str:
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError
        return versions[name]

    return version


def test_pinned_versions_are_well_and_a_pin_for_another_system_does_not_count(requirements: Path) -> None:
    assert pin_findings(requirements, installed(keras="3.15.1", numpy="2.4.6")) == []


def test_another_version_and_a_missing_package_are_told_with_what_installs_them(requirements: Path) -> None:
    (finding,) = pin_findings(requirements, installed(keras="3.14.0"))
    assert "2 packages are not as pinned" in finding.problem
    assert "keras is 3.14.0 (3.15.1 is pinned); numpy is missing (2.4.6 is pinned)" in finding.problem
    assert finding.remedy == "python -m pip install -r requirements.txt"
    assert finding.mend is None, "what is installed is the user's to change"


@pytest.mark.parametrize(("present", "sees", "count"), [(True, False, 1), (True, True, 0)])
def test_a_gpu_that_tensorflow_cannot_use_is_told(monkeypatch, present: bool, sees: bool, count: int) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "nvidia_gpu_present", lambda: present)
    findings = gpu_findings(lambda: sees)
    assert len(findings) == count
    assert all("requirements-gpu.txt" in finding.remedy for finding in findings)


@pytest.mark.parametrize(("present", "variable"), [(False, "0"), (True, "-1"), (True, "")])
def test_without_a_gpu_or_with_one_that_is_hidden_on_purpose_tensorflow_is_not_asked(
    monkeypatch, present: bool, variable: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)
    monkeypatch.setattr(machine, "nvidia_gpu_present", lambda: present)
    assert gpu_findings(lambda: pytest.fail("TensorFlow was asked")) == []
