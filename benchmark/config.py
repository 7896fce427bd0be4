"""Validated settings of a benchmark and of one trial."""

from __future__ import annotations

import re
import shlex
from typing import Literal

from pydantic import BaseModel, ConfigDict

Device = Literal["auto", "cpu", "gpu"]

LOOKS = (3, 5, 10, 20)  # seeds at each look of --until-decided
MAX_SEEDS = 10_000
POSSIBLE_SEEDS = "give whole numbers of at most nine digits like 7,8,9, or a range like 0-4"


class Settings(BaseModel):
    """Immutable settings that are stored as JSON; what an earlier version stored more is left out."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants", allow_inf_nan=False)


class TrialConfig(Settings):
    """One architecture trained with one seed; `seed` is None for a baseline without randomness, which has one trial.

    Attributes
    ----------
    architecture : str
        The registered name: ``cnn_lstm``. Also the name in MLflow, and ``imdb-<name>`` in the model registry.
    title : str
        The name in reports: ``Conv1D + LSTM``.
    spec : str or None
        Of an architecture from elsewhere: ``/abs/nets.py:my_net`` or ``my_package.nets:my_net``.
    epochs, batch_size, learning_rate : int, int, float; None for a baseline
    vocabulary_size : int
        Ids of the embedding: the most frequent words and the reserved ids 0 to 3.
    max_length : int
        Ids in an encoded review. Longer reviews are cut and shorter ones padded, both at the front.
    max_reviews : int or None
        How many reviews of each split are used, the first ones; None: all.
    train_reviews : int or None
        Of the training split, drawn with the seed; None: all.
    """

    architecture: str
    title: str
    kind: Literal["network", "baseline"]
    spec: str | None = None
    seed: int | None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    vocabulary_size: int = 5000
    max_length: int = 500
    max_reviews: int | None = None
    train_reviews: int | None = None
    device: Device = "auto"

    @property
    def name(self) -> str:
        """The name of the trial's MLflow run: ``cnn_lstm seed 7``; a deterministic baseline has no seed."""
        name = self.architecture if self.seed is None else f"{self.architecture} seed {self.seed}"
        return f"{name} on {self.train_reviews} reviews" if self.train_reviews else name

    @property
    def folder_name(self) -> str:
        """The trial's folder below ``pending/<benchmark run>/``."""
        return self.name.replace(" ", "-")


class BenchmarkConfig(Settings):
    """What the user asked for: the options of ``run``, as the command line has checked them.

    Attributes
    ----------
    architectures : tuple of str
        As typed: names, ``file.py:function`` or ``module:function``, each also with seeds of its own, ``net@0-9``;
        groups are already expanded to names.
    epochs, batch_size : int or None
        None: each architecture's own (the tutorial's are 3 and 64).
    train_reviews : tuple of int or None
        Numbers of training reviews, ascending; None: all of them.
    held_out : bool
        A fifth of the films of the training split is the test.
    fresh : bool
        No trial of another benchmark is taken from the store.
    workers : int or None
        Trials that train at once. None: one on each core, as far as the memory is enough; one on a GPU.
    threads_per_worker : int
        Of a network's trial on the CPU; a baseline has one.
    """

    architectures: tuple[str, ...]
    seeds: tuple[int, ...] = (7, 8, 9, 10, 11)
    epochs: int | None = None
    batch_size: int | None = None
    vocabulary_size: int = 5000
    max_length: int = 500
    max_reviews: int | None = None
    train_reviews: tuple[int, ...] | None = None
    data: str = "auto"
    columns: str | None = None
    held_out: bool = False
    device: Device = "auto"
    equivalence_margin_points: float = 1.0
    max_minutes_per_trial: float | None = None
    until_decided: bool = False
    fresh: bool = False
    workers: int | None = None
    threads_per_worker: int = 1
    ray_address: str | None = None
    gpus_per_trial: float | None = None

    @property
    def names(self) -> list[str]:
        """The architectures without their own seeds."""
        return [split_seeds(typed)[0] for typed in self.architectures]

    def command_line(self) -> str:
        """Return the command that runs this benchmark; options at their defaults are left out."""
        words = ["python", "-m", "benchmark", "run"]
        for name, value in self.model_dump(exclude_defaults=True).items():
            words.append(as_option(name))
            if value is not True:
                words.append(as_typed(value))
        return shlex.join(words)


def split_seeds(typed: str) -> tuple[str, tuple[int, ...]]:
    """Split ``net@0-9`` into the architecture and its own seeds; none: it has those of ``--seeds``.

    Raises
    ------
    ValueError
        If a seed is not possible.
    """
    match = re.fullmatch(r"(.+)@([0-9-]+)", typed)
    if match is None:
        return typed, ()
    return match[1], read_seeds(match[2])


def read_seeds(text: str) -> tuple[int, ...]:
    """Read seeds and ranges: ``7,8,9`` or ``0-4``.

    Raises
    ------
    ValueError
        If one is not possible.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:-([0-9]{1,9}))?\s*", part)
        if match is None:
            raise ValueError(f"{part!r} is not a seed; {POSSIBLE_SEEDS}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ValueError(f"the range {part} is empty")
        if len(seeds) + last - first >= MAX_SEEDS:
            raise ValueError(f"{part} makes more than {MAX_SEEDS:,} seeds")
        seeds.extend(range(first, last + 1))
    return tuple(dict.fromkeys(seeds))


def as_option(name: str) -> str:
    """Return the option of a setting: ``--max-reviews``."""
    return f"--{name.replace('_', '-')}"


def as_typed(value: object) -> str:
    """Write a setting as a user types it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
