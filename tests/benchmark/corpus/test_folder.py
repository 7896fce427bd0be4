from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from benchmark.corpus import load_corpus
from benchmark.corpus.generated import generate_corpus, write_stanford_archive
from benchmark.corpus.progress import no_progress
from benchmark.corpus.stanford import listing_digest, read_folder
from benchmark.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(write_stanford_archive(tmp_path / "a.tar.gz", reviews_per_half=20)) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "aclImdb"


def refusal(folder: Path) -> str:
    with pytest.raises(UserError) as raised:
        read_folder(folder, no_progress)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_an_extracted_archive_reads_as_the_archive(folder):
    assert read_folder(folder, no_progress) == generate_corpus(20)


def test_folder_and_archive_are_the_same_corpus(folder, tmp_path, cache):
    from_folder, from_archive = (load_corpus(str(path), cache) for path in (folder, tmp_path / "a.tar.gz"))
    assert from_folder.facts.digest == from_archive.facts.digest
    assert from_folder.directory != from_archive.directory


def test_a_changed_file_makes_another_cache_entry(folder):
    before = listing_digest(folder)
    assert listing_digest(folder) == before
    changed = folder / "train" / "neg" / "0_2.txt"
    changed.write_text("short")
    assert listing_digest(folder) != before


def test_other_files_do_not(folder):
    before = listing_digest(folder)
    (folder / "README").write_text("changed")
    (folder / "train" / "unsup").mkdir()
    assert listing_digest(folder) == before


def test_a_missing_label_folder_is_named(folder):
    (folder / "test" / "pos").rename(folder / "elsewhere")
    assert "has no reviews in test/pos;" in refusal(folder)


def test_an_empty_folder_is_refused(tmp_path):
    assert "no reviews in train/neg, train/pos, test/neg, test/pos" in refusal(tmp_path)


def test_a_link_is_not_followed(folder):
    os.symlink("/etc/passwd", folder / "train" / "neg" / "999_1.txt")
    assert "'train/neg/999_1.txt' is not a plain file" in refusal(folder)


def test_text_that_is_not_utf8_is_named(folder):
    (folder / "train" / "pos" / "999_8.txt").write_bytes(b"\xff")
    assert "review train/pos/999 is not UTF-8 text" in refusal(folder)


def test_a_file_larger_than_a_review_is_refused(folder):
    with (folder / "train" / "pos" / "999_8.txt").open("wb") as file:
        file.truncate(2_000_000)
    assert "larger than a review can be" in refusal(folder)


def test_a_name_that_is_not_a_reviews_is_refused(folder):
    (folder / "test" / "neg" / "notes.txt").write_text("mine")
    assert "'test/neg/notes.txt' is not named like a review" in refusal(folder)
