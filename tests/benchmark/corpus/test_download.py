from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmark.corpus import download
from benchmark.corpus.download import DownloadError, download_imdb
from benchmark.corpus.load import load_corpus

Write = Callable[[bytes], object]


def cut(write: Write, content: bytes) -> None:
    write(content[:3000])


def stall(write: Write, content: bytes) -> None:
    write(content[:3000])
    time.sleep(0.6)


class Server(ThreadingHTTPServer):
    """A server on this machine that has one file, and answers once in each way of `faults` before it answers right."""

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.faults: list[Callable[[Write, bytes], None]] = []
        self.can_resume = True
        self.starts: list[int] = []  # first byte of each answer


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")) if self.server.can_resume else 0
        self.server.starts.append(start)
        content = self.server.content[start:]
        self.send_response(206 if self.server.can_resume else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        answer = self.server.faults.pop(0) if self.server.faults else lambda write, content: write(content)
        answer(self.wfile.write, content)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server(is_imdb, monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    content = is_imdb.read_bytes()
    with Server(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(download, "STANFORD_URL", f"http://127.0.0.1:{server.server_port}/aclImdb_v1.tar.gz")
        monkeypatch.setattr(download, "STANFORD_HASH", f"sha256:{hashlib.sha256(content).hexdigest()}")
        monkeypatch.setattr(download, "CHUNK_BYTES", 1000)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def fetch(tmp_path) -> Callable[..., bytes]:
    return lambda: download_imdb(tmp_path / "downloads", print).read_bytes()


def test_imdb_is_downloaded_and_read(server, cache):
    lines = []
    assert load_corpus("imdb", on_progress=lines.append).facts.kind == "imdb"
    assert [line.partition(" ")[0] for line in lines] == ["Downloading", "Reading"]
    shutil.rmtree(cache / "corpora")
    assert load_corpus("imdb").facts.kind == "imdb"
    assert len(server.starts) == 1


@pytest.mark.parametrize("fault", [cut, stall])
def test_a_download_that_is_cut_or_stands_still_goes_on_where_it_was(server, fetch, monkeypatch, fault):
    monkeypatch.setattr(download, "READ_SECONDS", 0.2)
    server.faults = [fault, fault]
    assert fetch() == server.content
    assert server.starts == [0, 3000, 6000]


def test_the_next_command_goes_on_where_a_download_ended(server, fetch):
    server.faults = [cut, lambda write, content: None]
    with pytest.raises(DownloadError, match="the same command goes on where this one ended"):
        fetch()
    assert fetch() == server.content
    assert server.starts == [0, 3000, 3000]


def test_a_server_that_cannot_resume_sends_it_again(server, fetch):
    server.can_resume = False
    server.faults = [cut]
    assert fetch() == server.content


def test_what_has_not_the_published_hash_is_removed(server, fetch, tmp_path):
    right, server.content = server.content, server.content + b"more"
    with pytest.raises(DownloadError, match="does not have the published hash"):
        fetch()
    server.content = right
    assert fetch() == right
    (tmp_path / "downloads" / "aclImdb_v1.tar.gz").write_bytes(b"damaged")
    assert fetch() == right


def test_a_server_that_cannot_be_reached_is_named_with_what_can_be_done(server, refusal, monkeypatch):
    monkeypatch.setattr(download, "STANFORD_URL", "http://127.0.0.1:1/aclImdb_v1.tar.gz")
    assert "no more of it comes (ConnectionError)" in refusal(load_corpus, "imdb")
