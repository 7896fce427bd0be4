"""Damaged corpora and files of killed processes are found and removed; whole ones, and those in use, are not."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.corpus import load_corpus
from benchmark.doctor.leftovers import corpus_findings, temporary_findings
from benchmark.temporary import temporary_directory, temporary_file


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def gone() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_corpus_that_fails_its_digest_is_removed_and_a_whole_one_stays(tmp_path: Path) -> None:
    corpus = load_corpus("generated", tmp_path)
    assert corpus_findings(tmp_path) == []
    array = corpus.directory / "train_labels.npy"
    content = bytearray(array.read_bytes())
    content[-1] ^= 1
    array.chmod(0o644)
    array.write_bytes(content)
    (finding,) = corpus_findings(tmp_path)
    assert "train_labels.npy" in finding.problem
    assert finding.mend is not None
    finding.mend()
    assert not corpus.directory.exists()
    assert load_corpus("generated", tmp_path).facts == corpus.facts


def test_files_of_a_process_that_is_gone_are_removed(temporary_folder: Path, tmp_path: Path, gone: int) -> None:
    (temporary_folder / f"benchmark-{gone}-abc-worker.log").write_text("last words")
    (temporary_folder / f"benchmark-{gone}-def").mkdir()
    (finding,) = temporary_findings(tmp_path)
    assert finding.problem.startswith("2 temporary files left by processes that were killed")
    assert finding.mend is not None
    finding.mend()
    assert list(temporary_folder.iterdir()) == []


def test_files_of_this_process_and_of_others_programs_stay(temporary_folder: Path, tmp_path: Path) -> None:
    (temporary_folder / "benchmark-of-mine").mkdir()
    log = temporary_file(".log")
    with temporary_directory() as directory:
        assert temporary_findings(tmp_path) == []
        assert Path(directory).parent == log.parent == temporary_folder


def test_a_corpus_that_was_never_written_to_its_end_is_removed_after_a_day(
    temporary_folder: Path, tmp_path: Path
) -> None:
    old, new = (tmp_path / "corpora" / f".writing-{age}" for age in ("old", "new"))
    old.mkdir(parents=True)
    new.mkdir()
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    (finding,) = temporary_findings(tmp_path)
    assert finding.mend is not None
    finding.mend()
    assert (old.exists(), new.exists()) == (False, True)
