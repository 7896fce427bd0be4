from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.corpus import encoding
from benchmark.corpus.encoding import RawCorpus
from benchmark.corpus.load import load_corpus
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.errors import UserError

Members = dict[str, bytes | tarfile.TarInfo]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache for each test, and no corpus of the user's."""
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("IMDB_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def refusal() -> Callable[..., str]:
    def refusal(function: Callable, *arguments, **options) -> str:
        with pytest.raises(UserError) as raised:
            function(*arguments, **options)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    return refusal


@pytest.fixture
def write_archive(tmp_path: Path) -> Callable[..., Path]:
    def write_archive(members: Members, name: str = "a.tar.gz") -> Path:
        with tarfile.open(tmp_path / name, "w:gz") as archive:
            for member_name, content in members.items():
                if isinstance(content, tarfile.TarInfo):
                    archive.addfile(content)
                else:
                    member = tarfile.TarInfo(member_name)
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
        return tmp_path / name

    return write_archive


@pytest.fixture
def archive(write_archive) -> Path:
    """20 + 20 synthetic reviews in Stanford's layout."""
    return write_archive(stanford_members(synthetic_corpus(20)), "mine.tar.gz")


@pytest.fixture
def is_imdb(archive, monkeypatch, cache) -> Path:
    """The small archive is taken for the whole of IMDB."""
    monkeypatch.setattr(encoding, "STANFORD_DIGEST", load_corpus(str(archive)).facts.digest)
    shutil.rmtree(cache)
    return archive


def stanford_members(raw: RawCorpus) -> Members:
    return {
        f"aclImdb/{review.review_id}_{(2, 9)[review.label]}.txt": review.text.encode()
        for review in (*raw.train, *raw.test)
    }
