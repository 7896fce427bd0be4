"""Hash what a build function is made of, so that a changed architecture is known from an unchanged one."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

_SCALARS = (bool, int, float, complex, str, bytes, type(None))


def source_sha256(function: FunctionType) -> str:
    """SHA-256 of a function's source and of everything of its package that it uses: 64 hexadecimal digits.

    These are the functions and classes that it names, those that these name in turn, and the plain values (numbers,
    strings, collections of them) of globals, closures and defaults. Decorators do not count, and libraries are known
    by their version.
    """
    package = function.__module__.partition(".")[0]
    return hashlib.sha256("\n".join(_sources(function, package, set())).encode()).hexdigest()


def _sources(used: Any, package: str, seen: set[int]) -> Iterator[str]:
    if id(used) in seen or used.__module__.partition(".")[0] != package:
        return
    seen.add(id(used))
    yield _without_decorators(inspect.getsource(used))
    parts = [used] if isinstance(used, FunctionType) else [*vars(used).values(), *used.__bases__]
    for part in parts:
        if isinstance(part, type):
            yield from _sources(part, package, seen)
        elif isinstance(part, FunctionType):
            for name, value in _named_values(part):
                yield from _described(name, value, package, seen)


def _described(name: str, value: Any, package: str, seen: set[int]) -> Iterator[str]:
    if isinstance(value, FunctionType | type):
        yield from _sources(value, package, seen)
    elif isinstance(value, _SCALARS):
        yield f"{name} = {value!r}"
    elif isinstance(value, set | frozenset):
        yield f"{name} = {sorted(map(repr, value))}"  # a set's own order differs from process to process
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _described(f"{name}[{position}]", item, package, seen)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _described(f"{name}[{key!r}]", item, package, seen)


def _named_values(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name in sorted(set(_global_names(function.__code__))):
        if name in function.__globals__:
            yield name, function.__globals__[name]
    yield from inspect.getclosurevars(function).nonlocals.items()
    yield "defaults", function.__defaults__
    yield "keyword defaults", function.__kwdefaults__


def _global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):  # a function inside, a lambda or a comprehension
            yield from _global_names(constant)


def _without_decorators(source: str) -> str:
    lines = source.splitlines()
    starts = (number for number, line in enumerate(lines) if line.lstrip().startswith(("def ", "class ", "async def ")))
    return inspect.cleandoc("\n".join(lines[next(starts, 0) :]))
