"""The files that name the environment agree."""

import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def _requirements(name: str) -> list[Requirement]:
    lines = (re.sub(r"\s+#.*", "", line).strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def test_all_environments_take_the_one_list_of_pins_which_has_what_the_project_imports():
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())
    assert conda["dependencies"] == ["python=3.11", "pip", {"pip": ["-r requirements.txt"]}]
    assert yaml.safe_load((ROOT / "python_env.yaml").read_text())["dependencies"] == ["-r requirements.txt"]
    pinned = {(pin.name, str(pin.specifier)) for pin in _requirements("requirements.txt")}
    listed = {(pin.name, str(pin.specifier)) for pin in _requirements("requirements.in")}
    assert listed
    assert listed <= pinned


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_python_gets_one_version_of_each_package(python):
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    taken = [
        pin.name for pin in _requirements("requirements.txt") if not pin.marker or pin.marker.evaluate(environment)
    ]
    assert {pin.name for pin in _requirements("requirements.in")} <= set(taken)
    assert len(taken) == len(set(taken))


def test_the_gpu_list_adds_cuda_to_the_same_tensorflow():
    (tensorflow,) = (pin for pin in _requirements("requirements.txt") if pin.name == "tensorflow")
    (with_cuda,) = _requirements("requirements-gpu.txt")
    assert (with_cuda.name, with_cuda.extras, with_cuda.specifier) == ("tensorflow", {"and-cuda"}, tensorflow.specifier)


def test_no_file_names_a_package_registry():
    for path in [*ROOT.glob("requirements*"), ROOT / "conda.yaml", ROOT / "python_env.yaml", ROOT / ".ci" / "run"]:
        assert not re.search(r"https?://|--(extra-)?index-url +\S|--find-links +\S", path.read_text()), path


def test_the_regression_workflow_fails_by_the_exit_code_of_compare():
    job = yaml.safe_load((ROOT / ".github/workflows/regression.yml").read_text())["jobs"]["compare"]
    (compare,) = [step["run"] for step in job["steps"] if "benchmark compare" in step.get("run", "")]
    assert compare.strip().splitlines()[-1].count("python -m benchmark compare") == 1
    assert "||" not in compare
    assert not any(step.get("continue-on-error") for step in job["steps"])
