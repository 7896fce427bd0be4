"""A worker process: serves trial after trial until its parent has ended."""

from __future__ import annotations

import faulthandler
import os
import select
import shutil
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.results import Environment, PlannedTrial, StepsDone, TrialEvent, TrialFailed, TrialFinished
from benchmark.signals import end_with_parent
from benchmark.training.describe import ArchitectureFacts, describe
from benchmark.training.failures import one_line

PARENT_ENDED = (EOFError, BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker needs beside its trials.

    Attributes
    ----------
    device : {"auto", "cpu", "gpu"}
    threads : int or None
        Inside one operation; None is TensorFlow's own choice.
    trials_at_once : int
        Workers that share the machine.
    vocabulary_size, max_length : int
        For the check of an architecture from elsewhere.
    """

    device: Device = "auto"
    threads: int | None = None
    trials_at_once: int = 1
    vocabulary_size: int = 5000
    max_length: int = 500


# What the parent sends; each is answered by one object, but a trial by its events.


@dataclass(frozen=True)
class Prepare:
    """Answered by an `Environment`; `tensorflow` is False where only baselines are trained."""

    tensorflow: bool


@dataclass(frozen=True)
class Describe:
    """Answered by a list of `ArchitectureFacts`, or refused."""

    specs: tuple[str, ...]


@dataclass(frozen=True)
class TryContract:
    """Answered by a list of `Check`."""

    spec: str


@dataclass(frozen=True)
class Train:
    """Answered by events; the last is `TrialFinished` or `TrialFailed`."""

    trial: PlannedTrial
    corpus_folder: Path
    folder: Path


@dataclass(frozen=True)
class Refused:
    """What was asked for is not possible: the message of a `UserError`."""

    message: str


def serve(connection: Connection, log: int, settings: WorkerSettings) -> None:
    """Answer what comes through `connection` until the parent closes it.

    Parameters
    ----------
    connection : multiprocessing.connection.Connection
    log : int
        A file descriptor; takes what this process prints, which would disturb the progress bar.
    settings : WorkerSettings
    """
    end_with_parent()
    for stream in (1, 2):
        os.dup2(log, stream)
    faulthandler.enable()
    # Ctrl-C and a closed terminal reach the whole process group, but only the parent decides what they mean
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    limit_threads(settings.threads)
    try:
        while True:
            connection.send(_answer(connection.recv(), settings, lambda event: _send(connection, event)))
    except PARENT_ENDED:
        return


def limit_threads(threads: int | None) -> None:
    """Set the threads that TensorFlow takes when it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if threads is not None:
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)


def describe_checked(specs: tuple[str, ...], settings: WorkerSettings) -> list[ArchitectureFacts]:
    """Check the contract of each architecture, and return their facts.

    Raises
    ------
    UserError
        With the first point that is not met.
    """
    from benchmark.training.check import check_architecture

    for spec in specs:
        last = check_architecture(spec, settings.device, settings.vocabulary_size, settings.max_length)[-1]
        if not last.ok:
            raise UserError(f"--architectures: {spec} is not possible: {last.advice}")
    return [describe(spec) for spec in specs]


def find_environment(tensorflow: bool, settings: WorkerSettings) -> Environment:
    """Return what networks, or baselines, are trained on in this process.

    Raises
    ------
    UserError
        If the device cannot be had.
    """
    from benchmark.training.runtime import describe_machine, prepare_runtime

    environment = prepare_runtime(settings.device) if tensorflow else describe_machine()
    return environment.model_copy(update={"trials_at_once": settings.trials_at_once})


def try_trial(
    trial: PlannedTrial, corpus_folder: Path, folder: Path, settings: WorkerSettings, send: Callable[[TrialEvent], None]
) -> TrialFinished | TrialFailed:
    """Run a trial in an empty folder; whatever goes wrong is its failure."""
    from benchmark.training.trial import run_trial

    try:
        shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
        folder.mkdir(parents=True)
        environment = find_environment(trial.config.kind == "network", settings)
        run_trial(trial, corpus_folder, folder, send, environment)
        return TrialFinished(trial.config, folder)
    except PARENT_ENDED:
        raise
    except (Exception, SystemExit) as error:
        return TrialFailed(trial.config, one_line(error), traceback.format_exc())


def _answer(request: Any, settings: WorkerSettings, send: Callable[[TrialEvent], None]) -> Any:
    try:
        match request:
            case Prepare():
                return find_environment(request.tensorflow, settings)
            case Describe():
                return describe_checked(request.specs, settings)
            case TryContract():
                from benchmark.training.check import check_architecture

                return check_architecture(request.spec, settings.device)
            case Train():
                return try_trial(request.trial, request.corpus_folder, request.folder, settings, send)
    except UserError as error:
        return Refused(str(error))
    raise AssertionError(request)


def _send(connection: Connection, event: TrialEvent) -> None:
    """Send an event; mere progress is dropped where the parent is busy, so that no training step waits for it."""
    if isinstance(event, StepsDone) and not select.select([], [connection], [], 0)[1]:
        return
    connection.send(event)
