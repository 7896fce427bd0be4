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
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.results import Environment, PlannedTrial, StepsDone, TrialEvent, TrialFailed, TrialFinished
from benchmark.signals import end_with_parent
from benchmark.training.check import check_architecture
from benchmark.training.describe import ArchitectureFacts, describe
from benchmark.training.failures import one_line
from benchmark.training.runtime import describe_machine, prepare_runtime
from benchmark.training.trial import run_trial

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
    git : (str, bool) or None
        Commit and state of the code, where it was sent without its repository.
    """

    device: Device = "auto"
    threads: int | None = None
    trials_at_once: int = 1
    vocabulary_size: int = 5000
    max_length: int = 500
    git: tuple[str | None, bool | None] | None = None


@dataclass(frozen=True)
class Train:
    """A trial to run, its corpus and its folder; `spec` is where its architecture is found, if not where planned."""

    trial: PlannedTrial
    corpus_folder: Path
    folder: Path
    spec: str | None = None


def serve(connection: Connection, log: int, settings: WorkerSettings) -> None:
    """Answer what comes through `connection` until the parent ends.

    Parameters
    ----------
    connection : multiprocessing.connection.Connection
        Gives a `Train`, answered by events, or a function with its arguments, answered by what `call` returns.
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
            request = connection.recv()
            if isinstance(request, Train):
                connection.send(try_trial(request, settings, partial(_send, connection)))
            else:
                connection.send(call(*request))
    except PARENT_ENDED:
        return


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the function returns, or the `UserError` that it raises."""
    try:
        return function(*arguments)
    except UserError as error:
        return error


def limit_threads(threads: int | None) -> None:
    """Set the threads that TensorFlow takes when it is imported, and keep it quiet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # also for a user's file that imports Keras
    if threads is not None:
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)


def find_environment(tensorflow: bool, settings: WorkerSettings) -> Environment:
    """Return what networks, or without TensorFlow baselines, are trained on in this process.

    Raises
    ------
    UserError
        If the device cannot be had.
    """
    environment = prepare_runtime(settings.device) if tensorflow else describe_machine()
    commit, dirty = settings.git or (environment.git_commit, environment.git_dirty)
    update = {"trials_at_once": settings.trials_at_once, "git_commit": commit, "git_dirty": dirty}
    return environment.model_copy(update=update)


def describe_checked(spec: str, settings: WorkerSettings) -> ArchitectureFacts:
    """Check the contract of an architecture, and return its facts.

    Raises
    ------
    UserError
        With the first point that is not met.
    """
    last = check_architecture(spec, settings.device, settings.vocabulary_size, settings.max_length)[-1]
    if not last.ok:
        raise UserError(f"--architectures: {spec} is not possible: {last.advice}")
    return describe(spec)


def try_trial(
    request: Train, settings: WorkerSettings, send: Callable[[TrialEvent], None]
) -> TrialFinished | TrialFailed:
    """Run a trial in an empty folder; whatever goes wrong is its failure."""
    trial, folder = request.trial, request.folder
    try:
        shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
        folder.mkdir(parents=True)
        environment = find_environment(trial.config.kind == "network", settings)
        run_trial(trial, request.corpus_folder, folder, send, environment, request.spec)
        return TrialFinished(trial.config, folder)
    except PARENT_ENDED:
        raise
    except (Exception, SystemExit) as error:
        return TrialFailed(trial.config, one_line(error), traceback.format_exc())


def _send(connection: Connection, event: TrialEvent) -> None:
    """Send an event; mere progress is dropped where the parent is busy, so that no training step waits for it."""
    if isinstance(event, StepsDone) and not select.select([], [connection], [], 0)[1]:
        return
    connection.send(event)
