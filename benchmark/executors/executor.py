"""What runs trials, wherever it runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from benchmark.config import TrialConfig
from benchmark.events import TrialEvent
from benchmark.results import Environment


class Executor(Protocol):
    """Runs trials and tells what happens; `LocalExecutor` and `RayExecutor` are two."""

    def start(self) -> None:
        """Begin to make workers ready, and return at once."""

    def environment(self) -> Environment:
        """Wait for the first worker, and tell what it trains on."""
        ...

    def run(self, trials: Sequence[TrialConfig], corpus_directory: Path, spool_directory: Path) -> Iterator[TrialEvent]:
        """Run the trials; each ends with `TrialFinished` or `TrialFailed`, its files below `spool_directory`."""
        ...

    def stop(self) -> None:
        """End the workers, at once where they are in the middle of a trial."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
