"""Ctrl-C, SIGTERM and a closed terminal end the benchmark in good order; a second Ctrl-C ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    """Raise `Interrupted` in the main thread on the first SIGINT, SIGTERM or SIGHUP."""
    under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [number for number in SIGNALS if not (number == signal.SIGHUP and under_nohup)]
    before = {number: signal.signal(number, _first_signal) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def whole() -> Iterator[None]:
    """Raise what a signal asks for only at the end: a database whose transaction is cut in two stays locked.

    In other threads nothing changes, since only the main one hears signals. A second Ctrl-C still ends at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _held.depth += 1
    try:
        yield
    finally:
        _held.depth -= 1
        if _held.depth == 0 and _held.number is not None:
            number, _held.number = _held.number, None
            raise Interrupted(number)


@dataclass
class _Held:
    """How many `whole` blocks are open, and the signal that came in them."""

    depth: int = 0
    number: int | None = None


_held = _Held()


def _first_signal(number: int, frame: FrameType | None) -> None:
    for later in SIGNALS:
        if signal.getsignal(later) is _first_signal:
            # Only a person's second Ctrl-C is a wish for more haste. Under `mlflow run` a SIGTERM follows the first
            # one, and the death of a parent with many threads sends several.
            signal.signal(later, _second_ctrl_c if later == signal.SIGINT else signal.SIG_IGN)
    if _held.depth:
        _held.number = number
    else:
        raise Interrupted(number)


def _second_ctrl_c(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)  # the worker is a daemon whose pipe breaks, and ends by itself
