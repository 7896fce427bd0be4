"""Option types, and help in groups that fits 80 columns."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from benchmark.config import Choice, Reference

MAX_SEED = 2**32 - 1  # numpy.random.seed takes 32 bits
MAX_SEEDS = 10_000
NO_BREAK = "\N{NO-BREAK SPACE}"


class Seeds(click.ParamType):
    """``7,8,9`` or ``0-4``, as a tuple of whole numbers."""

    name = "seeds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Read seeds and ranges; each seed may be given once."""
        if isinstance(value, tuple):
            return value

        def refuse(why: str) -> NoReturn:
            self.fail(f"{why}; give whole numbers like 7,8,9 or a range like 0-4", param, ctx)

        seeds: list[int] = []
        for part in str(value).split(","):
            match = re.fullmatch(r"\s*([0-9]{1,10})(?:-([0-9]{1,10}))?\s*", part)
            if not match:
                refuse(f"{part!r} is not a seed")
            first, last = int(match[1]), int(match[2] or match[1])
            if max(first, last) > MAX_SEED:
                refuse(f"{part} is too large; the largest seed is {MAX_SEED}")
            if last < first:
                refuse(f"the range {part} is empty")
            if len(seeds) + last - first >= MAX_SEEDS:
                refuse(f"{part} makes more than {MAX_SEEDS:,} seeds")
            if twice := set(seeds).intersection(range(first, last + 1)):
                refuse(f"the seed {min(twice)} is given twice")
            seeds.extend(range(first, last + 1))
        return tuple(seeds)


class Architectures(click.ParamType):
    """Names, groups, ``file.py:function``, ``module:function``, each also with ``@0-9``; groups become names."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Choice, ...]:
        """Check names against the registry; a file is read, not imported, and its only function may be left out."""
        from benchmark.config import Choice
        from models.registry import ArchitectureError, complete_spec, expand

        if isinstance(value, tuple):
            return value
        choices = []
        for text in str(value).split(","):
            match = re.fullmatch(r"(.+?)(?:@([0-9-]+))?", text.strip())
            if not match:
                self.fail(f"{value!r} has an empty name; give names with single commas between them", param, ctx)
            name, own_seeds = match.groups()
            place, colon, function = name.rpartition(":")
            if colon and not (function.isidentifier() and re.fullmatch(r".*\.py|[\w.]+", place)):
                self.fail(f"{name!r} is not possible; give path/nets.py:function or module:function", param, ctx)
            seeds = None if own_seeds is None else Seeds().convert(own_seeds, param, ctx)
            choices.append(Choice(name=name, seeds=seeds))
        try:
            expanded = []
            for choice in choices:
                for name in expand([complete_spec(choice.name)]):
                    expanded.append(Choice(name=name, seeds=choice.seeds))
            expand([choice.name for choice in expanded])  # refuses a name that is given twice
            return tuple(expanded)
        except ArchitectureError as error:
            self.fail(str(error), param, ctx)


class ReferenceFigure(click.ParamType):
    """``my paper=0.874``: a name and an accuracy."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Reference:
        if not re.fullmatch(r".*\S.*=\s*0?\.[0-9]{1,10}\s*", str(value)):
            self.fail(f"{value!r} is not possible; give a name and an accuracy, like 'my paper=0.874'", param, ctx)
        from benchmark.config import Reference

        return Reference.model_validate(value)


class Folder(click.Path):
    """A folder to write to; it is made where it does not exist."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what cannot be written, before anything is trained."""
        folder = Path(str(super().convert(value, param, ctx)))
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            self.fail(f"{folder} cannot be written; give a folder that can", param, ctx)
        return folder


class WholeNumber(click.IntRange):
    """A whole number in a range, called ``INTEGER`` in the help."""

    name = "integer"


class Workers(WholeNumber):
    """A whole number, or ``auto``, which is None."""

    name = "auto|integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value == "auto" else super().convert(value, param, ctx)


class Number(click.FloatRange):
    """A number in a range; ``nan``, which is below no bound, is refused."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is not a number", param, ctx) if math.isnan(number) else number


class Option(click.Option):
    """An option with its group in the help."""

    def __init__(self, *args: Any, group: str = "Common options", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.group = group


class Command(click.Command):
    """A command whose options are shown in groups, and that `mlflow run` can call."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what `mlflow run` passes: a value for every switch, and an empty one for what is left out."""
        options = {name for param in self.params if isinstance(param, click.Option) for name in param.opts}
        switches = {name for param in self.params if getattr(param, "is_flag", False) for name in param.opts}
        end = args.index("--") if "--" in args else len(args)
        kept: list[str] = []
        for word in args[:end]:
            name, equals, value = word.partition("=")
            if not word and kept and kept[-1] in options:
                kept.pop()
            elif name in switches and value.lower() == "true":
                kept.append(name)
            elif name in switches and value.lower() not in ("", "false"):
                raise click.BadParameter(f"{value!r} is not true or false", ctx, param_hint=f"'{name}'")
            elif not equals or (value and name not in switches):
                kept.append(word)
        return super().parse_args(ctx, kept + args[end:])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list for each group, the common options first."""
        groups: dict[str, list[tuple[str, str]]] = {"Common options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                names, words = record
                words = re.sub(r"\[[^]]{1,40}\]", lambda default: default[0].replace(" ", NO_BREAK), words)
                groups.setdefault(getattr(param, "group", "Common options"), []).append((names, words))
        for group, records in groups.items():
            with formatter.section(group if len(groups) > 1 else "Options"):
                formatter.write_dl(records, col_max=26)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help; a default is on one line."""
        return super().get_help(ctx).replace(NO_BREAK, " ")


class Commands(click.Group):
    """Commands in the order in which one uses them."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Declare an `Option`."""
    return click.option(*names, cls=Option, **settings)


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a tracking store."""
    where = "MLflow tracking URI, else $MLFLOW_TRACKING_URI. [default: mlflow.db beside MLproject]"
    experiment = "MLflow experiment.  [default: imdb-benchmark]"
    command = option("--experiment-name", metavar="NAME", group="Store", help=experiment)(command)
    return option("--tracking-uri", metavar="URI", group="Store", help=where)(command)


def typed_options(ctx: click.Context) -> set[str]:
    """Names of the options that the user gave; `mlflow run` gives all, so there only those that are no defaults."""
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if "MLFLOW_RUN_ID" in os.environ:
        defaults = ctx.command.make_context(ctx.info_name, []).params
        given = {name for name in given if ctx.params[name] != defaults.get(name)}
    return given
