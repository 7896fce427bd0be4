"""Progress while trials run: bars in a terminal, a line for each epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from benchmark.config import TrialConfig
from benchmark.errors import UserError
from benchmark.results import EpochFinished, StepsDone, TrialEvent, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal.console import clean, say, words_for_seconds
from benchmark.terminal.plan import estimate_trial_seconds


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
        As in `benchmark.terminal.estimate_seconds`.
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
        self._console = console
        self._train_reviews = train_reviews
        self._durations = durations
        self._workers = workers
        self._estimates: dict[TrialConfig, float] = {}
        self._paces: dict[str, list[float]] = {}  # actual seconds divided by the estimate, of ended trials
        self._running: dict[TrialConfig, tuple[TaskID, float]] = {}
        self._shares: dict[TrialConfig, float] = {}
        self._accuracies: dict[TrialConfig, float] = {}  # of the last epoch
        self._planned = self._ended = 0
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[detail]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._all = self._bars.add_task("trials", detail="starting")
        self.extend(trials)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def extend(self, trials: Sequence[TrialConfig]) -> None:
        """Count more trials to train (``--until-decided``, ``--retry-failed``)."""
        for trial in trials:
            self._estimates[trial] = estimate_trial_seconds(trial, self._train_reviews, self._durations)
        self._planned += len(trials)
        self._update_all()

    def handle(self, event: TrialEvent) -> None:
        """Show one event."""
        trial = event.trial
        match event:
            case TrialStarted():
                self._running[trial] = (self._bars.add_task(clean(trial.name), detail=""), time.monotonic())
                self._update_all()
            case StepsDone(epoch=epoch, step=step, steps=steps):
                self._update(trial, epoch, step / max(1, steps), f"step {step}/{steps}")
            case EpochFinished(epoch=result):
                self._accuracies[trial] = result.test_accuracy
                self._update(trial, result.epoch + 1, 0.0, "")
                say(
                    self._bars.console,
                    f"{trial.name}  {result.epoch}/{trial.epochs}  loss {result.train_loss:.2f}  "
                    f"accuracy {result.train_accuracy:.1%}  test {result.test_accuracy:.1%}  "
                    f"{words_for_seconds(result.train_seconds + result.evaluation_seconds)}",
                )
            case TrialFinished(folder=folder):
                accuracy = self._accuracy(trial, folder)
                words = "" if accuracy is None else f"test accuracy {accuracy:.2%}, "
                self._end(trial, f"{words}{self._took(trial)}", "bold", counts=True)
            case TrialFailed(reason=reason):
                self._end(trial, f"FAILED: {reason}", "bold red", counts=False)

    def _accuracy(self, trial: TrialConfig, folder: Path) -> float | None:
        """Read it from the trial's folder, or take the last epoch's where the folder is stored and removed."""
        from benchmark.trial_folder import read_result

        try:
            return read_result(folder).scores.accuracy
        except UserError:
            return self._accuracies.get(trial)

    def _took(self, trial: TrialConfig) -> str:
        seconds = time.monotonic() - self._running[trial][1] if trial in self._running else 0.0
        return words_for_seconds(seconds)

    def _update(self, trial: TrialConfig, epoch: int, share: float, detail: str) -> None:
        epochs = trial.epochs or 1
        self._shares[trial] = min(1.0, (epoch - 1 + share) / epochs)
        if trial in self._running:
            detail = f"epoch {min(epoch, epochs)}/{epochs} {detail}"
            self._bars.update(self._running[trial][0], total=1.0, completed=self._shares[trial], detail=detail)
        self._update_all()

    def _end(self, trial: TrialConfig, words: str, style: str, *, counts: bool) -> None:
        task, started = self._running.pop(trial, (None, None))
        if task is not None:
            self._bars.remove_task(task)
        estimate = self._estimates.pop(trial, 0.0)
        if counts and started is not None and estimate > 0:
            self._paces.setdefault(trial.architecture, []).append((time.monotonic() - started) / estimate)
        self._shares.pop(trial, None)
        self._ended += 1
        left = f"; about {words_for_seconds(self._seconds_left())} left" if self._estimates else ""
        say(self._bars.console, f"[{self._ended}/{self._planned}] {trial.name}: {words}{left}", style)
        self._update_all()

    def _update_all(self) -> None:
        left = f"about {words_for_seconds(self._seconds_left())} left"
        self._bars.update(
            self._all,
            total=self._planned,
            completed=self._ended + sum(self._shares.values()),
            description=f"trials {self._ended}/{self._planned}",
            detail=left,
        )

    def _seconds_left(self) -> float:
        """Scale the estimates by the pace of the same architecture's ended trials, else by that of all."""
        every_pace = [pace for paces in self._paces.values() for pace in paces]
        seconds = 0.0
        for trial, estimate in self._estimates.items():
            paces = self._paces.get(trial.architecture) or every_pace or [1.0]
            seconds += estimate * (1 - self._shares.get(trial, 0.0)) * sum(paces) / len(paces)
        return seconds / min(self._workers, max(1, len(self._estimates)))
