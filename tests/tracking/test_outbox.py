"""Tasks run in order, once each, through any outage."""

import pytest

from benchmark.errors import UserError
from tracking.outbox import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Outbox


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Server:
    """Is away until a moment."""

    def __init__(self, time: FakeTime, back_at: float = 0.0) -> None:
        self._time = time
        self.back_at = back_at
        self.received: list[str] = []
        self.tries = 0

    def receive(self, message: str) -> None:
        self.tries += 1
        if self._time.now < self.back_at:
            raise ConnectionError
        self.received.append(message)


def outbox_of(time: FakeTime) -> Outbox:
    return Outbox(lambda error: isinstance(error, ConnectionError), time.clock, time.sleep)


def test_a_task_runs_at_once_when_the_server_is_there() -> None:
    time = FakeTime()
    server = Server(time)
    outbox_of(time).put(lambda: server.receive("a"))
    assert server.received == ["a"]


def test_an_outage_keeps_nobody_waiting_and_loses_nothing() -> None:
    time = FakeTime()
    server, outbox = Server(time, back_at=60), outbox_of(time)
    for message in "abc":
        outbox.put(lambda message=message: server.receive(message))
    assert (server.received, len(outbox), time.pauses) == ([], 3, [])
    time.now = 61
    outbox.put(lambda: server.receive("d"))
    assert server.received == ["a", "b", "c", "d"]


def test_no_try_is_made_while_a_pause_is_on() -> None:
    time = FakeTime()
    server, outbox = Server(time, back_at=60), outbox_of(time)
    outbox.put(lambda: server.receive("a"))
    time.now = FIRST_PAUSE_SECONDS / 2
    outbox.send()
    assert server.tries == 1


def test_pauses_grow_to_a_bound_while_it_waits_for_the_end() -> None:
    time = FakeTime()
    server, outbox = Server(time, back_at=130), outbox_of(time)
    outbox.put(lambda: server.receive("a"))
    outbox.flush(patience_seconds=600)
    assert server.received == ["a"]
    assert time.pauses == [1, 2, 4, 8, 16, 30, 30, 30, 30]
    assert max(time.pauses) == LONGEST_PAUSE_SECONDS


def test_a_short_task_after_an_outage_starts_with_short_pauses_again() -> None:
    time = FakeTime()
    server, outbox = Server(time, back_at=20), outbox_of(time)
    outbox.put(lambda: server.receive("a"))
    outbox.flush(patience_seconds=60)
    server.back_at = time.now + 3
    time.pauses.clear()
    outbox.put(lambda: server.receive("b"))
    outbox.flush(patience_seconds=60)
    assert time.pauses[0] == FIRST_PAUSE_SECONDS


def test_patience_has_an_end() -> None:
    time = FakeTime()
    server, outbox = Server(time, back_at=1e9), outbox_of(time)
    outbox.put(lambda: server.receive("a"))
    with pytest.raises(UserError, match=r"has not answered for 20 seconds \(its last error: ConnectionError\)"):
        outbox.flush(patience_seconds=20)
    assert (time.now, len(outbox)) == (20, 1)


def test_an_error_that_is_no_outage_is_raised_and_its_task_dropped() -> None:
    outbox = outbox_of(FakeTime())

    def full_disk() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        outbox.put(full_disk)
    assert len(outbox) == 0
