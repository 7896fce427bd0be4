"""One benchmark run: opened, taken over from ``mlflow run`` or resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, EpochResult, HardReview, PlannedTrial
from tracking.store import Store

EndStatus = Literal["FINISHED", "FAILED", "KILLED"]


def open_session(
    store: Store,
    *,
    config: BenchmarkConfig,
    planned: Sequence[PlannedTrial],
    corpus: CorpusFacts,
    vocabulary_file: Path,
    environment: Environment | None,
    command: str,
    resume: str | None = None,
    text_of: Callable[[str], str | None] | None = None,
) -> Session:
    """Open the benchmark run and take its lock; trials left in ``pending/`` by a resumed benchmark are sent.

    Parameters
    ----------
    store : Store
        Opened with ``create=True``.
    planned : sequence of PlannedTrial
        All trials of the benchmark, those that a resumed benchmark has finished included.
    vocabulary_file : Path
        File of `Vocabulary.save`; it travels with every registered model.
    resume : str or None
        Id of the benchmark run to continue.
    text_of : callable or None
        Review id to its text, for the table of predictions (`Corpus.text`).

    Raises
    ------
    UserError
        If the benchmark to resume is still running here, or the store refuses the run.
    """
    raise NotImplementedError


class Session:
    """One benchmark that is being logged; a context manager that holds the benchmark's lock.

    Leaving it by an exception ends the run as FAILED (KILLED for a KeyboardInterrupt), unless `finish` was called.
    While the store is away nothing is raised before `finish`: finished trials wait in `pending_folder`.

    Attributes
    ----------
    run_id : str
        Of the benchmark run.
    url : str
        Of the benchmark run in the MLflow UI.
    pending_folder : Path
        Where trials train: hand it to the executor.
    """

    run_id: str
    url: str
    pending_folder: Path

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, *exception: Any) -> None:
        raise NotImplementedError

    def finished_trials(self) -> set[TrialConfig]:
        """Return the planned trials that need no training: a FINISHED run has their fingerprint."""
        raise NotImplementedError

    def start_trial(self, trial: TrialConfig) -> None:
        """Create the trial's run as RUNNING; system metrics are sampled from now on."""
        raise NotImplementedError

    def log_epoch(self, trial: TrialConfig, epoch: EpochResult) -> None:
        """Log an epoch's metrics to the running trial."""
        raise NotImplementedError

    def store_trial(self, trial: TrialConfig, folder: Path) -> bool:
        """Store a finished trial and remove its folder; False where the store is away and the trial is pending.

        Raises
        ------
        UserError
            If the store refuses the trial; its folder stays pending.
        """
        raise NotImplementedError

    def fail_trial(self, trial: TrialConfig, reason: str, traceback: str) -> None:
        """End the trial's run as FAILED, with the reason as a tag and the traceback as an artifact."""
        raise NotImplementedError

    def extend_plan(self, planned: Iterable[PlannedTrial], look: int | None = None) -> None:
        """Add trials to the plan; `look` is the number of seeds at which the result was just looked at."""
        raise NotImplementedError

    def log_hard_reviews(self, reviews: Sequence[HardReview]) -> None:
        """Keep the reviews that the report's error analysis shows."""
        raise NotImplementedError

    def log_report(self, folder: Path) -> None:
        """Log the report's files below ``report/``."""
        raise NotImplementedError

    def describe(
        self,
        note_markdown: str,
        run_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Make the answer the run's description; metrics only what runs are sorted by."""
        raise NotImplementedError

    def send_pending(self, patience_seconds: float = 0.0) -> int:
        """Send what is pending, with retries for so long; return how many trials are still pending."""
        raise NotImplementedError

    def finish(self, status: EndStatus, patience_seconds: float = 600.0) -> None:
        """Send what is pending and end the run.

        Raises
        ------
        UserError
            If the store is still away after `patience_seconds`; the line says how the trials are sent later.
        """
        raise NotImplementedError
