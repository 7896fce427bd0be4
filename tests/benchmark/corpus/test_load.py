from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.corpus.download import DownloadError
from benchmark.corpus.load import load_corpus
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.errors import UserError
from tests.benchmark.corpus.conftest import stanford_members


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """No test reaches a network."""

    def refuse(*_: object) -> Path:
        raise DownloadError("nowhere: no connection")

    monkeypatch.setattr("benchmark.corpus.load.download_imdb", refuse)


def test_own_reviews_are_a_custom_corpus_that_imdb_refuses(archive, monkeypatch, refusal):
    monkeypatch.setenv("IMDB_DATA", str(archive))
    facts = load_corpus("auto").facts
    assert (facts.kind, facts.name, facts.groups) == ("custom", "mine", None)
    assert "mine.tar.gz" in facts.source
    assert "not the whole of IMDB" in refusal(load_corpus, "imdb")


@pytest.mark.parametrize("data", ["auto", "imdb"])
def test_imdb_is_known_by_its_digest_and_is_taken_from_the_cache_without_a_network_or_its_source(
    is_imdb, monkeypatch, data
):
    monkeypatch.setenv("IMDB_DATA", str(is_imdb))
    facts = load_corpus(data).facts
    assert (facts.kind, facts.name, facts.train_reviews) == ("imdb", "imdb", 20)
    monkeypatch.delenv("IMDB_DATA")
    is_imdb.unlink()
    assert load_corpus(data).facts == facts


def test_without_a_network_auto_takes_the_synthetic_corpus_and_imdb_names_the_remedies(refusal):
    lines = []
    assert load_corpus("auto", on_progress=lines.append).facts.kind == "synthetic"
    assert lines[0] == "IMDB cannot be downloaded, so the synthetic corpus is used (nowhere: no connection)"
    message = refusal(load_corpus, "imdb")
    for remedy in ("connect this machine to the network", "with --data or $IMDB_DATA", "try --data synthetic"):
        assert remedy in message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("imbd", "'imbd' cannot be read (No such file or directory)"),
        ("", "is none of the possible sources"),
        ("~nobody-of-this-name/aclImdb.tar.gz", "cannot be read"),
        ("/dev/null", "is none of the possible sources"),
        ("https://example.org/reviews.csv", "cannot be read (No such file or directory)"),
        ("pipe.csv", "is none of the possible sources"),
    ],
)
def test_a_wrong_value_is_refused_with_the_option_and_what_is_possible(refusal, tmp_path, monkeypatch, data, reason):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")
    message = refusal(load_corpus, data)
    assert message.startswith("--data: ")
    assert reason in message
    assert "possible are --data auto, imdb, synthetic, or the path" in message


def test_the_second_load_reads_nothing_but_the_cache_unless_the_source_has_changed(archive, monkeypatch):
    first = load_corpus(str(archive))
    with monkeypatch.context() as patch:
        patch.setattr("benchmark.corpus.load.encode_corpus", None)
        assert load_corpus(str(archive)).facts == first.facts
    times = archive.stat()
    archive.write_bytes(archive.read_bytes()[:-1] + b"\1")  # in the number of bytes that gzip notes
    os.utime(archive, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(UserError):
        load_corpus(str(archive))


def test_nothing_is_cached_of_a_corpus_that_is_refused(archive, refusal, cache, monkeypatch):
    archive.write_bytes(archive.read_bytes()[:-100])
    assert refusal(load_corpus, str(archive)).startswith(f"--data: {archive} is not a complete .tar.gz archive")
    monkeypatch.setenv("IMDB_DATA", str(archive))
    assert refusal(load_corpus, "auto").startswith(f"$IMDB_DATA: {archive} is not a complete .tar.gz archive")
    assert list((cache / "corpora").iterdir()) == []


def test_unlabelled_reviews_are_kept_but_for_architectures_that_do_not_learn_from_them(archive, write_archive):
    plain = load_corpus(str(archive))
    unlabelled = {f"aclImdb/train/unsup/{number}_0.txt": b"A film and xqzzv" for number in range(3)}
    corpus = load_corpus(str(write_archive(stanford_members(synthetic_corpus(20)) | unlabelled)))
    assert corpus.facts.digest_with(unlabelled=False) == plain.facts.digest == plain.facts.digest_with(unlabelled=True)
    assert corpus.facts.digest_with(unlabelled=True) == corpus.facts.unlabelled_digest != plain.facts.digest
    with_them = corpus.with_unlabelled()
    words = corpus.vocabulary.words_of("A film and xqzzv")
    assert with_them.texts(with_them.train) == plain.texts(plain.train) + [words] * 3
    assert with_them.train.labels.tolist() == [*plain.train.labels, -1, -1, -1]
