"""Progress while trials run: bars in a terminal, a line for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from benchmark.config import TrialConfig
from benchmark.plan import Plan
from benchmark.results import EpochFinished, StepsDone, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal.console import clean, say
from benchmark.terminal.plan import typical_seconds
from benchmark.trial_folder import read_result
from benchmark.wording import duration

SECONDS_OF_PACE = 3600.0  # so far back goes what rich derives the time that is left from


class Progress:
    """Shows what the executor reports; a context manager, so that the terminal is left as it was.

    Parameters
    ----------
    durations : mapping of str to float, optional
        Architecture to seconds of one trial on this machine; the typical seconds for others. Only their ratio counts.
    """

    def __init__(self, console: Console, plan: Plan, durations: Mapping[str, float] | None = None) -> None:
        self._train_reviews = plan.corpus.train_reviews
        self._durations = durations or {}
        self._running: dict[TrialConfig, TaskID] = {}
        self._left: dict[TrialConfig, float] = {}  # seconds of the trials that have not ended
        self._seconds = 0.0  # of all
        self._planned = 0
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[more]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
            speed_estimate_period=SECONDS_OF_PACE,
        )
        self._all = self._bars.add_task("trials", more="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def extend(self, trials: Iterable[TrialConfig]) -> None:
        """Count more trials to train."""
        for trial in trials:
            self._left[trial] = self._seconds_of(trial)
            self._seconds += self._left[trial]
            self._planned += 1
        self._update()

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        trial = event.trial
        match event:
            case TrialStarted():
                self._running[trial] = self._bars.add_task(clean(trial.name), total=1.0, more="")
            case StepsDone(epoch=epoch, step=step, steps=steps):
                self._advance(trial, epoch - 1 + step / steps)
            case EpochFinished(epoch=result):
                self._advance(trial, result.epoch)
                say(
                    self._bars.console,
                    f"{trial.name}  {result.epoch}/{trial.epochs}  loss {result.train_loss:.2f}  "
                    f"accuracy {result.train_accuracy:.1%}  test {result.test_accuracy:.1%}  "
                    f"{duration(result.train_seconds + result.evaluation_seconds)}",
                )
            case TrialFinished(folder=folder):
                finished = read_result(folder)
                took = duration(finished.wall_seconds)
                self._end(trial, f"test accuracy {finished.scores.accuracy:.2%}, {took}", "bold")
            case TrialFailed(reason=reason):
                self._end(trial, f"FAILED: {reason}", "bold red")

    def _seconds_of(self, trial: TrialConfig) -> float:
        return self._durations.get(trial.architecture) or typical_seconds(trial, self._train_reviews)

    def _advance(self, trial: TrialConfig, epochs_done: float) -> None:
        epochs = trial.epochs or 1
        self._left[trial] = self._seconds_of(trial) * (1.0 - epochs_done / epochs)
        if trial in self._running:
            epoch = f"epoch {min(int(epochs_done) + 1, epochs)}/{epochs}"
            self._bars.update(self._running[trial], completed=epochs_done / epochs, more=epoch)
        self._update()

    def _end(self, trial: TrialConfig, words: str, style: str) -> None:
        if trial in self._running:
            self._bars.remove_task(self._running.pop(trial))
        self._left.pop(trial, None)
        self._update()
        time_left = self._time_left()
        say(self._bars.console, f"[{self._ended}] {trial.name}: {words}{time_left and f'; {time_left}'}", style)

    @property
    def _ended(self) -> str:
        return f"{self._planned - len(self._left)}/{self._planned}"

    def _time_left(self) -> str:
        """Nothing until something was timed."""
        seconds = self._bars.tasks[0].time_remaining
        return f"about {duration(seconds)} left" if seconds else ""

    def _update(self) -> None:
        """Draw the bar of all trials."""
        self._bars.update(
            self._all,
            description=f"trials {self._ended}",
            total=self._seconds,
            completed=self._seconds - sum(self._left.values()),
            more=self._time_left(),
        )
