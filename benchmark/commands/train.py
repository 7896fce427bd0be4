"""Trials trained and stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import Corpus
from benchmark.executors import Executor
from benchmark.results import PlannedTrial, TrialFailed, TrialFinished, with_most_reviews
from benchmark.terminal import Progress
from tracking.session import Session


def train(
    trials_by_look: Iterable[Sequence[PlannedTrial]],
    executor: Executor,
    corpus: Corpus,
    session: Session,
    progress: Progress,
    after_turn: Callable[[], None],
) -> None:
    """Train what each look asks for, and store it.

    Parameters
    ----------
    after_turn : callable
        Called where a turn has ended, and others have not; see `turns_of`.
    """
    for trials in trials_by_look:
        progress.extend(trial.config for trial in trials)
        turns = turns_of(trials)
        left = Counter(turns.values())
        for event in executor.run(trials, corpus.folder, session.pending_folder):
            progress.handle(event)  # first: a stored trial's folder is removed
            match event:
                case TrialFinished(trial, folder):
                    session.store_trial(folder)
                case TrialFailed(trial, reason, traceback):
                    session.fail_trial(trial, reason, traceback)
                case _:
                    continue
            left[turns[trial]] -= 1
            if not left[turns[trial]] and left.total():
                after_turn()


def turns_of(trials: Sequence[PlannedTrial]) -> dict[TrialConfig, int]:
    """Return the turn of each trial: 0 without a seed, 1 with the first of its architecture, and so on.

    Trials on fewer training reviews, which are in no ladder, have turn -1.
    """
    turns = {trial.config: -1 for trial in trials}
    seeds: Counter[str] = Counter()
    for trial in with_most_reviews(trials):
        config = trial.config
        seeds[config.architecture] += config.seed is not None
        turns[config] = seeds[config.architecture]
    return turns
