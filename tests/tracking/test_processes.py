"""A run's process is alive, gone, or out of sight; the wrong answer would end somebody's benchmark."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tracking.processes import host_of, pid_of, process_is_alive, this_process
from tracking.store import PROJECT

SAYS_ITS_NAME = """
import sys
from tracking.processes import this_process
print(this_process(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_process():
    """A process and its name; it ends with the test."""
    with subprocess.Popen(
        [sys.executable, "-c", SAYS_ITS_NAME], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def test_this_process_is_alive_and_has_one_name() -> None:
    assert process_is_alive(this_process()) is True
    assert this_process() == this_process()
    assert (host_of(this_process()), pid_of(this_process())) == (socket.gethostname(), str(os.getpid()))


def test_another_process_is_alive_until_it_is_killed_and_even_before_its_parent_takes_note(other_process) -> None:
    process, name = other_process
    assert process_is_alive(name) is True
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie from here on
    assert process_is_alive(name) is False
    process.wait()
    assert process_is_alive(name) is False


def test_a_later_process_of_the_same_number_is_not_taken_for_the_first() -> None:
    host, pid, _ = this_process().rsplit("/", 2)
    assert process_is_alive(f"{host}/{pid}/1.0") is False


@pytest.mark.parametrize("name", ["elsewhere/1/1.0", "no process at all", f"{socket.gethostname()}/pid/start"])
def test_of_what_is_not_on_this_machine_nothing_is_known(name: str) -> None:
    assert process_is_alive(name) is None


def test_a_process_of_another_user_that_is_hidden_from_us_is_not_taken_for_gone(monkeypatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr("tracking.processes.os.kill", refuse)
    monkeypatch.setattr("tracking.processes._state_and_start", lambda pid: None)
    assert process_is_alive(f"{socket.gethostname()}/1/1.0") is None


def test_of_a_process_in_another_container_of_the_same_host_name_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracking.processes._namespace", lambda: "pid:[1]")
    elsewhere = this_process()
    assert process_is_alive(elsewhere) is True
    monkeypatch.setattr("tracking.processes._namespace", lambda: "pid:[2]")
    assert process_is_alive(elsewhere) is None
    assert host_of(elsewhere) == socket.gethostname()


def test_a_name_that_tells_no_namespace_is_judged_by_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.processes._namespace", lambda: "")
    without = this_process()
    monkeypatch.undo()
    assert process_is_alive(without) is True
    assert process_is_alive(without.rstrip("@")) is True
