"""Signals: SIGINT, SIGTERM and SIGHUP end the benchmark in good order."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_deferring = 0  # how many `defer_signals` blocks are open
_deferred: list[int] = []  # the signal that arrived in them


class Interrupted(KeyboardInterrupt):
    """A signal ended the command; `exit_code` is as a shell expects it: 128 plus the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` in the main thread on the first SIGINT, SIGTERM or SIGHUP.

    A second SIGINT forces an immediate exit.
    """
    under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    handled = [number for number in SIGNALS if not (number == signal.SIGHUP and under_nohup)]
    before = {number: signal.signal(number, _first_signal) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Defer signals until the block ends, so that a transaction is never interrupted."""
    global _deferring
    _deferring += 1
    try:
        yield
    finally:
        _deferring -= 1
        if _deferred and not _deferring:
            raise Interrupted(_deferred.pop())


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the thread that started this process ends, however it ends (Linux)."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before the call
            os.kill(os.getpid(), signal.SIGTERM)


def _first_signal(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGHUP:  # the terminal is gone: writing to it would be an error of its own
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(nowhere, stream)
    for later in SIGNALS:
        if signal.getsignal(later) is _first_signal:
            # under `mlflow run` a SIGTERM follows the first SIGINT; only a second SIGINT is a user in a hurry
            signal.signal(later, _second_sigint if later == signal.SIGINT else signal.SIG_IGN)
    if not _deferring:
        raise Interrupted(number)
    _deferred.append(number)


def _second_sigint(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)  # the workers end with their parent
