from __future__ import annotations

import hashlib
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.corpus import download as module
from benchmark.corpus.download import Download, DownloadError, fetch
from benchmark.corpus.progress import no_progress
from benchmark.errors import UserError
from tests.support.file_server import serve_files

CONTENT = bytes(range(256)) * 4000  # about 1 MB


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_files({"file.bin": CONTENT}) as server:
        yield server


@pytest.fixture
def download(server) -> Download:
    return Download("file.bin", server.url("file.bin"), f"sha256:{hashlib.sha256(CONTENT).hexdigest()}")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_downloaded_checked_and_moved_into_place(download, tmp_path):
    path = fetch(download, tmp_path / "new" / "folder", no_progress)
    assert path == tmp_path / "new" / "folder" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["file.bin"]


def test_progress_counts_the_bytes(download, tmp_path):
    seen = []
    fetch(download, tmp_path, lambda *progress: seen.append(progress))
    assert {(task, total) for task, _, total in seen} == {("downloading file.bin", len(CONTENT))}
    done = [done for _, done, _ in seen]
    assert done == sorted(done)
    assert done[-1] == len(CONTENT)


def test_a_file_that_is_there_is_not_downloaded_again(download, server, tmp_path):
    fetch(download, tmp_path, no_progress)
    fetch(download, tmp_path, no_progress)
    assert server.ranges == [None]


def test_a_damaged_file_is_downloaded_again(download, tmp_path):
    path = fetch(download, tmp_path, no_progress)
    path.write_bytes(CONTENT[:-1])
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_nothing_is_kept(download, server, tmp_path):
    server.files["file.bin"] = b"something else" * 100
    with pytest.raises(DownloadError, match="does not have its published hash, sha256:"):
        fetch(download, tmp_path, no_progress)
    assert names(tmp_path) == []


def test_an_interrupted_download_goes_on_where_it_stopped(download, server, tmp_path):
    server.drop_after = 300_000
    with pytest.raises(DownloadError, match="cannot be had"):
        fetch(download, tmp_path, no_progress)
    assert names(tmp_path) == ["file.bin.part"]
    kept = (tmp_path / "file.bin.part").stat().st_size
    assert 0 < kept <= 300_000
    server.drop_after = None
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={kept}-"]
    assert names(tmp_path) == ["file.bin"]


def test_a_keyboard_interrupt_keeps_what_came(download, server, tmp_path):
    def interrupt(task: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(download, tmp_path, interrupt)
    assert names(tmp_path) == ["file.bin.part"]
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT


def test_where_the_server_knows_no_ranges_it_starts_over(download, server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:1000])
    server.knows_ranges = False
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_a_partial_file_that_is_whole_is_taken(download, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT


@pytest.mark.parametrize("left_behind", [b"another version" * 1000, CONTENT + b"too long"])
def test_a_partial_file_of_something_else_is_dropped_and_all_downloaded(download, server, tmp_path, left_behind):
    (tmp_path / "file.bin.part").write_bytes(left_behind)
    assert fetch(download, tmp_path, no_progress).read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(left_behind)}-", None]


def test_two_downloads_at_once_both_end_with_the_file(download, tmp_path):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch(download, tmp_path, no_progress).read_bytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [CONTENT] * 4
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_refuses_is_told(download, server, tmp_path, status):
    server.status = status
    with pytest.raises(DownloadError, match=f"the server says {status}"):
        fetch(download, tmp_path, no_progress)


def test_a_dead_host_is_told_in_one_line(download, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        dead = replace(download, url=f"http://127.0.0.1:{unused.getsockname()[1]}/file.bin")
        with pytest.raises(DownloadError, match=r"cannot be had \(no connection\)") as raised:
            fetch(dead, tmp_path, no_progress)
    assert "\n" not in str(raised.value)


def test_a_host_that_does_not_answer_is_given_up_after_the_time_out(download, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        start = time.monotonic()
        with pytest.raises(DownloadError, match="cannot be had"):
            fetch(replace(download, url=f"http://127.0.0.1:{silent.getsockname()[1]}/file.bin"), tmp_path, no_progress)
    assert time.monotonic() - start < 30


def test_a_folder_that_cannot_be_written_is_the_users_to_mend(download, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept in"):
        fetch(download, tmp_path / "file", no_progress)
