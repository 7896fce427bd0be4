"""Progress while trials run: bars in a terminal, a line for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from benchmark.config import TrialConfig
from benchmark.plan import Plan
from benchmark.results import EpochFinished, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal.console import clean, say
from benchmark.trial_folder import read_result
from benchmark.wording import duration


class Progress:
    """Shows what the executor reports; a context manager, so that the terminal is left as it was.

    Parameters
    ----------
    durations : mapping of str to float, optional
        Architecture to seconds of one trial on this machine, where they are known. Trials that finish add theirs.
    """

    def __init__(self, console: Console, plan: Plan, durations: Mapping[str, float] | None = None) -> None:
        self._console = console
        self._durations = dict(durations or {})
        self._trials_at_once = plan.environment.trials_at_once
        self._about = "at most" if plan.config.train_reviews else "about"  # those on fewer reviews are quicker
        self._left: dict[TrialConfig, float] = {}  # the part of each trial that is not done
        self._ended = 0
        self._running: dict[TrialConfig, TaskID] = {}
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._all = self._bars.add_task("trials")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def extend(self, trials: Iterable[TrialConfig]) -> None:
        """Count more trials to train."""
        self._left |= dict.fromkeys(trials, 1.0)
        self._update()

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        trial = event.trial
        match event:
            case TrialStarted() if trial not in self._running:  # Ray starts that of a lost node again
                self._running[trial] = self._bars.add_task(clean(trial.name), total=trial.epochs or 1)
            case EpochFinished(epoch=result):
                if trial in self._running:  # and no late event of a trial that was stopped
                    self._left[trial] = 1 - result.epoch / (trial.epochs or 1)
                    self._bars.update(self._running[trial], completed=result.epoch)
                say(
                    self._console,
                    f"{trial.name}  {result.epoch}/{trial.epochs}  loss {result.train_loss:.2f}  "
                    f"accuracy {result.train_accuracy:.1%}  test {result.test_accuracy:.1%}  "
                    f"{duration(result.train_seconds + result.evaluation_seconds)}",
                )
            case TrialFinished(folder=folder):
                finished = read_result(folder)
                self._durations[trial.architecture] = finished.wall_seconds
                accuracy, took = finished.scores.accuracy, duration(finished.wall_seconds)
                self._end(trial, f"test accuracy {accuracy:.2%}, {took}", "bold")
            case TrialFailed(reason=reason):
                self._end(trial, f"FAILED: {reason}", "bold red")

    def _end(self, trial: TrialConfig, words: str, style: str) -> None:
        if trial in self._running:
            self._bars.remove_task(self._running.pop(trial))
        self._left.pop(trial, None)
        self._ended += 1
        self._update()
        planned = self._ended + len(self._left)
        sentences = [f"[{self._ended}/{planned}] {trial.name}: {words}", self._time_left()]
        say(self._console, "; ".join(filter(None, sentences)), style)

    def _time_left(self) -> str:
        """Nothing where nothing is left, or where an architecture was never timed."""
        seconds = 0.0
        for trial, part in self._left.items():
            if trial.architecture not in self._durations:
                return ""
            seconds += part * self._durations[trial.architecture]
        return f"{self._about} {duration(seconds / self._trials_at_once)} left" if seconds else ""

    def _update(self) -> None:
        """Draw the bar of all trials."""
        self._bars.update(
            self._all,
            description=f"trials {self._time_left()}",
            total=self._ended + len(self._left),
            completed=self._ended,
        )
