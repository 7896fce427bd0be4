"""What every executor offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from benchmark.results import Environment, PlannedTrial, TrialEvent
from benchmark.training.describe import ArchitectureFacts


class Executor(Protocol):
    """Runs trials and reports what happens; `LocalExecutor` and `RayExecutor` are two."""

    def start(self) -> None:
        """Start the first worker and return at once; call it in the main thread.

        Workers end with the thread that started them.
        """

    def environment(self) -> Environment:
        """Wait for the first worker, and return what it trains on; UserError where it cannot serve."""
        ...

    def describe(self, specs: Sequence[str]) -> list[ArchitectureFacts]:
        """Import architectures from elsewhere in a worker and check their contract.

        Raises
        ------
        UserError
            With the first thing that `check` would refuse.
        """
        ...

    def run(self, trials: Sequence[PlannedTrial], corpus_folder: Path, pending_folder: Path) -> Iterator[TrialEvent]:
        """Run the trials; each ends with `TrialFinished` or `TrialFailed`.

        A finished trial's files are in ``pending_folder / trial.folder_name``. Trials of different workers finish in
        any order.
        """
        ...

    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
