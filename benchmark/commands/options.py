"""Option types, and options in groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

COMMA_OUTSIDE_BRACKETS = r",(?![^\[]*\])"
POSSIBLE_SEEDS = "give whole numbers like 7,8,9 or a range like 0-4"


def seeds(text: str) -> tuple[int, ...]:
    """Read ``7,8,9`` or ``0-4``; each seed may be given once."""
    from benchmark.config import read_seeds

    try:
        return read_seeds(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}; {POSSIBLE_SEEDS}") from None


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
    from models.registry import ArchitectureError, expand

    typed: list[str] = []
    try:
        for part in re.split(COMMA_OUTSIDE_BRACKETS, text):
            if not part.strip():
                raise click.BadParameter(f"{text!r} has an empty name; write commas without spaces: lstm,cnn_lstm")
            name, _ = split_seeds(part.strip())
            own_seeds = part.strip().removeprefix(name)
            typed += [f"{one}{own_seeds}" for one in expand(name)]
    except ArchitectureError as error:
        raise click.BadParameter(str(error)) from None
    except ValueError as error:
        raise click.BadParameter(f"{text}: {error}; {POSSIBLE_SEEDS}") from None
    return tuple(typed)


class Option(click.Option):
    """An option with its group in the help."""

    def __init__(self, *args: Any, group: str = "Common options", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.group = group


class Command(click.Command):
    """A command whose options are shown in groups.

    `mlflow run` gives every option a value: ``--name=`` counts as left out, ``--name=true`` is a switch.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = []
        for word in args:
            switch = re.fullmatch(r"(--[a-z-]+)=(true|false|)", word)
            if switch is None:
                words.append(word)
            elif switch[2] == "true":
                words.append(switch[1])
        return super().parse_args(ctx, words)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list for each group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(param, "group", "Common options"), []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records, col_max=26)


class Commands(click.Group):
    """Commands in the order in which one uses them."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Declare an `Option`."""
    return click.option(*names, cls=Option, **settings)


tracking_uri = option(
    "--tracking-uri",
    metavar="URI",
    group="Store",
    help="MLflow tracking URI, else $MLFLOW_TRACKING_URI. [default: mlflow.db beside MLproject]",
)


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a tracking store."""
    experiment = "MLflow experiment. [default: imdb-benchmark]"
    return tracking_uri(option("--experiment-name", metavar="NAME", group="Store", help=experiment)(command))
