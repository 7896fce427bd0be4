"""What a worker tells its parent, and when it rather says nothing."""

import multiprocessing
import threading

from benchmark.config import TrialConfig
from benchmark.events import StepsDone, TrialFailed
from benchmark.executors.worker import tell

TRIAL = TrialConfig(architecture="lstm", seed=7)
ENOUGH_TO_FILL_A_PIPE = 20_000


def test_progress_is_dropped_and_not_waited_for_where_the_parent_does_not_read() -> None:
    ours, theirs = multiprocessing.Pipe()

    def train() -> None:
        for step in range(ENOUGH_TO_FILL_A_PIPE):
            tell(theirs, StepsDone(TRIAL, 1, step, ENOUGH_TO_FILL_A_PIPE))

    training = threading.Thread(target=train, daemon=True)
    training.start()
    training.join(20)
    waits = training.is_alive()
    received = []
    while ours.poll():
        received.append(ours.recv())
    assert not waits
    assert received[0] == StepsDone(TRIAL, 1, 0, ENOUGH_TO_FILL_A_PIPE)
    assert len(received) < ENOUGH_TO_FILL_A_PIPE
    failed = TrialFailed(TRIAL, "it failed", "")
    tell(theirs, failed)
    assert ours.recv() == failed
    ours.close()
    theirs.close()
