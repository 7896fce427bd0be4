from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from benchmark.corpus.progress import no_progress
from benchmark.corpus.sources import load_corpus
from tests.support.real_corpus import REAL_CORPUS, WHY_SKIPPED

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _no_corpus_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the user's cache nor their reviews decide what a test sees."""
    monkeypatch.delenv("IMDB_DATA", raising=False)
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def real_corpus(tmp_path_factory: pytest.TempPathFactory):
    if not REAL_CORPUS.exists():
        pytest.skip(WHY_SKIPPED)
    return load_corpus(str(REAL_CORPUS), tmp_path_factory.mktemp("real") / "cache", no_progress)
