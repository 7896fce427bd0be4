"""A value that an option cannot have, told in a user's words: what was given, and what is possible."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from benchmark.errors import UserError


def option_refusal(error: ValidationError, fields: Mapping[str, FieldInfo]) -> UserError:
    """Give the one line for the first wrong value.

    Parameters
    ----------
    error : pydantic.ValidationError
    fields : mapping of str to FieldInfo
        Those of the settings that were checked.
    """
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name not in fields:
        return UserError(f"--{_dashed(name)}: there is no such option")
    field = fields[name]
    possible = possible_values(field.annotation, field.metadata)
    return UserError(f"--{_dashed(name)}: {first['input']!r} is not possible; give {possible}")


def possible_values(annotation: Any, limits: list[Any]) -> str:
    """``a whole number from 1 to 1,000``, ``auto, cpu or gpu``.

    Parameters
    ----------
    annotation : type
        Of the setting. One that may be None is described by its other values, since an option is just left out.
    limits : list
        Pydantic's metadata of the setting.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        more = [limit for extra in arguments[1:] for limit in getattr(extra, "metadata", [extra])]
        return possible_values(arguments[0], [*limits, *more])
    if origin in (Union, types.UnionType):
        (kind,) = (one for one in arguments if one is not type(None))
        return possible_values(kind, limits)
    if origin is tuple:
        return f"a comma-separated list, each {possible_values(arguments[0], [])}"
    if origin is Literal:
        *others, last = map(str, arguments)
        return f"{', '.join(others)} or {last}" if others else last
    word = {int: "a whole number", float: "a number", bool: "true or false"}.get(annotation, "a text")
    return f"{word}{_range(limits)}"


def _range(limits: list[Any]) -> str:
    """``from 1 to 1,000``, ``from 2 on``, ``over 0 and up to 50``, or nothing."""
    words = {
        side: f"{getattr(limit, side):,}" for limit in limits for side in ("ge", "gt", "le") if hasattr(limit, side)
    }
    match words.get("ge"), words.get("gt"), words.get("le"):
        case str(lowest), _, str(highest):
            return f" from {lowest} to {highest}"
        case str(lowest), _, None:
            return f" from {lowest} on"
        case None, str(below), str(highest):
            return f" over {below} and up to {highest}"
        case None, str(below), None:
            return f" over {below}"
    return ""


def _dashed(name: str) -> str:
    return name.replace("_", "-")
