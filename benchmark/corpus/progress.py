"""How long work on a corpus is shown to a person."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with a task, and how many of how many bytes of it are done; `total` is 0 where it is not known."""

    def __call__(self, task: str, done: int, total: int) -> None: ...


def no_progress(task: str, done: int, total: int) -> None:
    """Show nothing."""
