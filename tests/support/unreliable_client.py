"""An MLflow client that fails at a chosen call, or while the store is said to be away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tracking.store import Store


class Killed(BaseException):
    """Stands for a SIGKILL: nothing of the product catches it."""


class UnreliableClient:
    """Passes calls on to a real client.

    Parameters
    ----------
    die_after : int or None
        Raise `Killed` once this call, counted from 1, is done.

    Attributes
    ----------
    calls : list of str
        Methods called, in order.
    error : Exception or None
        Raised by every call while it is set.
    """

    def __init__(self, client: Any, die_after: int | None = None) -> None:
        self._client = client
        self._die_after = die_after
        self.calls: list[str] = []
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def call(*arguments: Any, **options: Any) -> Any:
            if self.error is not None:
                raise self.error
            self.calls.append(name)
            answer = method(*arguments, **options)
            if len(self.calls) == self._die_after:
                raise Killed
            return answer

        return call


def unreliable(store: Store, die_after: int | None = None) -> tuple[Store, UnreliableClient]:
    client = UnreliableClient(store.client, die_after)
    return replace(store, client=client), client
