"""The three files that name the environment say the same."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    return dict(re.match(r"([\w.-]+)==([^\s;]+)", line).groups() for line in lines if re.match(r"[\w.-]+==", line))


def test_conda_and_python_env_take_the_one_list_of_pins():
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())
    python_env = yaml.safe_load((ROOT / "python_env.yaml").read_text())
    assert conda["dependencies"][-1] == {"pip": ["-r requirements.txt"]}
    assert python_env["dependencies"] == ["-r requirements.txt"]


def test_conda_brings_only_python_and_pip_itself():
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())
    assert conda["dependencies"][:-1] == ["python=3.11", "pip"]


def test_mlproject_names_one_environment():
    project = yaml.safe_load((ROOT / "MLproject").read_text())
    assert project["python_env"] == "python_env.yaml"
    assert "conda_env" not in project


def test_what_the_project_imports_is_pinned_as_it_is_listed():
    listed, pinned = _pins("requirements.in"), _pins("requirements.txt")
    assert listed
    assert {name: pinned.get(name) for name in listed} == listed


def test_the_gpu_list_adds_cuda_to_the_same_tensorflow():
    lines = (ROOT / "requirements-gpu.txt").read_text().splitlines()
    assert f"tensorflow[and-cuda]=={_pins('requirements.txt')['tensorflow']}" in lines
    assert "-r requirements.txt" in lines


def test_no_file_names_a_package_registry():
    registry = re.compile(r"(index-url|find-links|pypi\.org|pythonhosted)\b[ =]?https?:|pypi\.org|pythonhosted")
    for path in [*ROOT.glob("requirements*"), ROOT / "conda.yaml", ROOT / "python_env.yaml"]:
        assert not registry.search(path.read_text()), path
