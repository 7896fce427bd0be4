from __future__ import annotations

import errno
import hashlib
import logging
import os
from pathlib import Path

import pytest

from benchmark.corpus import load_corpus, sources
from benchmark.corpus.download import Download
from benchmark.corpus.generated import write_stanford_archive
from benchmark.corpus.sources import Published
from benchmark.errors import UserError
from tests.support.file_server import serve_files
from tests.support.keras_files import write_npz

NAMES = ("imdb.npz", "imdb_word_index.json", "a.tar.gz")
OFFLINE = Published(*(Download(name, f"http://127.0.0.1:9/{name}", "md5:0") for name in NAMES))


def known(path: Path, url: str = "http://127.0.0.1:9/") -> Download:
    return Download(path.name, f"{url}{path.name}", f"md5:{hashlib.md5(path.read_bytes()).hexdigest()}")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_stanford_archive(tmp_path / "mine.tar.gz", reviews_per_half=20)


@pytest.fixture
def downloads(cache: Path) -> Path:
    (cache / "downloads").mkdir(parents=True)
    return cache / "downloads"


def refusal(*arguments) -> str:
    with pytest.raises(UserError) as raised:
        load_corpus(*arguments)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_generated_is_the_generated_corpus(cache):
    corpus = load_corpus("generated", cache)
    assert corpus.facts.kind == "generated"
    assert "not IMDB" in corpus.facts.source


def test_a_path_is_told_apart_by_its_content_not_its_name(tmp_path, archive, cache):
    renamed = archive.rename(tmp_path / "reviews.bin")
    assert load_corpus(str(renamed), cache).facts.train_reviews == 20


def test_ones_own_reviews_are_a_custom_corpus(archive, cache):
    facts = load_corpus(str(archive), cache).facts
    assert facts.kind == "custom"
    assert "mine.tar.gz" in facts.source


def test_a_corpus_with_the_digest_of_imdb_is_imdb(archive, cache, tmp_path, monkeypatch):
    digest = load_corpus(str(archive), cache).facts.digest
    monkeypatch.setattr(sources, "IMDB_DIGEST", digest)
    assert load_corpus(str(archive), tmp_path / "another cache").facts.kind == "imdb"


def test_a_home_folder_may_be_written_as_a_tilde(archive, cache, monkeypatch):
    monkeypatch.setenv("HOME", str(archive.parent))
    assert load_corpus("~/mine.tar.gz", cache).facts.train_reviews == 20


@pytest.mark.parametrize("data", ["auto", "imdb"])
def test_auto_and_imdb_take_the_variable_first(archive, cache, monkeypatch, data):
    monkeypatch.setenv("IMDB_DATA", str(archive))
    monkeypatch.setattr(sources, "IMDB_DIGEST", load_corpus(str(archive), cache).facts.digest)
    assert load_corpus(data, cache.with_name("new"), published=OFFLINE).facts.train_reviews == 20


def test_auto_takes_a_custom_corpus_from_the_variable_but_imdb_refuses_it(archive, cache, monkeypatch):
    monkeypatch.setenv("IMDB_DATA", str(archive))
    assert load_corpus("auto", cache).facts.kind == "custom"
    assert "not the whole IMDB corpus" in refusal("imdb", cache)


def test_a_wrong_variable_is_named(cache, monkeypatch):
    monkeypatch.setenv("IMDB_DATA", "/nowhere/aclImdb")
    message = refusal("auto", cache)
    assert message.startswith("$IMDB_DATA: there is no file or folder '/nowhere/aclImdb'")
    assert "possible are the path of Keras's imdb.npz" in message


def test_auto_takes_keras_files_that_were_downloaded_before(cache, downloads):
    npz = write_npz(downloads / "imdb.npz")
    published = Published(known(npz), known(downloads / "imdb_word_index.json"), OFFLINE.stanford_archive)
    facts = load_corpus("auto", cache, published=published).facts
    assert facts.kind == "imdb"
    assert facts.train_reviews == 40


def test_auto_takes_an_archive_that_was_downloaded_before_rather_than_try_the_network(archive, cache, downloads):
    archive = archive.rename(downloads / "a.tar.gz")
    published = Published(OFFLINE.keras_npz, OFFLINE.keras_word_index, known(archive))
    assert load_corpus("auto", cache, published=published).facts.train_reviews == 20


def test_a_downloaded_file_without_its_hash_is_not_taken(archive, cache, downloads, caplog):
    archive.rename(downloads / "a.tar.gz")
    assert load_corpus("auto", cache, published=OFFLINE).facts.kind == "generated"


@pytest.fixture
def site(tmp_path: Path, monkeypatch):
    """Both publications on one server, with their hashes."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    npz = write_npz(tmp_path / "imdb.npz")
    paths = [npz, npz.with_name("imdb_word_index.json"), write_stanford_archive(tmp_path / "a.tar.gz", 20)]
    with serve_files({path.name: path.read_bytes() for path in paths}) as server:
        yield server, Published(*(known(path, server.url("")) for path in paths))


@pytest.mark.parametrize("data", ["auto", "imdb"])
def test_keras_files_are_downloaded_once(site, cache, data):
    server, published = site
    first = load_corpus(data, cache, published=published).facts
    assert first.kind == "imdb"
    assert len(server.ranges) == 2
    assert load_corpus(data, cache, published=published).facts == first
    assert len(server.ranges) == 2


def test_stanfords_archive_is_downloaded_where_keras_files_cannot_be_had(site, cache):
    server, published = site
    del server.files["imdb_word_index.json"]
    assert load_corpus("auto", cache, published=published).facts.train_reviews == 20


def test_auto_without_a_network_generates_a_corpus_and_says_so(cache, caplog):
    with caplog.at_level(logging.WARNING):
        corpus = load_corpus("auto", cache, published=OFFLINE)
    assert corpus.facts.kind == "generated"
    (message,) = caplog.messages
    assert "the generated corpus is used, not IMDB" in message
    assert OFFLINE.keras_npz.url in message
    assert OFFLINE.stanford_archive.url in message


def test_imdb_without_a_network_names_the_three_remedies(cache):
    message = refusal("imdb", cache, lambda *_: None, OFFLINE)
    for remedy in ("connect this machine to the network", "as --data or $IMDB_DATA", "try --data generated"):
        assert remedy in message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("generatd", "did you mean 'generated'"),
        ("IMDB", "(did you mean 'imdb'?); possible are auto, imdb, generated, or the path of"),
        ("~nobody-of-this-name/imdb.npz", "cannot be read"),
        ("nowhere/imdb.npz", "there is no file or folder 'nowhere/imdb.npz'"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("/dev/null", "neither an .npz nor a .tar.gz file"),
    ],
)
def test_a_wrong_value_is_refused_with_the_option_and_what_is_possible(cache, data, reason):
    message = refusal(data, cache)
    assert message.startswith("--data: ")
    assert reason in message
    assert "possible are" in message


@pytest.mark.parametrize("content", [b"", b"PK", b"hello world", b"BZh91AY", b"%PDF-1.7"])
def test_a_file_of_another_kind_is_refused(tmp_path, cache, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert "neither an .npz nor a .tar.gz file" in refusal(str(path), cache)


def test_a_file_that_may_not_be_read_is_refused(archive, cache, monkeypatch):
    def forbidden(self: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "cannot be read (Permission denied); possible are" in refusal(str(archive), cache)


def test_a_pipe_is_not_waited_for(tmp_path, cache):
    os.mkfifo(tmp_path / "pipe")
    assert "neither an .npz nor a .tar.gz file" in refusal(str(tmp_path / "pipe"), cache)


def test_nothing_is_cached_of_a_corpus_that_is_refused(archive, cache, monkeypatch):
    archive.write_bytes(archive.read_bytes()[:-100])
    assert refusal(str(archive), cache).startswith(f"--data: {archive} is not a whole .tar.gz archive")
    monkeypatch.setenv("IMDB_DATA", str(archive))
    assert refusal("auto", cache).startswith(f"$IMDB_DATA: {archive} is not a whole .tar.gz archive")
    assert not (cache / "corpora").exists()
