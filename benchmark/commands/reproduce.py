"""``reproduce``: train again what a run logged, and say whether it comes out the same."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rich.console import Console

from benchmark.commands.absent_gpu import refuse_absent_gpu
from benchmark.config import Device, TrialConfig
from benchmark.corpus import (
    CacheError,
    Corpus,
    cached_corpora,
    default_cache_directory,
    load_corpus,
    open_cached_corpus,
)
from benchmark.errors import UserError
from benchmark.events import TrialFinished
from benchmark.executors.local import LocalExecutor
from benchmark.fingerprint import differing_parts, fingerprint_parts
from benchmark.interruption import Interrupted, interruptible
from benchmark.orphans import end_with_parent
from benchmark.predictions_file import read_predictions
from benchmark.reproduction import Reproduction, judge
from benchmark.results import PREDICTIONS_FILE, Environment, TrialOutcome, TrialRecord
from benchmark.runtime import THREADS_VARIABLE, tensorflow_threads
from benchmark.temporary import temporary_directory
from benchmark.terminal import BytesView, TrialsView, make_console, show_corpus
from benchmark.terminal.reproduction_view import show_changes, show_reproductions
from models.registry import architecture_names
from tracking.reproduction_runs import ReproductionTracker
from tracking.reproductions import Original, read_original
from tracking.store import Store, connect, experiment_named, open_store

EXIT_SAME = 0
EXIT_DIFFERS = 1


def reproduce_command(
    *,
    run_id: str,
    data: str | None,
    device: str | None,
    tolerance_points: str,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Train the trials of a run again; the exit code is 1 where one differs beyond the tolerance, or fails."""
    tolerance, chosen = _tolerance(tolerance_points), _device(device)
    if "MLFLOW_RUN_ID" in os.environ:
        end_with_parent()
    connect(tracking_uri)  # refuses a store that is not there; to open it for writing would make it
    with interruptible():
        try:
            store = open_store(tracking_uri, experiment_name)
            original = read_original(store.client, experiment_named(store.client, experiment_name), run_id)
            return _Reproducing(make_console(), store, original, data, chosen, tolerance).run()
        except Interrupted as interrupted:
            return interrupted.exit_code


@dataclass
class _Reproducing:
    """One run of the command."""

    console: Console
    store: Store
    original: Original
    data: str | None
    device: Device | None
    tolerance_points: float
    judged: list[Reproduction] = field(default_factory=list)

    def run(self) -> int:
        """Train every trial again, one after the other, on one device."""
        self.console.print(f"of the run {self.original.run_id}", markup=False, soft_wrap=True)
        then = self.original.environment
        device: Device = self.device or then.device_kind
        refuse_absent_gpu(device)
        trials = [again(trial, device) for trial in self.original.trials]
        if then.device_kind == "cpu":
            _have_threads(then.threads)
        with LocalExecutor(device) as executor, temporary_directory() as spool:
            executor.start()  # it imports TensorFlow while the corpus is read
            corpus = self._corpus()
            show_corpus(self.console, corpus.facts)
            show_changes(self.console, self._changes(corpus, executor.environment()))
            with ReproductionTracker(self.store, self.original) as tracker:
                self._train(trials, executor, corpus, Path(spool), tracker)
                tracker.finish()
        show_reproductions(self.console, self.judged, tracker.run_id)
        same = len(self.judged) == len(trials) and all(one.successful for one in self.judged)
        return EXIT_SAME if same else EXIT_DIFFERS

    def _corpus(self) -> Corpus:
        """The corpus of ``--data``, else the very one of then from the cache, else the one of then's ``--data``."""
        cache_directory = default_cache_directory()
        if self.data is None:
            for directory in cached_corpora(cache_directory):
                try:
                    corpus = open_cached_corpus(directory)
                except CacheError:
                    continue
                if corpus.facts.digest == self.original.facts.corpus.digest:
                    return corpus
        with BytesView(self.console) as view:
            return load_corpus(self.data or self.original.facts.config.data, cache_directory, view)

    def _changes(self, corpus: Corpus, environment: Environment) -> dict[str, list[str]]:
        """What is not as it was, by trial, before anything is trained."""
        changes = {}
        for trial in self.original.trials:
            assert trial.result is not None
            now = fingerprint_parts(trial.config, corpus.facts.digest, environment)
            changes[trial.config.name] = differing_parts(trial.result.fingerprint_parts, now)
        return changes

    def _train(
        self,
        trials: list[TrialConfig],
        executor: LocalExecutor,
        corpus: Corpus,
        spool: Path,
        tracker: ReproductionTracker,
    ) -> None:
        before = {trial.config.name: trial for trial in self.original.trials}
        with TrialsView(self.console, trials, corpus.facts.train_reviews) as view:
            for event in executor.run(trials, corpus.directory, spool):
                tracker.handle(event)
                view.handle(event)
                if isinstance(event, TrialFinished):
                    reproduction = self._judge(before[event.trial.name], event.outcome)
                    tracker.log_outcome(reproduction, event.outcome)
                    self.judged.append(reproduction)
        executor.stop()

    def _judge(self, before: TrialRecord, outcome: TrialOutcome) -> Reproduction:
        predictions = read_predictions(outcome.directory / PREDICTIONS_FILE)
        return judge(before, outcome.result, predictions, self.tolerance_points)


def again(trial: TrialRecord, device: Device) -> TrialConfig:
    """The settings to train a trial again with.

    Raises
    ------
    UserError
        If its architecture is not registered here.
    """
    if trial.config.architecture not in architecture_names():
        raise UserError(
            f"--run-id: {trial.run_id} trained the architecture {trial.config.architecture!r}, which is not registered "
            f"here; registered are {', '.join(architecture_names())}"
        )
    return trial.config.model_copy(update={"device": device})


def _have_threads(threads: int) -> None:
    """On a CPU the order in which numbers are added up depends on the threads; the worker takes them from here."""
    if threads != tensorflow_threads():
        os.environ.setdefault(THREADS_VARIABLE, str(threads))


def _device(text: str | None) -> Device | None:
    if text is None:
        return None
    for device in get_args(Device):
        if text == device:
            return device
    raise UserError(f"--device: {text!r} is not possible; give auto, cpu or gpu, or nothing to have it as it was")


def _tolerance(text: str) -> float:
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = -1.0
    if not 0 <= tolerance <= 100:
        raise UserError(
            f"--tolerance-points: {text!r} is not possible; give percentage points from 0, which insists on the same "
            "bits, to 100"
        )
    return tolerance
