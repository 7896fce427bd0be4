"""What to train: validated, immutable settings of a benchmark and of one trial."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmark.errors import UserError
from benchmark.option_refusal import option_refusal
from models.registry import architecture_names

Device = Literal["auto", "cpu", "gpu"]

LARGEST_SEED = 2**32 - 1  # numpy.random.seed takes 32 bits
SHORTEST_RANGE = 4  # seeds: 7,8,9 is as clear as 7-9, and 0-2499 much clearer than all its seeds
LONGEST_RANGE = 10_000

Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]


class Settings(BaseModel):
    """Options of the command line, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def from_options(cls, **options: Any) -> Self:
        """Validate what a user typed.

        Raises
        ------
        UserError
            One line that names the option, its value, and what is possible.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            raise option_refusal(error, cls.model_fields) from None

    def option_words(self) -> list[str]:
        """The options that are not at their defaults, as words of a command line."""
        words: list[str] = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value != field.get_default(call_default_factory=True):
                words += [f"--{name.replace('_', '-')}", option_text(value)]
        return words


class TrainingSettings(Settings):
    """The settings that every trial of a benchmark shares.

    Attributes
    ----------
    epochs : int
        Passes over the training half. The last epoch's model counts.
    batch_size : int
        Reviews in one training step.
    vocabulary_size : int
        Ids that the embedding knows: the most frequent words and the three reserved ids.
    review_length : int
        Ids in an encoded review; longer reviews are cut and shorter ones padded, both at the front.
    limit : int or None
        Train and test on the first so many reviews of each half; None takes them all.
    device : {"auto", "cpu", "gpu"}
        Where to train; ``auto`` takes the GPU where TensorFlow finds one.
    """

    epochs: int = Field(default=3, ge=1, le=1000)
    batch_size: int = Field(default=64, ge=1, le=100_000)
    vocabulary_size: int = Field(default=5000, ge=4, le=1_000_000)
    review_length: int = Field(default=500, ge=4, le=100_000)
    limit: int | None = Field(default=None, ge=2)
    device: Device = "auto"


class TrialConfig(TrainingSettings):
    """One architecture, one seed."""

    architecture: str
    seed: Seed

    @property
    def name(self) -> str:
        """As the trial's MLflow run is called, for example ``cnn_lstm seed 7``."""
        return f"{self.architecture} seed {self.seed}"


class BenchmarkConfig(TrainingSettings):
    """A set of trials: every architecture with every seed.

    Attributes
    ----------
    architectures : tuple of str
        Names of registered architectures.
    seeds : tuple of int
        Each trains every architecture once.
    data : str
        ``auto``, ``imdb``, ``generated``, or the path of a corpus.
    equivalence_margin_points : float
        Margin of the equivalence test against the paper, in percentage points.
    max_minutes_per_trial : float or None
        A trial that takes longer is stopped and recorded as failed.
    retry_failed : int
        How many more times a failed trial is trained, after all others.
    """

    architectures: tuple[str, ...] = Field(default_factory=lambda: tuple(architecture_names("tutorial")), min_length=1)
    seeds: tuple[Seed, ...] = Field(default=(7, 8, 9), min_length=1)
    data: str = Field(default="auto", min_length=1)
    equivalence_margin_points: float = Field(default=1.0, gt=0, le=50)
    max_minutes_per_trial: float | None = Field(default=None, gt=0)
    retry_failed: int = Field(default=0, ge=0, le=10)

    @model_validator(mode="after")
    def _names_and_seeds_are_known_and_unique(self) -> Self:
        for name in self.architectures:
            check_architecture(name)
        for option, values in (("architectures", self.architectures), ("seeds", self.seeds)):
            repeated = _first_repeated(values)
            if repeated is not None:
                raise UserError(f"--{option}: {repeated} is given twice; each may be given once")
        return self

    def command(self, *more: str) -> str:
        """The command that runs this benchmark: options that are at their defaults are left out."""
        return shlex.join(["python", "-m", "benchmark", "run", *self.option_words(), *more])

    def trials(self) -> list[TrialConfig]:
        """Every trial, seed by seed, so that an interrupted benchmark has each architecture equally often."""
        shared = {name: getattr(self, name) for name in TrainingSettings.model_fields}
        return [
            TrialConfig(architecture=architecture, seed=seed, **shared)
            for seed in self.seeds
            for architecture in self.architectures
        ]


def check_architecture(name: str) -> None:
    """Refuse a name that is not registered, with the closest one that is.

    Raises
    ------
    UserError
        If no architecture has that name.
    """
    known = architecture_names()
    if name not in known:
        raise UserError(
            f"--architectures: there is no {name!r}{closest_match(name, known)}; possible are {', '.join(known)}"
        )


def closest_match(name: str, known: Sequence[str]) -> str:
    """``" (did you mean 'lstm'?)"``, or nothing where no known name is close."""
    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def parse_list(option: str, text: str) -> tuple[str, ...]:
    """Split a comma-separated option into its values.

    Raises
    ------
    UserError
        If there is no value, or an empty one.
    """
    values = tuple(value.strip() for value in text.split(","))
    if not all(values):
        raise UserError(f"--{option}: {text!r} has an empty value; give a comma-separated list without gaps")
    return values


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read ``"7,8,9"`` or ``"0-4"``.

    Raises
    ------
    UserError
        If a value is not a whole number, or a range is empty or larger than 10,000 seeds.
    """
    seeds: list[int] = []
    for value in parse_list("seeds", text):
        first, dash, last = value.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise UserError(
                f"--seeds: {value!r} is not a seed; give whole numbers from 0 to {LARGEST_SEED}, like 7,8,9 or 0-4"
            )
        stop = int(last) if dash else int(first)
        if not int(first) <= stop < int(first) + LONGEST_RANGE:
            raise UserError(
                f"--seeds: the range {value!r} is empty or has more than {LONGEST_RANGE:,} seeds; give one like 0-4"
            )
        seeds.extend(range(int(first), stop + 1))
    return tuple(seeds)


def seeds_text(seeds: Iterable[int]) -> str:
    """Write seeds as `parse_seeds` reads them: ``7,8,9``, and from four consecutive ones on a range, ``0-3``."""
    stretches: list[list[int]] = []
    for seed in seeds:
        if stretches and seed == stretches[-1][-1] + 1 and len(stretches[-1]) < LONGEST_RANGE:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    return ",".join(
        f"{stretch[0]}-{stretch[-1]}" if len(stretch) >= SHORTEST_RANGE else ",".join(map(str, stretch))
        for stretch in stretches
    )


def option_text(value: Any) -> str:
    """Write a setting as a user would type it."""
    if not isinstance(value, tuple):
        return str(value)
    return seeds_text(value) if all(isinstance(one, int) for one in value) else ",".join(value)


def _first_repeated(values: Iterable[Any]) -> Any | None:
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None
