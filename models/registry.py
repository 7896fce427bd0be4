"""The register of architectures: a named way to build a model.

Nothing here imports Keras, so that the command line can check a name in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any

from models.source_hash import source_sha256

if TYPE_CHECKING:
    import keras

Build = Callable[[int, int], "keras.Model"]

_ARCHITECTURES: dict[str, Architecture] = {}


@dataclass(frozen=True)
class Architecture:
    """A registered, named way to build a model.

    Attributes
    ----------
    name : str
        As typed after ``--architectures``.
    title : str
        As shown to people.
    build : callable
        ``build(vocabulary_size, review_length)`` gives an uncompiled Keras model: int32 ids of shape
        ``(batch, review_length)`` in, one probability out.
    group : str
        ``tutorial`` for the four that run by default, anything else for one's own.
    parameter_count : int or None
        Checked when the model is built with the tutorial's 5,000 ids.
    writes_tensorboard : bool
        Train with the TensorBoard callback.
    hyperparameters : mapping
        Logged with every trial.
    """

    name: str
    title: str
    build: FunctionType
    group: str
    parameter_count: int | None
    writes_tensorboard: bool
    hyperparameters: Mapping[str, Any]

    @cached_property
    def source_sha256(self) -> str:
        """SHA-256 of the build function's source and of all of its package that it uses."""
        return source_sha256(self.build)


def register_architecture(
    name: str,
    *,
    title: str,
    group: str = "own",
    parameter_count: int | None = None,
    writes_tensorboard: bool = False,
    **hyperparameters: Any,
) -> Callable[[Build], Build]:
    """Register the decorated function as the architecture `name`.

    Raises
    ------
    ValueError
        If the name is taken.
    TypeError
        If what is decorated is not a function, whose source can be hashed.

    Examples
    --------
    >>> @register_architecture("bag_of_words", title="Bag of words", dropout=0.5)  # doctest: +SKIP
    ... def bag_of_words(vocabulary_size: int, review_length: int) -> keras.Model: ...
    """

    def register(build: Build) -> Build:
        if not isinstance(build, FunctionType):
            raise TypeError(f"the architecture {name!r} needs a function that builds it, not {build!r}")
        if name in _ARCHITECTURES:
            raise ValueError(f"the architecture {name!r} is registered twice")
        _ARCHITECTURES[name] = Architecture(
            name, title, build, group, parameter_count, writes_tensorboard, MappingProxyType(hyperparameters)
        )
        return build

    return register


def architecture_names(group: str | None = None) -> list[str]:
    """Every registered name, or those of one group, in the order of registration."""
    return [name for name, architecture in _ARCHITECTURES.items() if group in (None, architecture.group)]


def get_architecture(name: str) -> Architecture:
    """Look an architecture up.

    Raises
    ------
    KeyError
        If there is none of that name; the message lists those that exist.
    """
    try:
        return _ARCHITECTURES[name]
    except KeyError:
        raise KeyError(f"there is no architecture {name!r}; registered are {', '.join(_ARCHITECTURES)}") from None
