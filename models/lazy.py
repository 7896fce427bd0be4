"""Modules that are imported when they are first used: naming an architecture must not cost a start of TensorFlow."""

from __future__ import annotations

import importlib
from typing import Any


class _LazyModule:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)  # asked by tools that look at every object, not by code that builds a model
        return getattr(importlib.import_module(self._name), attribute)


def lazy_module(name: str) -> Any:
    """Stand in for the module `name` until one of its attributes is read."""
    return _LazyModule(name)
