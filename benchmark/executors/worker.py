"""A worker process: imports TensorFlow once, then serves trial after trial until its parent is gone or says stop."""

from __future__ import annotations

import faulthandler
import os
import select
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from benchmark.config import Device, TrialConfig
from benchmark.corpus import EncodedCorpus, open_cached_corpus
from benchmark.errors import UserError
from benchmark.events import StepsDone, TrialEvent, TrialFailed, TrialFinished
from benchmark.orphans import end_with_parent
from benchmark.results import TrialOutcome

RunTrial = Callable[[TrialConfig, EncodedCorpus, Path, Callable[[TrialEvent], None]], TrialOutcome]

PARENT_IS_GONE = (EOFError, BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True)
class Task:
    """A trial to run, the cached corpus to run it on, and the empty directory for its files."""

    trial: TrialConfig
    corpus_directory: Path
    output_directory: Path


@dataclass(frozen=True)
class WorkerRefused:
    """The worker cannot serve what the user asked for, for example a GPU where there is none."""

    message: str


def serve(connection: Connection, device: Device, log_file: Path) -> None:
    """Run what comes through `connection`, and send every event back through it.

    Parameters
    ----------
    connection : multiprocessing.connection.Connection
        Gives `Task` objects, and None at the end.
    device : {"auto", "cpu", "gpu"}
    log_file : Path
        Takes what TensorFlow prints, which would tear the progress bar, and the stack of a crash.
    """
    end_with_parent()
    _print_to(log_file)
    # Ctrl-C and a closed terminal reach the whole process group, but only the parent decides what they mean.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

    from benchmark.runtime import prepare_runtime

    try:
        connection.send(prepare_runtime(device))
    except UserError as error:
        connection.send(WorkerRefused(str(error)))
        return

    from benchmark.trial import run_trial

    encoder = _Encoder()
    try:
        while (task := connection.recv()) is not None:
            connection.send(_run(task, encoder, run_trial, partial(tell, connection)))
    except PARENT_IS_GONE:
        return  # the parent is gone; nobody is left to tell


def tell(connection: Connection, event: TrialEvent) -> None:
    """Send an event; mere progress is dropped where the parent is held up, so that no training step waits for it."""
    if isinstance(event, StepsDone) and not select.select([], [connection], [], 0)[1]:
        return
    connection.send(event)


def _print_to(log_file: Path) -> None:
    descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    faulthandler.enable()


def _run(task: Task, encoder: _Encoder, run_trial: RunTrial, send: Callable[[TrialEvent], None]) -> TrialEvent:
    try:
        encoded = encoder.encode(task)
        return TrialFinished(task.trial, run_trial(task.trial, encoded, task.output_directory, send))
    except PARENT_IS_GONE:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return TrialFailed(task.trial, reason, traceback.format_exc())


class _Encoder:
    """Keeps the last encoded corpus, so that trials which share their settings share the arrays."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._encoded: EncodedCorpus | None = None

    def encode(self, task: Task) -> EncodedCorpus:
        trial = task.trial
        key = (task.corpus_directory, trial.vocabulary_size, trial.review_length, trial.limit)
        if self._encoded is None or key != self._key:
            corpus = open_cached_corpus(task.corpus_directory)
            self._encoded = corpus.encode(trial.vocabulary_size, trial.review_length, trial.limit)
            self._key = key
        return self._encoded
