"""What is still to be sent to the tracking store, in order, when that goes away for a while."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from benchmark.errors import UserError
from benchmark.interruption import whole

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Outbox:
    """Runs tasks in order; one that meets an outage stays first and is tried again after growing pauses.

    A task may be cut short anywhere and run again, so it must be safe to repeat.

    Parameters
    ----------
    is_outage : callable
        Tells an outage from an error that trying again does not mend; the latter is raised.
    clock, sleep : callable
        In seconds; replaced in tests.
    """

    def __init__(
        self,
        is_outage: Callable[[Exception], bool],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._is_outage = is_outage
        self._clock = clock
        self._sleep = sleep
        self._tasks: deque[Callable[[], None]] = deque()
        self._pause_seconds = 0.0
        self._next_try = 0.0
        self._last_error = ""

    def __len__(self) -> int:
        return len(self._tasks)

    def put(self, task: Callable[[], None]) -> None:
        """Add a task, and run what can be run now."""
        self._tasks.append(task)
        self.send()

    def send(self) -> None:
        """Run waiting tasks, unless a pause is on; returns at once in an outage."""
        while self._tasks and self._clock() >= self._next_try:
            try:
                with whole():
                    self._tasks[0]()
            except Exception as error:
                if not self._is_outage(error):
                    self._tasks.popleft()
                    raise
                self._last_error = next(iter(str(error).splitlines()), "") or type(error).__name__
                self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
                self._next_try = self._clock() + self._pause_seconds
            else:
                self._tasks.popleft()
                self._pause_seconds = 0.0

    def flush(self, patience_seconds: float) -> None:
        """Run all that waits, through outages.

        Raises
        ------
        UserError
            If the outage lasts longer than `patience_seconds`.
        """
        give_up = self._clock() + patience_seconds
        self.send()
        if self._tasks:
            _log.warning("the MLflow store does not answer; it is waited for, up to %.0f seconds", patience_seconds)
        while self._tasks:
            wait_seconds = min(self._next_try, give_up) - self._clock()
            if self._clock() >= give_up:
                raise UserError(
                    f"the MLflow store has not answered for {patience_seconds:.0f} seconds "
                    f"(its last error: {self._last_error})"
                )
            self._sleep(max(wait_seconds, 0.0))
            self.send()
