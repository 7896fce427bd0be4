"""Option types, and options of several commands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import click

COMMA_OUTSIDE_BRACKETS = r",(?![^\[]*\])"


def seeds(text: str) -> tuple[int, ...]:
    """Read ``7,8,9`` or ``0-4``."""
    from benchmark.config import read_seeds

    try:
        return read_seeds(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def review_numbers(text: str) -> tuple[int, ...]:
    """Read ``1000,5000,25000``; they come in ascending order."""
    if re.fullmatch(r"[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*", text) is None:
        raise click.BadParameter(f"{text[:50]!r} is not possible; give whole numbers like 1000,5000,25000")
    return tuple(sorted(set(map(int, text.split(",")))))


def architectures(text: str) -> tuple[str, ...]:
    """Read names, groups, ``file.py:function``, ``module:function``, each also with ``[units=50,100]`` and ``@0-9``.

    Groups and several values become names, which are checked against the registry; a file has to be there, and is not
    imported.
    """
    from benchmark.config import split_seeds
    from models.registry import expand

    typed: list[str] = []
    try:
        for part in re.split(COMMA_OUTSIDE_BRACKETS, text):
            if not part.strip():
                raise click.BadParameter(f"{text!r} has an empty name; write commas without spaces: lstm,cnn_lstm")
            name, _ = split_seeds(part.strip())
            own_seeds = part.strip().removeprefix(name)
            typed += [f"{one}{own_seeds}" for one in expand(name)]
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return tuple(typed)


class WholeNumber(click.IntRange):
    """A whole number in a range, ``N`` in the help."""

    name = "N"


class Number(click.FloatRange):
    """A number in a range, ``NUMBER`` in the help; ``nan``, which is outside of no range, is refused."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Command(click.Command):
    """A command to whose options `mlflow run` gives values: ``--name=`` is left out, ``--name=true`` is a switch."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = []
        for word in args:
            if re.search("[\\ud800-\\udfff]", word):
                raise click.UsageError(f"{word!r} is not UTF-8 text, which all that is stored has to be", ctx)
            switch = re.fullmatch(r"(--[a-z-]+)=(true|false|)", word)
            if switch is None:
                words.append(word)
            elif switch[2] == "true":
                words.append(switch[1])
        return super().parse_args(ctx, words)


class Commands(click.Group):
    """Commands in the order in which one uses them."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


tracking_uri = click.option(
    "--tracking-uri",
    metavar="URI",
    help="MLflow tracking URI, else $MLFLOW_TRACKING_URI. [default: mlflow.db beside MLproject]",
)


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a tracking store."""
    experiment = "MLflow experiment. [default: imdb-benchmark]"
    return tracking_uri(click.option("--experiment-name", metavar="NAME", help=experiment)(command))
