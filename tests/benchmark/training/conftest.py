"""A small corpus, and a user's file of architectures."""

from pathlib import Path

import pytest

from tests.support.tiny_corpus import write_tiny_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=130)


@pytest.fixture(scope="module")
def nets(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the text `NETS` of the module of tests."""
    path = tmp_path_factory.mktemp("nets") / "nets.py"
    path.write_text(request.module.NETS)
    return path
