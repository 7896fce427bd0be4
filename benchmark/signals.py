"""Signals: SIGINT, SIGTERM and SIGHUP end the benchmark in good order."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(KeyboardInterrupt):
    """A signal ended the command.

    Attributes
    ----------
    exit_code : int
        As a shell expects it: 128 plus the signal's number.
    """

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
    """Defer signals until the block ends, so that a transaction is never interrupted.

    Only the main thread receives signals; in another thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _deferred.depth += 1
    try:
        yield
    finally:
        _deferred.depth -= 1
        if _deferred.depth == 0 and _deferred.number is not None:
            number, _deferred.number = _deferred.number, None
            raise Interrupted(number)


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the thread that started this process ends, however it ends (Linux)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class _Deferred:
    """How many `defer_signals` blocks are open, and the signal that arrived in them."""

    depth: int = 0
    number: int | None = None


_deferred = _Deferred()


def _first_signal(number: int, frame: FrameType | None) -> None:
    for later in SIGNALS:
        if signal.getsignal(later) is _first_signal:
            # under `mlflow run` a SIGTERM follows the first SIGINT; only a second SIGINT is a user in a hurry
            signal.signal(later, _second_sigint if later == signal.SIGINT else signal.SIG_IGN)
    if _deferred.depth:
        _deferred.number = number
    else:
        raise Interrupted(number)


def _second_sigint(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)  # the workers end with their parent
