"""Texts that were read by a person.

After an intended change: ``UPDATE_GOLDEN=1 python -m pytest tests/benchmark``, then read the difference in git.
"""

import os
from pathlib import Path


def assert_golden(golden: Path, written: str) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")
