"""Registration and look-up of architectures, ours and those from elsewhere."""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import models

GROUPS = ("tutorial", "baselines", "networks", "own")
ENTRY_POINT_GROUP = "imdb_benchmark.architectures"
MAX_NAME_LENGTH = 100

Kind = Literal["network", "baseline"]


class ArchitectureError(ValueError):
    """An architecture that cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True, eq=False)
class Architecture:
    """A registered, named way to build a model.

    Attributes
    ----------
    name : str
        As typed after ``--architectures``.
    title : str
        As shown in reports.
    kind : {"network", "baseline"}
    build : callable
        A network: ``build(vocabulary_size, max_length)`` gives an uncompiled Keras model, int32 ids of shape
        ``(batch, max_length)`` in, one probability out. A baseline: ``build()`` gives an unfitted scikit-learn
        estimator that takes a list of texts.
    group : {"tutorial", "baselines", "networks", "own"}
    parameter_count : int or None
        Of a network with the tutorial's 5,000 ids, where it has to have exactly so many.
    epochs, batch_size, learning_rate : int, int, float
        A network's training; the optimiser is Adam.
    writes_tensorboard : bool
        Train with the TensorBoard callback.
    words : int or None
        A baseline gets only so many of the most frequent words; None: all.
    deterministic : bool
        A baseline without randomness: one trial whatever the seeds.
    hyperparameters : mapping
        Logged with every trial.
    spec : str or None
        ``/abs/nets.py:my_net`` or ``my_package.nets:my_net``; None for ours and for installed entry points.
    source : str
        Text of the module that defines `build`.
    source_sha256 : str
        Hash of that module and of the modules in its folder that it imports.
    """

    name: str
    title: str
    kind: Kind
    build: Callable[..., Any]
    group: str = "own"
    parameter_count: int | None = None
    epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 0.001
    writes_tensorboard: bool = False
    words: int | None = None
    deterministic: bool = False
    hyperparameters: Mapping[str, Any] = None  # type: ignore[assignment]
    spec: str | None = None
    source: str = ""
    source_sha256: str = ""


_registered: dict[str, dict[str, Architecture]] = {}  # by the name of the defining module


def register_architecture(
    name: str | None = None,
    *,
    title: str | None = None,
    group: str = "own",
    parameter_count: int | None = None,
    epochs: int = 3,
    batch_size: int = 64,
    learning_rate: float = 0.001,
    writes_tensorboard: bool = False,
    **hyperparameters: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function ``(vocabulary_size, max_length) -> keras.Model`` as a network.

    Parameters
    ----------
    name : str, optional
        The function's name by default.
    title : str, optional
        The name by default.
    **hyperparameters
        Logged with every trial, beside the parameters described in `Architecture`.

    Raises
    ------
    ArchitectureError
        If the name is impossible or taken, or a setting is not positive.
    """
    raise NotImplementedError


def register_baseline(
    name: str | None = None,
    *,
    title: str | None = None,
    group: str = "own",
    words: int | None = None,
    deterministic: bool = True,
    **hyperparameters: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function ``() -> scikit-learn estimator`` on texts as a baseline.

    The parameters are those of `register_architecture` and `Architecture`.
    """
    raise NotImplementedError


def list_architectures() -> list[Architecture]:
    """Import and return ours, by group and in the order of registration, then those of installed packages."""
    raise NotImplementedError


def lookup(name_or_spec: str) -> Architecture:
    """Return one architecture by name, ``path/nets.py:function`` or ``package.module:function``.

    A file or module of a spec is imported, once in a process.

    Raises
    ------
    ArchitectureError
        If there is none, or its module does not import.
    """
    raise NotImplementedError


def installed_names() -> list[str]:
    """Return the names that installed packages offer, without importing them."""
    raise NotImplementedError


def expand(names: Sequence[str]) -> list[str]:
    """Replace the groups ``tutorial``, ``baselines``, ``networks``, ``own`` and ``all`` by their names.

    Raises
    ------
    ArchitectureError
        If a name does not exist (a spec is not checked) or comes twice.
    """
    raise NotImplementedError


def is_spec(text: str) -> bool:
    """Whether `text` is a ``path/nets.py:function`` or a ``package.module:function`` rather than a name."""
    return ":" in text
