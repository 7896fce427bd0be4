"""Benchmarks that were never trained, stored as a training stores them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.plan import Plan
from tests.support.records import corpus_facts, environment, planned_trial, write_trial_folder
from tracking.session import Session, open_session
from tracking.store import Store


def begin_benchmark(
    store: Store, vocabulary_file: Path | None, trials: Sequence[TrialConfig], **options: object
) -> Session:
    """Open a session for these trials; the options are fields of `Plan`, and those of `open_session`."""
    how = {name: options.pop(name) for name in ("resume", "text_of") if name in options}
    given = {
        "config": BenchmarkConfig(architectures=tuple(dict.fromkeys(trial.architecture for trial in trials))),
        "corpus": corpus_facts(),
        "environment": environment(),
        "command": "python -m benchmark run",
    } | options
    plan = Plan(planned=tuple(planned_trial(trial, corpus=given["corpus"]) for trial in trials), **given)
    return open_session(store, plan, vocabulary_file, **how)


def train_trial(session: Session, trial: TrialConfig, accuracy: float = 0.88, **changes: object) -> Path:
    """Log a trial as its events come, up to its finished folder, which is returned."""
    session.start_trial(trial)
    folder = session.pending_folder / trial.folder_name
    result = write_trial_folder(folder, trial, accuracy, **changes)
    for epoch in result.epochs:
        session.log_epoch(trial, epoch)
    return folder


def store_benchmark(
    store: Store,
    vocabulary_file: Path | None,
    trials: Sequence[TrialConfig],
    accuracies: Sequence[float] = (),
    **options: object,
) -> str:
    """Store a whole benchmark, and return its run's id; without a vocabulary no model is registered."""
    corpus = options.get("corpus", corpus_facts())
    with begin_benchmark(store, vocabulary_file, trials, **options) as session:
        for trial, accuracy in zip(trials, accuracies or [0.88] * len(trials), strict=True):
            session.store_trial(trial, train_trial(session, trial, accuracy, corpus=corpus))
        session.finish("FINISHED")
    return session.run_id
