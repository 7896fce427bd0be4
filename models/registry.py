"""Registration and look-up of architectures, ours and those from elsewhere."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

from models import loading

TRAINING_SETTINGS = ("epochs", "batch_size", "learning_rate")  # of a network, beside its hyperparameters
SET_BY_TRAINING = {*TRAINING_SETTINGS, "optimizer", "loss", "max_reviews", "words"}
GROUPS = ("tutorial", "baselines", "classics", "networks")  # of ours: each is a module here
_SPEC_FORM = "path/nets.py:function"
_VALUE = r"[\w.+-]++"
_SETTING = rf"(\w+)=({_VALUE}(?:,{_VALUE}(?!=))*)"  # the next word with = is another setting

Kind = Literal["network", "baseline"]
Build = TypeVar("Build", bound=Callable[..., Any])


class ArchitectureError(ValueError):
    """An architecture that cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True, eq=False)
class Architecture:
    """A registered, named way to build a model.

    Attributes
    ----------
    name, title : str
        As typed after ``--architectures``, and as shown in reports.
    kind : {"network", "baseline"}
    build : callable
        A network: ``build(vocabulary_size, max_length)`` gives an uncompiled Keras model, int32 ids of shape
        ``(batch, max_length)`` in, one probability out. A baseline: ``build()`` gives an unfitted scikit-learn
        estimator that takes a list of texts. A class is possible too.
    group : {"tutorial", "baselines", "classics", "networks", "own"}
        Own: not one of ours.
    epochs, batch_size, learning_rate : int, int, float
        A network's training; the optimiser is Adam.
    writes_tensorboard : bool
        Train with the TensorBoard callback.
    words : int or None
        How many of the most frequent words a baseline gets; None: all.
    unlabelled : bool
        A baseline is fitted on the unlabelled reviews too, with the label -1 as scikit-learn has it.
    deterministic : bool
        A baseline without randomness: one trial whatever the seeds.
    control_of : str or None
        The architecture that ends with the same weights: one seed of both shows that nothing disturbs a training.
    yardstick : bool
        The bag of words that the others are compared with.
    published_as : str or None
        Key of its figure in ``references.yaml``.
    hyperparameters : mapping
        The further parameters of `build`, with their defaults; logged with every trial.
    spec : str or None
        ``/abs/nets.py:my_net`` or ``my_package.nets:my_net``; None for ours.
    source : str
        The code of `build`'s module.
    sources : mapping of str to str
        File name to SHA-256 of what decides what `build` returns. Of ours the module; of one from elsewhere all that
        it read, complete once it was built: `lookup_built`.
    """

    name: str
    title: str
    kind: Kind
    build: Callable[..., Any]
    group: str = "own"
    epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 0.001
    writes_tensorboard: bool = False
    words: int | None = None
    unlabelled: bool = False
    deterministic: bool = False
    control_of: str | None = None
    yardstick: bool = False
    published_as: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    spec: str | None = None
    source: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for setting in (*TRAINING_SETTINGS, "words"):
            value = getattr(self, setting)
            if value is not None and not value > 0:
                raise ArchitectureError(f"{self.name!r} has {setting}={value}; it has to be above 0")

    def __getstate__(self) -> dict[str, Any]:
        """Leave the function out where a worker sends the facts: its parent never imports the module."""
        return {**self.__dict__, "build": None}


_registered: list[Architecture] = []  # in this process


def register_architecture(
    name: str | None = None,
    *,
    title: str | None = None,
    epochs: int = 3,
    batch_size: int = 64,
    learning_rate: float = 0.001,
    writes_tensorboard: bool = False,
    control_of: str | None = None,
    published_as: str | None = None,
) -> Callable[[Build], Build]:
    """Register the decorated function ``(vocabulary_size, max_length) -> keras.Model`` as a network.

    The parameters are those of `Architecture`; the name is the function's by default. What else the function takes has
    defaults: these are the hyperparameters.

    Raises
    ------
    ArchitectureError
        If the name or a setting is impossible.
    """
    return functools.partial(_register, kind="network", **locals())  # each parameter by its name


def register_baseline(
    name: str | None = None,
    *,
    title: str | None = None,
    words: int | None = None,
    unlabelled: bool = False,
    deterministic: bool = True,
    yardstick: bool = False,
    published_as: str | None = None,
) -> Callable[[Build], Build]:
    """Register the decorated function ``() -> scikit-learn estimator`` on texts as a baseline; see above."""
    return functools.partial(_register, kind="baseline", **locals())


@functools.cache
def ours() -> dict[str, Architecture]:
    """Return our own by name, group by group."""
    architectures = {}
    for group in GROUPS:
        module = importlib.import_module(f"models.{group}")
        code = Path(__file__).with_name(f"{group}.py").read_bytes()
        sources = {f"models/{group}.py": sha256(code).hexdigest()}
        for registered in _registered:
            if registered.build.__module__ == module.__name__:
                architectures[registered.name] = replace(
                    registered,
                    group=group,
                    source=code.decode(),
                    sources=sources,
                )
    return architectures


def yardstick() -> str:
    """Return the name of the bag of words that the others are compared with."""
    return next(architecture.name for architecture in ours().values() if architecture.yardstick)


def control_of(name: str) -> str | None:
    """Return the architecture whose control has this name, or None."""
    return ours()[name].control_of if name in ours() else None


def lookup(name_or_spec: str) -> Architecture:
    """Return one architecture by name, ``path/nets.py:function`` or ``package.module:function``, each with settings.

    What a spec stands for is imported into this process: use one that serves nothing else.

    Raises
    ------
    ArchitectureError
        If there is none, or it has no such setting. What the import of a module raises comes through.
    """
    name, values = split_settings(name_or_spec)
    if ":" in name:
        registered = _from_elsewhere(absolute_spec(name))
    elif name in ours():
        registered = ours()[name]
    else:
        raise ArchitectureError(_unknown("architecture", name, [*ours(), *GROUPS, "all", _SPEC_FORM]))
    return _with_settings(registered, values)


def split_settings(text: str) -> tuple[str, dict[str, list[str]]]:
    """Return the name and the values of each setting: of ``cnn_lstm[filters=16,32,lstm_units=50]``.

    Raises
    ------
    ArchitectureError
        If what is in brackets is not written like this.
    """
    match = re.fullmatch(r"(.+)\[(.*)\]", text)
    if match is None:
        return text, {}
    name, settings = match.groups()
    if not re.fullmatch(rf"{_SETTING}(,{_SETTING})*", settings):
        raise ArchitectureError(f"{text!r} is not possible; write {name}[SETTING=VALUE,SETTING=VALUE]")
    values: dict[str, list[str]] = {}
    for setting, texts in re.findall(_SETTING, settings):
        values.setdefault(setting, []).extend(texts.split(","))
    return name, values


def lookup_built(name_or_spec: str, vocabulary_size: int, max_length: int) -> Architecture:
    """Look up an architecture, and build one from elsewhere once: it may read some of its files only then."""
    loading.record()
    architecture = lookup(name_or_spec)
    if architecture.spec is None:
        return architecture
    if architecture.kind == "network":
        architecture.build(vocabulary_size, max_length)
    else:
        architecture.build()
    return replace(architecture, sources=loading.sources())


def absolute_spec(spec: str) -> str:
    """Return ``/abs/nets.py:function`` for a spec of a file."""
    where, _, function = spec.rpartition(":")
    if where.endswith(".py") or "/" in where:
        where = str(Path(where).expanduser().resolve())
    return f"{where}:{function}"


def expand(text: str) -> list[str]:
    """Replace a group, or ``all``, by the names of ours in it, and several values of a setting by a name for each.

    Settings of a group are those of each name in it.

    Raises
    ------
    ArchitectureError
        If a name, a setting of ours or the file of a spec does not exist.
    """
    name, values = split_settings(text)
    if name.endswith(".py"):
        raise ArchitectureError(f"{name} names no function; give {name}:FUNCTION")
    source = absolute_spec(name).rpartition(":")[0]
    if source.startswith("/") and not Path(source).is_file():
        raise ArchitectureError(f"there is no file {source}; give {_SPEC_FORM}")
    in_group = [own.name for own in ours().values() if name in (own.group, "all")]
    settings = [[f"{setting}={value}" for value in texts] for setting, texts in values.items()]
    expanded = []
    for member in in_group or [name]:
        for chosen in itertools.product(*settings):
            variant = _with_brackets(member, chosen)
            if ":" not in variant:
                lookup(variant)
            expanded.append(variant)
    return expanded


def _register(build: Build, *, kind: Kind, name: str | None, title: str | None, **settings: Any) -> Build:
    if name is None:
        name = getattr(build, "__name__", "")
    # other names are refused by MLflow's model registry, or do not fit into a path or an option
    if not re.fullmatch(r"\w[\w-]{0,99}", name):
        raise ArchitectureError(
            f"the name {name!r} is not possible: use at most 100 letters, digits, '_' and '-'; "
            '@register_architecture("my_net") gives a name'
        )
    arguments = 2 if kind == "network" else 0
    if not _takes(build, arguments):
        raise ArchitectureError(
            f"{name!r} is no function of (vocabulary_size, max_length), like a network, or of nothing, like a baseline"
        )
    hyperparameters = {}
    for parameter in list(inspect.signature(build).parameters.values())[arguments:]:
        with suppress(TypeError, ValueError):  # none, or a function or an object: its source is in the fingerprint
            hyperparameters[parameter.name] = json.loads(json.dumps(parameter.default))
    if taken := hyperparameters.keys() & SET_BY_TRAINING:
        raise ArchitectureError(f"{name!r} has the keyword {min(taken)!r}, which training sets; give it another name")
    _registered.append(Architecture(name, title or name, kind, build, hyperparameters=hyperparameters, **settings))
    return build


def _with_settings(registered: Architecture, values: Mapping[str, Sequence[str]]) -> Architecture:
    """Return an architecture with other settings, which its name and title say; what is as registered is left out.

    It is no control or yardstick and has no published figure: these belong to what is registered.
    """
    defaults = dict(registered.hyperparameters)
    if registered.kind == "network":
        defaults |= {setting: getattr(registered, setting) for setting in TRAINING_SETTINGS}
    for setting in values:
        if setting not in defaults:
            raise ArchitectureError(_unknown("setting", setting, list(defaults), f" of {registered.name}"))
    changed = {}
    for setting, default in defaults.items():
        if setting in values:
            value = _read_like(default, values[setting][0], setting)
            if value != default:
                changed[setting] = value
    if not changed:
        return registered

    title, brackets = registered.title, []
    for setting, value in changed.items():
        title += f", {setting} {_write(value)}"
        brackets.append(f"{setting}={_write(value)}")
    training = {setting: changed.pop(setting) for setting in TRAINING_SETTINGS if setting in changed}
    return replace(
        registered,
        name=_with_brackets(registered.name, brackets),
        title=title,
        spec=registered.spec and _with_brackets(registered.spec, brackets),
        build=functools.partial(registered.build, **changed),
        hyperparameters={**registered.hyperparameters, **changed},
        control_of=None,
        yardstick=False,
        published_as=None,
        **training,
    )


def _with_brackets(name: str, settings: Sequence[str]) -> str:
    return f"{name}[{','.join(settings)}]" if settings else name


def _read_like(default: Any, text: str, setting: str) -> Any:
    """Read a value as the type of its default; a list is of whole numbers, joined by +."""
    from pydantic import TypeAdapter, ValidationError

    form, value = (list[int], text.split("+")) if isinstance(default, list) else (type(default), text)
    try:
        return TypeAdapter(form, config={"allow_inf_nan": False}).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ArchitectureError(
            f"{setting}={text} is not possible; as registered it is {_write(default)}. {reason}"
        ) from None


def _write(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value))
    return json.dumps(value).strip('"')


def _takes(build: Callable[..., Any], arguments: int) -> bool:
    """Whether a function can be called with this number of arguments."""
    try:
        inspect.signature(build).bind(*range(arguments))
    except TypeError:
        return False
    return True


def _unknown(what: str, name: str, possible: Sequence[str], where: str = "") -> str:
    hint = ""
    for close in difflib.get_close_matches(name.lower(), possible, 1):
        hint = f", did you mean {close!r}?"
    return f"there is no {what} {name!r}{where}{hint}; possible: {', '.join(possible) or 'none'}"


@functools.cache
def _from_elsewhere(spec: str) -> Architecture:
    source, _, name = spec.rpartition(":")
    module = loading.import_source(source)
    build = getattr(module, name, None)
    if build is None:
        functions = [text for text, value in vars(module).items() if inspect.isfunction(value)]
        raise ArchitectureError(f"{source}: {_unknown('function', name, functions)}")
    if build not in [architecture.build for architecture in _registered]:
        register = register_baseline if _takes(build, 0) else register_architecture
        register(name)(build)
    architecture = next(each for each in _registered if each.build is build)
    text = inspect.getsource(inspect.getmodule(build) or module)
    return replace(architecture, spec=spec, source=text)
