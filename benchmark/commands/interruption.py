"""Ctrl-C and SIGTERM: the first ends the benchmark in good order, the second at once."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end.

    Attributes
    ----------
    exit_code : int
        As a shell expects it: 128 and the signal's number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` in the main thread on the first SIGINT or SIGTERM; end the process on the second."""
    before = {number: signal.signal(number, _first_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """Have the system send SIGTERM when the parent ends, so that a killed `mlflow run` leaves no orphan (Linux)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), signal.SIGTERM)


def _first_signal(number: int, frame: FrameType | None) -> None:
    for later in (signal.SIGINT, signal.SIGTERM):
        signal.signal(later, _second_signal)
    raise Interrupted(number)


def _second_signal(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)  # the worker is a daemon whose pipe breaks, and ends by itself
