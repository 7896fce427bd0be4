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


def _two_minutes_old(path: Path) -> None:
    then = time.time() - 120
    os.utime(path, (then, then))


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


def test_files_that_no_process_holds_are_removed_even_if_one_has_the_number_in_their_name(
    temporary_folder: Path, tmp_path: Path
) -> None:
    log, folder = (temporary_folder / f"benchmark-{os.getpid()}-{end}" for end in ("abc-worker.log", "def"))
    log.write_text("last words")
    folder.mkdir()
    assert temporary_findings(tmp_path) == [], "they may have been made a moment ago, and not be locked yet"
    _two_minutes_old(log)
    _two_minutes_old(folder)
    (finding,) = temporary_findings(tmp_path)
    assert finding.problem.startswith("2 temporary files left by processes that were killed")
    assert finding.mend is not None
    finding.mend()
    assert list(temporary_folder.iterdir()) == []


def test_files_that_a_process_holds_and_those_of_other_programs_stay(
    temporary_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = temporary_folder / "benchmark-of-mine"
    others.mkdir()
    _two_minutes_old(others)
    monkeypatch.setattr("os.getpid", lambda: 4_000_000_000)  # in another container: no process here has that number
    with temporary_directory() as directory, temporary_file(".log") as log:
        assert Path(directory).parent == log.parent == temporary_folder
        _two_minutes_old(Path(directory))
        _two_minutes_old(log)
        assert temporary_findings(tmp_path) == []
    assert [path.name for path in temporary_folder.iterdir()] == ["benchmark-of-mine"]


def test_a_file_is_held_no_longer_than_its_process_lives(temporary_folder: Path, tmp_path: Path) -> None:
    script = (
        f"import os, tempfile; tempfile.tempdir = {str(temporary_folder)!r}\n"
        "from benchmark.temporary import temporary_directory\n"
        "with temporary_directory(): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    (left,) = temporary_folder.iterdir()
    _two_minutes_old(left)
    (finding,) = temporary_findings(tmp_path)
    assert str(left) in finding.problem


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
