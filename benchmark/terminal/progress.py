"""Progress while trials run: bars in a terminal, a line for each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console

from benchmark.config import TrialConfig
from benchmark.results import TrialEvent


class Progress:
    """Shows what the executor reports; a context manager, so that the terminal is left as it was.

    Parameters
    ----------
    console : rich.console.Console
    trials : sequence of TrialConfig
        Those to train.
    train_reviews : int
        Of the corpus, before `max_reviews`.
    durations : mapping of str to float, optional
        As in `estimate_seconds`.
    workers : int
        Trials trained side by side.
    """

    def __init__(
        self,
        console: Console,
        trials: Sequence[TrialConfig],
        *,
        train_reviews: int,
        durations: Mapping[str, float] | None = None,
        workers: int = 1,
    ) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def extend(self, trials: Sequence[TrialConfig]) -> None:
        """Count more trials to train (``--until-decided``, ``--retry-failed``)."""
        raise NotImplementedError

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        raise NotImplementedError
