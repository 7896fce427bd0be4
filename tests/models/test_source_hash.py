"""A changed architecture has another hash; an unchanged one has the same, in every process."""

import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.source_hash import source_sha256

Hash = Callable[[str], str]

SOURCE = """
import collections

UNITS = 100
SIZES = {"kernel": [3, 5]}
NAMES = {"one", "two", "three"}


class Part:
    def size(self):
        return UNITS


def helper(value):
    return value + 1


def decorate(**settings):
    return lambda function: function


@decorate(title="A title")
def build(vocabulary_size, review_length, rate=0.2):
    # a comment
    parts = [Part().size() for _ in SIZES["kernel"]]
    return helper(vocabulary_size), parts, sorted(NAMES), collections.Counter()
"""


@pytest.fixture
def hash_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hash:
    """Hash ``build`` of a module with this source."""
    numbers = itertools.count()

    def hash_of(source: str) -> str:
        name = f"architecture_{next(numbers)}"
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return source_sha256(module.build)

    return hash_of


def test_the_hash_is_the_same_in_every_process(hash_of: Hash, tmp_path: Path) -> None:
    (tmp_path / "architecture.py").write_text(SOURCE)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import architecture, models.source_hash as s; print(s.source_sha256(architecture.build))",
        ],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}", "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hash_of(SOURCE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("return helper(vocabulary_size)", "return helper(review_length)", id="its own lines"),
        pytest.param("return value + 1", "return value + 2", id="a function that it calls"),
        pytest.param("return UNITS", "return 2 * UNITS", id="a class that it uses"),
        pytest.param("UNITS = 100", "UNITS = 50", id="a number that its class uses"),
        pytest.param("[3, 5]", "[3, 7]", id="a number deep in a collection"),
        pytest.param('"three"', '"four"', id="an item of a set"),
        pytest.param("rate=0.2", "rate=0.3", id="a default"),
    ],
)
def test_what_decides_the_model_changes_the_hash(hash_of: Hash, before: str, after: str) -> None:
    assert before in SOURCE
    assert hash_of(SOURCE) != hash_of(SOURCE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("A title", "Another title", id="the decorator"),
        pytest.param("import collections\n", "import collections\nUNUSED = 3\n", id="what it does not use"),
    ],
)
def test_what_does_not_decide_the_model_leaves_the_hash(hash_of: Hash, before: str, after: str) -> None:
    assert before in SOURCE
    assert hash_of(SOURCE) == hash_of(SOURCE.replace(before, after))


def test_a_function_made_in_a_loop_is_known_by_what_it_closes_over(hash_of: Hash) -> None:
    source = (
        "def make(units):\n    def build(v, r):\n        return units\n    return build\n\n\nbuild = make({units})\n"
    )
    assert hash_of(source.replace("{units}", "50")) != hash_of(source.replace("{units}", "100"))
