"""Architectures described, and trials trained and stored."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import Corpus
from benchmark.errors import UserError
from benchmark.executors import Executor
from benchmark.results import EpochFinished, PlannedTrial, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal import Progress
from models.registry import Architecture
from tracking.session import Session


def describe_architectures(config: BenchmarkConfig, executor: Executor) -> list[Architecture]:
    """Describe the architectures; two of one name, which only their files show, are refused."""
    architectures = executor.describe([choice.name for choice in config.architectures])
    names = [architecture.name for architecture in architectures]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"--architectures: {name!r} is given twice; each name may be given once")
    return architectures


def train(
    trials: Sequence[PlannedTrial],
    config: BenchmarkConfig,
    executor: Executor,
    corpus: Corpus,
    session: Session,
    progress: Progress,
) -> None:
    """Train the trials and store each one that finishes; failed ones are trained again as often as asked for."""
    to_train = {trial.config: trial for trial in trials}
    for _ in range(1 + config.retry_failed):
        if not to_train:
            return
        failed = {}
        progress.extend(to_train)
        for event in executor.run(list(to_train.values()), corpus.folder, session.pending_folder):
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
                    failed[trial] = to_train[trial]
        to_train = failed
