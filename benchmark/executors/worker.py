"""A worker process: serves one request after another until its parent ends."""

from __future__ import annotations

import faulthandler
import shutil
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmark.errors import UserError
from benchmark.results import PlannedTrial, TrialEvent, TrialStarted
from benchmark.signals import end_with_parent
from benchmark.training.environment import describe_environment
from benchmark.training.failures import one_line
from benchmark.training.runtime import find_environment
from benchmark.training.trial import run_trial

MAX_PRINTED_WORDS = 50


class WorkerFailed(UserError):
    """A worker failed, died or took too long; its arguments are the reason, and its traceback or what it printed."""

    def __str__(self) -> str:
        reason, printed = self.args
        words = " ".join(printed.split()[-MAX_PRINTED_WORDS:])
        return f"{reason}; it printed: {words}" if words else reason


@dataclass(frozen=True)
class Train:
    """A trial to run, its corpus and its folder.

    Attributes
    ----------
    spec : str or None
        Where its architecture is found on this machine, if not where it was planned.
    """

    trial: PlannedTrial
    corpus_folder: Path
    folder: Path
    threads: int
    trials_at_once: int
    spec: str | None = None


_connection: Connection  # to the parent


def serve(descriptor: int) -> None:
    """Call the functions that come through the connection, and send back what they return, or a `UserError`.

    A message is a pair: whether it is the answer, and the answer or an event.
    """
    global _connection
    end_with_parent()
    faulthandler.enable()
    describe_environment()  # before a user's file can set variables
    _connection = Connection(descriptor)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent has ended
        while True:
            function, arguments = _connection.recv()
            try:
                answer = function(*arguments)
            except UserError as error:
                answer = error
            _connection.send((True, answer))


def send_event(event: TrialEvent) -> None:
    """Send to the parent what happens to a trial."""
    _connection.send((False, event))


def train_trial(request: Train, send: Callable[[TrialEvent], None]) -> None:
    """Run a trial in an empty folder; whatever goes wrong is raised as `WorkerFailed`."""
    config, folder = request.trial.config, request.folder
    try:
        send(TrialStarted(config))
        shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
        folder.mkdir(parents=True)
        environment = find_environment(config.kind == "network", config.device, request.threads)
        environment = environment.model_copy(update={"trials_at_once": request.trials_at_once})
        run_trial(request.trial, request.corpus_folder, folder, send, environment, request.spec)
    except (Exception, SystemExit) as error:
        raise WorkerFailed(one_line(error), traceback.format_exc()) from None
