"""Progress of a task that is counted in bytes: a bar in a terminal, a line at its start and end elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn


class BytesView:
    """Called with a task, and how many of how many bytes of it are done; a context manager.

    Examples
    --------
    >>> with BytesView(console) as view:  # doctest: +SKIP
    ...     view("downloading imdb.npz", 0, 17_464_789)
    """

    def __init__(self, console: Console) -> None:
        self._live = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        if task not in self._tasks:
            self._tasks[task] = self._live.add_task(task)
            if not self._live.console.is_terminal:
                self._live.console.print(task, markup=False)
        self._live.update(self._tasks[task], completed=done, total=total or None)
