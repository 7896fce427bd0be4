"""The files that name the environment agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IMPORTS = [Requirement(line) for line in PYPROJECT["dependency-groups"]["imports"]]


def _locked() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.lstrip().startswith("#")]


def test_all_environments_take_the_one_list_of_pins_which_has_what_the_project_imports():
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())
    assert conda["dependencies"] == ["python=3.11", "pip", {"pip": ["-r requirements.txt"]}]
    assert yaml.safe_load((ROOT / "python_env.yaml").read_text())["dependencies"] == ["-r requirements.txt"]
    assert IMPORTS
    assert set(map(str, IMPORTS)) <= {f"{pin.name}{pin.specifier}" for pin in _locked()}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_python_gets_one_version_of_each_package(python):
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    taken = [pin.name for pin in _locked() if not pin.marker or pin.marker.evaluate(environment)]
    assert {pin.name for pin in IMPORTS} <= set(taken)
    assert len(taken) == len(set(taken))


def test_no_file_names_a_package_registry():
    for path in [
        ROOT / name for name in ("requirements.txt", "conda.yaml", "python_env.yaml", "pyproject.toml", ".ci/run")
    ]:
        assert not re.search(r"https?://|--(extra-)?index-url +\S|--find-links +\S", path.read_text()), path
