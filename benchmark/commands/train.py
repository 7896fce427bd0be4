"""Trials trained and stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmark.corpus.corpus import Corpus
from benchmark.executors import Executor
from benchmark.results import EpochFinished, PlannedTrial, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal import Progress
from tracking.session import Session


def train(
    rounds: Iterable[Sequence[PlannedTrial]],
    executor: Executor,
    corpus: Corpus,
    session: Session,
    progress: Progress,
    retries: int = 0,
) -> None:
    """Train round after round, and store each trial that finishes; train failed ones again, up to `retries` times."""
    for trials in rounds:
        for _ in range(1 + retries):
            if not trials:
                break
            progress.extend(trial.config for trial in trials)
            events = executor.run(trials, corpus.folder, session.pending_folder)
            failed = {failure.trial for failure in _stored(events, session, progress)}
            trials = [trial for trial in trials if trial.config in failed]


def _stored(events: Iterable[TrialEvent], session: Session, progress: Progress) -> Iterator[TrialFailed]:
    """Show and store what happens; yield the failures."""
    for event in events:
        progress.handle(event)  # first: a stored trial's folder is removed
        match event:
            case TrialStarted(trial):
                session.start_trial(trial)
            case EpochFinished(trial, epoch):
                session.log_epoch(trial, epoch)
            case TrialFinished(trial, folder):
                session.store_trial(trial, folder)
            case TrialFailed(trial, reason, traceback):
                session.fail_trial(trial, reason, traceback)
                yield event
