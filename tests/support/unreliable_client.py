"""MLflow clients that fail at a chosen call, or while the store is said to be away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import pytest
from mlflow import MlflowClient


class Killed(BaseException):
    """Stands for a SIGKILL: nothing of the product catches it."""


@dataclass
class Calls:
    """The methods called, in order; `error` is raised by every call while it is set."""

    names: list[str] = field(default_factory=list)
    error: Exception | None = None


@contextmanager
def unreliable(die_after: int | None = None) -> Iterator[Calls]:
    """Watch every client of this process, also MLflow's own; raise `Killed` once a call, counted from 1, is done."""
    calls = Calls()

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*arguments: Any, **options: Any) -> Any:
            if calls.error is not None:
                raise calls.error
            calls.names.append(method.__name__)
            number = len(calls.names)
            answer = method(*arguments, **options)
            if number == die_after:
                raise Killed
            return answer

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name, method in vars(MlflowClient).items():
            if callable(method) and not name.startswith("_"):
                patch.setattr(MlflowClient, name, watched(method))
        yield calls
