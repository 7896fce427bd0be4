"""Progress while trials run: a live bar in a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from benchmark import numbers as n
from benchmark.config import TrialConfig
from benchmark.durations import TimeLeft, training_steps
from benchmark.events import (
    EpochFinished,
    StepsDone,
    TrialEvent,
    TrialFailed,
    TrialFinished,
    TrialStarted,
    WorkerReady,
)
from benchmark.terminal.console import words_for_seconds


class TrialsView:
    """Shows the executor's events; a context manager, so that the terminal is left as it was.

    Parameters
    ----------
    console : rich.console.Console
    trials : sequence of TrialConfig
        Those to train.
    train_reviews : int
        Of the corpus, before the limit.
    """

    def __init__(self, console: Console, trials: Sequence[TrialConfig], train_reviews: int) -> None:
        self._console = console
        self._trials = list(trials)
        self._train_reviews = train_reviews
        self._time_left = TimeLeft(trials, train_reviews)
        self._started_at_seconds: dict[TrialConfig, float] = {}
        self._shares: dict[TrialConfig, float] = {}  # of the trials that run
        self._ended = 0
        self._live = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[detail]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar = self._live.add_task("starting", total=1.0, detail="")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        match event:
            case WorkerReady(environment):
                kind = "GPU, with cuDNN" if environment.device_kind == "gpu" else "CPU"
                threads = n.plural(environment.threads, "thread")
                self._print(f"Device: {environment.device_name} ({kind}), {threads} in one operation")
            case TrialStarted(trial):
                self._started_at_seconds[trial] = time.monotonic()
                self._update(trial, 0.0)
            case StepsDone(trial, epoch, step, steps):
                self._update(trial, (epoch - 1 + step / steps) / trial.epochs)
            case EpochFinished(trial, epoch):
                self._print(
                    f"  {trial.name}, epoch {epoch.epoch}/{trial.epochs}: loss {epoch.loss:.4f}, "
                    f"accuracy {epoch.accuracy:.2%}, test accuracy {epoch.val_accuracy:.2%}, "
                    f"{epoch.train_seconds:.1f} s training, {epoch.evaluation_seconds:.1f} s evaluation"
                )
                self._update(trial, epoch.epoch / trial.epochs)
            case TrialFinished(trial, outcome):
                seconds = time.monotonic() - self._started_at_seconds[trial]
                self._end(trial, seconds, f"test accuracy {outcome.result.test_accuracy:.2%} after {seconds:.0f} s")
            case TrialFailed(trial, reason):
                self._end(trial, None, f"FAILED: {reason}")

    def _end(self, trial: TrialConfig, seconds: float | None, words: str) -> None:
        at_once = max(1, len(self._shares))
        self._shares.pop(trial, None)
        self._ended += 1
        self._time_left.ended(trial, seconds)
        left = self._time_left.seconds(self._shares) / at_once
        rest = f"; about {words_for_seconds(left)} left" if left else ""
        self._print(f"[{self._ended}/{len(self._trials)}] {trial.name}: {words}{rest}", bold=True)

    def _print(self, text: str, bold: bool = False) -> None:
        self._live.console.print(text, style="bold" if bold else None, markup=False, soft_wrap=True)

    def _update(self, trial: TrialConfig, share_done: float) -> None:
        self._shares[trial] = share_done
        steps = trial.epochs * training_steps(trial, self._train_reviews)
        left = words_for_seconds(self._time_left.seconds(self._shares) / len(self._shares))
        beside = f" and {len(self._shares) - 1} more" if len(self._shares) > 1 else ""
        self._live.update(
            self._bar,
            completed=share_done,
            description=f"trial {self._ended + 1}/{len(self._trials)} {trial.name}{beside}",
            detail=f"step {share_done * steps:.0f}/{steps}, about {left} left",
        )
