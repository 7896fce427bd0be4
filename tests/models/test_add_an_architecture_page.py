"""The page's example is one that works."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from models import registry
from models.registry import get_architecture

keras = pytest.importorskip("keras")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add_an_architecture.md"


def test_the_example_registers_and_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ARCHITECTURES", dict(registry._ARCHITECTURES))
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    file = tmp_path / "page_example.py"
    file.write_text(code[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("page_example", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "page_example", module)
    spec.loader.exec_module(module)
    example = get_architecture("bag_of_words")
    assert example.build(50, 24).output_shape == (None, 1)
    assert len(example.source_sha256) == 64
