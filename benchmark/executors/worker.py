"""A worker process: serves trial after trial until its parent has ended."""

from __future__ import annotations

import contextlib
import faulthandler
import select
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.results import Environment, PlannedTrial, StepsDone, TrialEvent, TrialFailed, TrialFinished
from benchmark.signals import end_with_parent
from benchmark.training.failures import one_line
from benchmark.training.machine import describe_machine
from benchmark.training.runtime import prepare_runtime, set_variables
from benchmark.training.trial import run_trial

PARENT_ENDED = (EOFError, BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True)
class Train:
    """A trial to run, its corpus and its folder.

    Attributes
    ----------
    known : dict
        What its parent adds to the environment that the worker finds.
    spec : str or None
        Where its architecture is found on this machine, if not where it was planned.
    """

    trial: PlannedTrial
    corpus_folder: Path
    folder: Path
    known: dict[str, Any]
    spec: str | None = None


def serve(descriptor: int) -> None:
    """Answer what comes through the connection until the parent ends.

    First come the settings, and whether to import TensorFlow at once; then a `Train`, answered by events, or a function
    with its arguments, answered by what it returns or the `UserError` that it raises.
    """
    end_with_parent()
    faulthandler.enable()
    connection = Connection(descriptor)
    try:
        config, tensorflow = connection.recv()
        set_variables(config.threads_per_worker)
        if tensorflow:
            with contextlib.suppress(UserError):  # it is raised again where the parent asks for the environment
                prepare_runtime(config.device, config.threads_per_worker)
        while True:
            request = connection.recv()
            if isinstance(request, Train):
                connection.send(try_trial(request, config, partial(_send, connection)))
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


def find_environment(tensorflow: bool, config: BenchmarkConfig) -> Environment:
    """Return what networks, or without TensorFlow baselines, are trained on in this process.

    Raises
    ------
    UserError
        If the device cannot be had.
    """
    if tensorflow:
        return prepare_runtime(config.device, config.threads_per_worker)
    return describe_machine()


def try_trial(
    request: Train, config: BenchmarkConfig, send: Callable[[TrialEvent], None]
) -> TrialFinished | TrialFailed:
    """Run a trial in an empty folder; whatever goes wrong is its failure."""
    trial, folder = request.trial, request.folder
    try:
        shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
        folder.mkdir(parents=True)
        environment = find_environment(trial.config.kind == "network", config).model_copy(update=request.known)
        run_trial(trial, request.corpus_folder, folder, send, environment, request.spec)
        return TrialFinished(trial.config, folder)
    except PARENT_ENDED:
        raise
    except (Exception, SystemExit) as error:
        return TrialFailed(trial.config, one_line(error), traceback.format_exc())


def _send(connection: Connection, event: TrialEvent) -> None:
    """Send an event; mere progress is dropped where the parent is busy, so that no training step waits for it."""
    if not isinstance(event, StepsDone) or select.select([], [connection], [], 0)[1]:
        connection.send(event)
