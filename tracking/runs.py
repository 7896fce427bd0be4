"""A benchmark's run and the runs of its trials under it, written to as the executor's events come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.events import TrialEvent
from benchmark.results import CorpusFacts, HardReview
from tracking.store import Store

EndStatus = Literal["finished", "failed", "killed"]


class BenchmarkTracker:
    """Logs one benchmark; used as a context manager, it ends as FAILED or KILLED when an exception passes through.

    Attributes
    ----------
    run_id : str
        Of the benchmark run.
    """

    run_id: str

    @classmethod
    def open(
        cls,
        store: Store,
        config: BenchmarkConfig,
        corpus: CorpusFacts,
        vocabulary: Path,
        command: str,
        resume_run_id: str | None = None,
    ) -> Self:
        """Start the benchmark run, take over the one that ``mlflow run`` started, or go on with `resume_run_id`.

        Parameters
        ----------
        vocabulary : Path
            File of `Vocabulary.save`; it travels with every registered model.
        command : str
            As the user could type it again.
        """
        raise NotImplementedError

    def handle(self, event: TrialEvent) -> None:
        """Log what an executor tells; a finished trial is safe in MLflow, and its directory removed, on return."""
        raise NotImplementedError

    def take_over(self, trial: TrialConfig, run_id: str) -> None:
        """Count a trial that another benchmark finished as one of this benchmark."""
        raise NotImplementedError

    def log_hard_reviews(self, reviews: Sequence[HardReview]) -> None:
        """Keep the texts that the report's error analysis may show."""
        raise NotImplementedError

    def log_summary(self, metrics: Mapping[str, float]) -> None:
        """Log metrics of the whole benchmark, such as ``cnn_lstm.accuracy_mean``."""
        raise NotImplementedError

    def log_report(self, directory: Path) -> None:
        """Log a report's folder as the artifact ``report/``."""
        raise NotImplementedError

    def finish(self, status: EndStatus) -> None:
        """End the benchmark run; trials that still run end as killed."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        raise NotImplementedError
