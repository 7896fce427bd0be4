"""Progress while trials run: bars in a terminal, a line for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from benchmark.config import TrialConfig
from benchmark.results import EpochFinished, StepsDone, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal.console import clean, say, words_for_seconds
from benchmark.terminal.plan import estimate_seconds
from benchmark.trial_folder import read_result

SECONDS_OF_SPEED = 3600.0  # the time left is computed from the speed of the last hour


class Progress:
    """Shows what the executor reports; a context manager, so that the terminal is left as it was.

    The bar of all trials counts estimated seconds, so that a long trial counts more than a short one.

    Parameters
    ----------
    train_reviews, durations
        As in `benchmark.terminal.plan.estimate_seconds`.
    """

    def __init__(self, console: Console, *, train_reviews: int, durations: Mapping[str, float] | None = None) -> None:
        self._estimate = partial(estimate_seconds, train_reviews=train_reviews, durations=durations)
        self._running: dict[TrialConfig, TaskID] = {}
        self._done: dict[TrialConfig, float] = {}  # share of each running trial
        self._planned = self._ended = 0
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[epoch]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
            speed_estimate_period=SECONDS_OF_SPEED,
        )
        self._all = self._bars.add_task("trials", total=0.0, epoch="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def extend(self, trials: Iterable[TrialConfig]) -> None:
        """Count more trials to train."""
        for trial in trials:
            self._planned += 1
            self._bars.update(self._all, total=(self._bars.tasks[0].total or 0.0) + self._estimate(trial))
        self._bars.advance(self._all, 0.0)  # the speed is measured from here on

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        trial = event.trial
        match event:
            case TrialStarted():
                self._running[trial] = self._bars.add_task(clean(trial.name), total=1.0, epoch="")
            case StepsDone(epoch=epoch, step=step, steps=steps):
                self._advance(trial, epoch - 1 + step / steps)
            case EpochFinished(epoch=result):
                self._advance(trial, result.epoch)
                say(
                    self._bars.console,
                    f"{trial.name}  {result.epoch}/{trial.epochs}  loss {result.train_loss:.2f}  "
                    f"accuracy {result.train_accuracy:.1%}  test {result.test_accuracy:.1%}  "
                    f"{words_for_seconds(result.train_seconds + result.evaluation_seconds)}",
                )
            case TrialFinished(folder=folder):
                finished = read_result(folder)
                took = words_for_seconds(finished.wall_seconds)
                self._end(trial, f"test accuracy {finished.scores.accuracy:.2%}, {took}", "bold")
            case TrialFailed(reason=reason):
                self._end(trial, f"FAILED: {reason}", "bold red")

    def _advance(self, trial: TrialConfig, epochs_done: float) -> None:
        epochs = trial.epochs or 1
        share = epochs_done / epochs
        self._bars.advance(self._all, (share - self._done.get(trial, 0.0)) * self._estimate(trial))
        self._done[trial] = share
        if trial in self._running:
            epoch = f"epoch {min(int(epochs_done) + 1, epochs)}/{epochs}"
            self._bars.update(self._running[trial], completed=share, epoch=epoch)

    def _end(self, trial: TrialConfig, words: str, style: str) -> None:
        self._advance(trial, trial.epochs or 1)
        if trial in self._running:
            self._bars.remove_task(self._running.pop(trial))
        del self._done[trial]
        self._ended += 1
        self._bars.update(self._all, description=f"trials {self._ended}/{self._planned}")
        all_trials = self._bars.tasks[0]
        left = words_for_seconds(all_trials.time_remaining or all_trials.remaining or 0.0)
        more = f"; about {left} left" if self._ended < self._planned else ""
        say(self._bars.console, f"[{self._ended}/{self._planned}] {trial.name}: {words}{more}", style)
