from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import time
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from benchmark.corpus import (
    CacheError,
    cached_corpora,
    default_cache_directory,
    load_corpus,
    open_cached_corpus,
    verify_cache,
)
from benchmark.corpus.generated import write_stanford_archive
from benchmark.errors import UserError


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return str(write_stanford_archive(tmp_path / "aclImdb.tar.gz", reviews_per_half=20))


def test_an_opened_cache_is_the_corpus_that_was_loaded(archive, cache):
    loaded = load_corpus(archive, cache)
    opened = open_cached_corpus(loaded.directory)
    assert opened.facts == loaded.facts
    assert opened.vocabulary == loaded.vocabulary
    assert opened.text("train/pos/3") == loaded.text("train/pos/3")
    np.testing.assert_array_equal(opened.encode(500, 50).x_test, loaded.encode(500, 50).x_test)


def test_the_second_load_reads_nothing_but_the_cache(archive, cache, monkeypatch):
    first = load_corpus(archive, cache)
    monkeypatch.setattr("benchmark.corpus.sources.read_archive", None)
    assert load_corpus(archive, cache).facts == first.facts


def test_a_changed_source_is_another_corpus(tmp_path, archive, cache):
    first = load_corpus(archive, cache)
    write_stanford_archive(Path(archive), reviews_per_half=20, seed=1)
    second = load_corpus(archive, cache)
    assert second.facts.digest != first.facts.digest
    assert cached_corpora(cache) == sorted([first.directory, second.directory])


def test_a_cache_holds_arrays_text_and_hashes_and_no_pickles(archive, cache):
    directory = load_corpus(archive, cache).directory
    names = {path.name for path in directory.iterdir()}
    assert {"corpus.json", "vocabulary.txt", "train_ids.npy", "test_text.npy"} <= names
    assert names - {"corpus.json"} == set(json.loads((directory / "corpus.json").read_text())["files"])
    for path in directory.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_the_arrays_are_mapped_from_disk(archive, cache):
    base = load_corpus(archive, cache).train.ids.base
    assert isinstance(base, np.memmap)


@pytest.mark.parametrize("name", ["train_ids.npy", "test_text.npy", "vocabulary.txt", "corpus.json"])
def test_a_cut_file_is_noticed_when_opened_and_replaced_when_loaded(archive, cache, name):
    corpus = load_corpus(archive, cache)
    damaged = corpus.directory / name
    os.truncate(damaged, damaged.stat().st_size // 2)
    with pytest.raises(CacheError, match="complete"):
        open_cached_corpus(corpus.directory)
    assert verify_cache(corpus.directory)
    assert load_corpus(archive, cache).facts == corpus.facts
    assert verify_cache(corpus.directory) == []
    assert list((cache / "corpora").iterdir()) == [corpus.directory]


@pytest.mark.parametrize("name", ["train_ids.npy", "test_labels.npy", "train_text.npy"])
def test_a_flipped_bit_is_found_by_the_hashes(archive, cache, name):
    directory = load_corpus(archive, cache).directory
    content = bytearray((directory / name).read_bytes())
    content[-1] ^= 1
    (directory / name).write_bytes(content)
    assert f"{directory / name} does not have the hash that it was written with" in verify_cache(directory)


def test_hashes_that_were_changed_along_are_found_by_the_digest(archive, cache):
    directory = load_corpus(archive, cache).directory
    index = json.loads((directory / "corpus.json").read_text())
    index["facts"]["digest"] = "0" * 64
    (directory / "corpus.json").write_text(json.dumps(index))
    assert verify_cache(directory) == [f"{directory} does not have the digest that corpus.json gives"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"facts": {}, "files": {}}'])
def test_a_folder_that_is_no_corpus_is_refused(tmp_path, content):
    (tmp_path / "corpus.json").write_text(content)
    with pytest.raises(CacheError, match="not a complete cached corpus"):
        open_cached_corpus(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CacheError, match="not a complete cached corpus"):
        open_cached_corpus(tmp_path / "nowhere")


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(archive, cache, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match=r"No space left on device.*IMDB_BENCHMARK_CACHE") as raised:
        load_corpus(archive, cache)
    assert "\n" not in str(raised.value)
    assert list((cache / "corpora").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_one_line(archive, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept in"):
        load_corpus(archive, tmp_path / "file")


def test_what_a_killed_process_left_is_cleared_away_after_a_day(archive, cache):
    for name, age_seconds in ((".writing-old", 100_000), (".writing-new", 10)):
        (cache / "corpora" / name).mkdir(parents=True)
        os.utime(cache / "corpora" / name, (time.time() - age_seconds,) * 2)
    corpus = load_corpus(archive, cache)
    assert {path.name for path in (cache / "corpora").iterdir()} == {".writing-new", corpus.directory.name}
    assert cached_corpora(cache) == [corpus.directory]


def test_of_two_writers_the_second_takes_what_the_first_wrote(archive, cache, tmp_path, monkeypatch):
    from benchmark.corpus import cache as module

    def another_is_first(temporary: Path, directory: Path) -> None:
        shutil.copytree(temporary, directory)
        move(temporary, directory)

    move = module._move_into_place
    monkeypatch.setattr(module, "_move_into_place", another_is_first)
    corpus = load_corpus(archive, cache)
    assert verify_cache(corpus.directory) == []
    assert list((cache / "corpora").iterdir()) == [corpus.directory]


def _load(archive: str, cache: Path) -> str:
    return load_corpus(archive, cache).facts.digest


def test_processes_may_load_the_same_corpus_at_once(archive, cache):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        digests = pool.starmap(_load, [(archive, cache)] * 6)
    assert len(set(digests)) == 1
    assert len(list((cache / "corpora").iterdir())) == 1


def test_the_cache_is_the_users_unless_the_variable_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path))
    assert default_cache_directory() == tmp_path
    monkeypatch.delenv("IMDB_BENCHMARK_CACHE")
    assert default_cache_directory() == Path(platformdirs.user_cache_dir("imdb-benchmark"))
