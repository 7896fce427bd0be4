"""What runs on the machines of a Ray cluster: the workers that train, and the mailbox that their events go through."""

from __future__ import annotations

import asyncio
import itertools
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.config import Device, TrialConfig
from benchmark.corpus import EncodedCorpus
from benchmark.errors import UserError
from benchmark.events import EpochFinished, StepsDone, TrialEvent
from benchmark.executors.trial_files import read_files
from benchmark.results import Environment, EpochResult, TrialResult
from benchmark.runtime import THREADS_VARIABLE, prepare_runtime
from benchmark.temporary import temporary_directory
from benchmark.trial import run_trial

HIDE_EVERY_GPU = "-1"


@dataclass(frozen=True)
class Trainer:
    """What a worker does; the tests give one that needs no TensorFlow.

    Attributes
    ----------
    prepare : callable
        As `benchmark.runtime.prepare_runtime`.
    run_trial : callable
        As `benchmark.trial.run_trial`.
    """

    prepare: Callable[[Device], Environment] = prepare_runtime
    run_trial: Callable[[TrialConfig, EncodedCorpus, Path, Callable[[TrialEvent], None]], Any] = run_trial


@dataclass(frozen=True)
class Prepared:
    """A worker is there; `refusal` says why it cannot serve, where it cannot."""

    node_id: str
    environment: Environment | None
    refusal: str | None = None


@dataclass(frozen=True)
class Trained:
    """A trial's end: its result and the content of its files, or the reason and traceback of its failure.

    `epochs` are all that it finished, since an event may still be in the mailbox, or lost with its node.
    """

    epochs: Sequence[EpochResult]
    result: TrialResult | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    failure: tuple[str, str] | None = None


Letter = tuple[int, TrialEvent]  # with the ticket of the attempt


class TrialWorker:
    """A Ray actor that imports TensorFlow once and serves trial after trial.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
    threads : int
        Inside one operation. TensorFlow would take every core of the machine, however few Ray gave.
    use_gpu : bool
        Ray names the GPUs of an actor, but hides none from an actor that asked for none.
    mailbox : handle of a `Mailbox` actor
    trainer : Trainer
    """

    def __init__(self, device: Device, threads: int, use_gpu: bool, mailbox: Any, trainer: Trainer) -> None:
        os.environ[THREADS_VARIABLE] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        if not use_gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = HIDE_EVERY_GPU
        self._device = device
        self._mailbox = mailbox
        self._trainer = trainer

    def prepare(self) -> Prepared:
        """Import TensorFlow, and tell what this worker trains on."""
        import ray

        node_id = ray.get_runtime_context().get_node_id()
        try:
            return Prepared(node_id, self._trainer.prepare(self._device))
        except UserError as error:
            return Prepared(node_id, None, str(error))
        except Exception as error:  # whatever is wrong with this machine, others may be able to serve
            return Prepared(node_id, None, _first_line(error))

    def train(self, ticket: int, trial: TrialConfig, encoded: EncodedCorpus) -> Trained:
        """Run a trial; its events carry the ticket, so that those of a lost attempt can be told apart."""
        epochs: list[EpochResult] = []

        def on_event(event: TrialEvent) -> None:
            if isinstance(event, EpochFinished):
                epochs.append(event.epoch)
            self._mailbox.put.remote(ticket, event)

        with temporary_directory() as directory:
            try:
                outcome = self._trainer.run_trial(trial, encoded, Path(directory), on_event)
            except Exception as error:
                return Trained(epochs, failure=(_first_line(error), traceback.format_exc()))
            return Trained(epochs, result=outcome.result, files=read_files(Path(directory)))


class Mailbox:
    """A Ray actor that holds events until the driver takes them; of a trial's steps only the newest.

    So however slow the driver is, what waits for it does not grow with the time, and no trial waits for the driver.
    """

    def __init__(self) -> None:
        self._letters: dict[object, Letter] = {}
        self._arrived = asyncio.Event()
        self._numbers = itertools.count()

    async def put(self, ticket: int, event: TrialEvent) -> None:
        """Keep an event until it is taken."""
        key: object = ("steps", ticket) if isinstance(event, StepsDone) else next(self._numbers)
        self._letters.pop(key, None)  # the newest goes to the end
        self._letters[key] = (ticket, event)
        self._arrived.set()

    async def take(self) -> list[Letter]:
        """Wait until there is an event, and give all there are, in the order in which they came."""
        await self._arrived.wait()
        self._arrived.clear()
        letters = list(self._letters.values())
        self._letters.clear()
        return letters


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
