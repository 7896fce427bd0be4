"""Which process works on a run, and whether it still does."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

import psutil

AT = "@"  # between a start and the namespace that the process number is of


def this_process() -> str:
    """Name this process as no other ever is: ``host/pid/start@namespace``."""
    state = _state_and_start(os.getpid())
    assert state is not None, "this process is there"
    return f"{socket.gethostname()}/{os.getpid()}/{state[1]}{AT}{_namespace()}"


def host_of(process: str) -> str:
    """Host name of a process that `this_process` named."""
    return process.rsplit("/", 2)[0]


def pid_of(process: str) -> str:
    """Its number on that host."""
    return process.rsplit("/", 2)[1]


def process_is_alive(process: str) -> bool | None:
    """Whether a process that `this_process` named is at work; None where that cannot be told from this machine."""
    try:
        host, pid, start = process.rsplit("/", 2)
        if host != socket.gethostname():
            return None
        start, _, namespace = start.partition(AT)
        if namespace and namespace != _namespace():
            return None  # in another container of the same host name, where the number means another process
        os.kill(int(pid), 0)
    except ValueError:
        return None
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's, but there
    state = _state_and_start(int(pid))
    if state is None:
        return None  # there, and hidden from us
    return state[0] not in "ZX" and state[1] == start  # a zombie only waits to be buried


def _state_and_start(pid: int) -> tuple[str, str] | None:
    """State letter, and the start in a clock that is never set: psutil's absolute time moves when the clock is."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()  # proc_pid_stat(5)
        except OSError:
            return None
        return fields[0], f"{_boot()}.{fields[19]}"
    try:
        process = psutil.Process(pid)
        return "Z" if process.status() == psutil.STATUS_ZOMBIE else "R", f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def _namespace() -> str:
    """Of process numbers, such as ``pid:[4026531836]``; empty where the system has none or hides it."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
