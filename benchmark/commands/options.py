"""Option types, and help in groups that fits 80 columns."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

MAX_SEED = 2**32 - 1  # numpy.random.seed takes 32 bits
MAX_SEEDS = 10_000
DEFAULT_ARCHITECTURES = "tutorial,baselines"


class Seeds(click.ParamType):
    """``7,8,9`` or ``0-4``, as a tuple of whole numbers."""

    name = "seeds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Read seeds and ranges; a seed may stand once."""
        if isinstance(value, tuple):
            return value
        seeds: list[int] = []
        for part in str(value).split(","):
            match = re.fullmatch(r"\s*([0-9]{1,10})(?:-([0-9]{1,10}))?\s*", part)
            if not match:
                self.fail(
                    f"{_short(part)} is not a seed; give whole numbers like 7,8,9 or a range like 0-4", param, ctx
                )
            first = int(match[1])
            last = first if match[2] is None else int(match[2])
            if last > MAX_SEED or first > MAX_SEED:
                self.fail(f"{part.strip()} is too large; the largest seed is {MAX_SEED}", param, ctx)
            if last < first:
                self.fail(f"the range {part.strip()} is empty; give the smaller seed first, like 0-4", param, ctx)
            if last - first >= MAX_SEEDS or len(seeds) + last - first >= MAX_SEEDS:
                self.fail(f"{part.strip()} makes more than {MAX_SEEDS:,} seeds; give fewer, like 0-4", param, ctx)
            seeds.extend(range(first, last + 1))
        if len(set(seeds)) < len(seeds):
            repeated = next(seed for place, seed in enumerate(seeds) if seed in seeds[:place])
            self.fail(f"the seed {repeated} is given twice; give each seed once", param, ctx)
        return tuple(seeds)


class Architectures(click.ParamType):
    """Names, groups, ``file.py:function``, ``module:function``, each also with ``@0-9``; groups become names."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Check names against the registry; of a specification only its form, and that its file exists."""
        from models.registry import ArchitectureError, expand

        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",")]
        if not all(parts):
            self.fail(f"{_short(value)} has an empty name; give names with single commas between them", param, ctx)
        names = []
        for part in parts:
            name, at, seeds = part.rpartition("@") if re.search(r"@[0-9-]*$", part) else (part, "", "")
            if at:
                Seeds().convert(seeds, param, ctx)
            if ":" in name:
                self._check_spec(name, param, ctx)
            names.append((name, at + seeds))
        try:
            expand([name for name, _ in names])
            return tuple(name + own_seeds for part, own_seeds in names for name in expand([part]))
        except ArchitectureError as error:
            self.fail(str(error), param, ctx)

    def _check_spec(self, spec: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        place, _, function = spec.rpartition(":")
        is_file = place.endswith(".py")
        if not function.isidentifier() or not (is_file or re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", place)):
            self.fail(
                f"{_short(spec)} is no architecture; give path/to/nets.py:function or package.module:function",
                param,
                ctx,
            )
        if is_file and not Path(place).is_file():
            self.fail(f"there is no file {_short(place)}; give path/to/nets.py:function", param, ctx)


class Reference(click.ParamType):
    """``my paper=0.874``: a name and an accuracy."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the form; the text stays as typed."""
        name, _, accuracy = str(value).rpartition("=")
        if not name.strip() or not re.fullmatch(r"0?\.[0-9]{1,10}", accuracy.strip()):
            self.fail(
                f"{_short(value)} is not possible; give a name and an accuracy, like 'my paper=0.874'", param, ctx
            )
        return str(value)


class WholeNumber(click.IntRange):
    """A whole number in a range."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse in plain words."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(_not_possible(value, "a whole number", self), param, ctx)


class Number(click.FloatRange):
    """A finite number in a range."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse ``nan`` too, which is below no bound."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        return number if math.isfinite(number) else self.fail(_not_possible(value, "a number", self), param, ctx)


class Option(click.Option):
    """An option with its group in the help; an empty value counts as not given, as `mlflow run` passes it."""

    def __init__(self, *args: Any, group: str = "Common options", **settings: Any) -> None:
        settings.setdefault("show_default", settings.get("default") is not None and not settings.get("is_flag"))
        super().__init__(*args, **settings)
        self.group = group

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Leave the range to the refusal."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra

    def consume_value(self, ctx: click.Context, opts: Any) -> tuple[Any, ParameterSource]:
        """Take the default for an empty value."""
        value, source = super().consume_value(ctx, opts)
        if value == "":
            return super().consume_value(ctx, {name: other for name, other in opts.items() if name != self.name})
        return value, source


class Command(click.Command):
    """A command whose options are shown in groups, and whose examples stand last."""

    def __init__(self, *args: Any, examples: str = "", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Accept ``--switch=true`` and ``--switch=false``, since `mlflow run` has to give every switch a value."""
        switches = {name for option in self.params if getattr(option, "is_flag", False) for name in option.opts}
        end = args.index("--") if "--" in args else len(args)
        kept = []
        for arg in args[:end]:
            name, equals, value = arg.partition("=")
            if name not in switches or not equals:
                kept.append(arg)
            elif value.lower() == "true":
                kept.append(name)
            elif value.lower() not in ("false", ""):
                raise click.BadParameter(f"{_short(value)} is not true or false", ctx, param_hint=f"'{name}'")
        return super().parse_args(ctx, kept + args[end:])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list for each group, the common options first."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                groups.setdefault(getattr(param, "group", "Common options"), []).append(record)
        for group, records in groups.items():
            with formatter.section(group if len(groups) > 1 else "Options"):
                formatter.write_dl(records, col_max=26)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, one a line."""
        _write_examples(self.examples, formatter)


class Commands(click.Group):
    """Commands in the order in which one uses them."""

    command_class = Command

    def __init__(self, *args: Any, examples: str = "", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added."""
        return list(self.commands)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, one a line."""
        _write_examples(self.examples, formatter)


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Declare an `Option`."""
    return click.option(*names, cls=Option, **settings)


def switch(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Declare an option without a value."""
    return click.option(*names, cls=Option, is_flag=True, **settings)


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a tracking store."""
    for names, metavar, text in (
        ("--experiment-name", "NAME", "MLflow experiment.  [default: imdb-benchmark]"),
        (
            "--tracking-uri",
            "URI",
            "MLflow tracking URI.  [default: $MLFLOW_TRACKING_URI, or mlflow.db beside MLproject]",
        ),
    ):
        command = option(names, metavar=metavar, help=text, group="Store")(command)
    return command


def typed_options(ctx: click.Context) -> frozenset[str]:
    """Names of the options that the user gave; `mlflow run` gives all, so there only those that are no defaults."""
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if "MLFLOW_RUN_ID" in os.environ:
        defaults = ctx.command.make_context(ctx.info_name, []).params
        given = {name for name in given if ctx.params[name] != defaults.get(name)}
    return frozenset(given)


def _not_possible(value: object, kind: str, bounds: click.IntRange | click.FloatRange) -> str:
    lowest = f"{'above' if bounds.min_open else 'from'} {bounds.min:,}"
    highest = "" if bounds.max is None else f" to {bounds.max:,}"
    return f"{_short(value)} is not possible; give {kind} {lowest}{highest}"


def _short(value: object) -> str:
    text = str(value).strip()
    return repr(text if len(text) <= 60 else f"{text[:40]}... ({len(text):,} characters)")


def _write_examples(examples: str, formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples.strip().splitlines():
                formatter.write(f"{' ' * formatter.current_indent}{line.strip()}\n")
