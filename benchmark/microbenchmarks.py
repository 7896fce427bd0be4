"""Timings of the microbenchmarks, and whether one set of them is slower than another by more than its noise."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

DEVICE = "device"  # in pytest-benchmark's `extra_info`; the rest of it is the work

Verdict = Literal["slower", "faster", "same", "other work", "new", "gone"]


@dataclass(frozen=True)
class Timing:
    """What pytest-benchmark measured of one microbenchmark.

    Attributes
    ----------
    name : str
        For example ``training_step.lstm``.
    median_seconds, min_seconds, iqr_seconds : float
        Over the rounds; the interquartile range is the spread that outliers do not touch.
    rounds : int
    work : mapping
        What was done in a round: number of reviews, digest of the corpus.
    device : str or None
        What TensorFlow computed on; None where it did not compute.
    """

    name: str
    median_seconds: float
    min_seconds: float
    iqr_seconds: float
    rounds: int
    work: Mapping[str, Any] = field(default_factory=dict)
    device: str | None = None

    @property
    def notch_seconds(self) -> float:
        """Half-width of an interval around the median; two medians whose intervals are apart differ at about 95%.

        References
        ----------
        McGill, Tukey and Larsen (1978), Variations of box plots, The American Statistician 32(1), 12-16.
        """
        return 1.57 * self.iqr_seconds / math.sqrt(self.rounds)


@dataclass(frozen=True)
class Change:
    """One microbenchmark before and after; `ratio` is after by before, and None where they cannot be compared."""

    name: str
    before: Timing | None
    after: Timing | None
    ratio: float | None
    verdict: Verdict


def read_timings(json_file: Path) -> dict[str, Timing]:
    """Read the file that ``pytest --benchmark-json`` writes.

    Raises
    ------
    ValueError
        If it is not such a file.
    """
    try:
        measured = json.loads(json_file.read_text("utf-8"))["benchmarks"]
        timings = [
            Timing(
                name=short_name(one["fullname"]),
                median_seconds=one["stats"]["median"],
                min_seconds=one["stats"]["min"],
                iqr_seconds=one["stats"]["iqr"],
                rounds=one["stats"]["rounds"],
                work={key: value for key, value in one["extra_info"].items() if key != DEVICE},
                device=one["extra_info"].get(DEVICE),
            )
            for one in measured
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{json_file} is not what pytest-benchmark writes: {error!r}") from error
    return {timing.name: timing for timing in timings}


def short_name(test: str) -> str:
    """Name a microbenchmark after its test: ``….py::test_training_step[lstm]`` is ``training_step.lstm``."""
    name = test.rpartition("::")[2].removeprefix("test_")
    return re.sub(r"\W+", ".", name).strip(".")


def compare_timings(before: Mapping[str, Timing], after: Mapping[str, Timing], threshold: float) -> list[Change]:
    """Compare every microbenchmark of either side.

    A microbenchmark is *slower* if its median grew by more than `threshold` **and** the intervals around both medians
    are apart: so neither a large difference in noisy rounds nor a tiny one in quiet rounds counts. *Faster* likewise.

    Parameters
    ----------
    threshold : float
        Over 1; 1.2 allows 20% more time.
    """
    names = [*after, *(name for name in before if name not in after)]
    return [_change(name, before.get(name), after.get(name), threshold) for name in names]


def _change(name: str, before: Timing | None, after: Timing | None, threshold: float) -> Change:
    if before is None or after is None:
        return Change(name, before, after, None, "new" if before is None else "gone")
    if before.work != after.work:
        return Change(name, before, after, None, "other work")
    ratio = after.median_seconds / before.median_seconds
    verdict: Verdict = "same"
    if ratio > threshold and _apart(before, after):
        verdict = "slower"
    elif ratio < 1 / threshold and _apart(after, before):
        verdict = "faster"
    return Change(name, before, after, ratio, verdict)


def _apart(low: Timing, high: Timing) -> bool:
    return low.median_seconds + low.notch_seconds < high.median_seconds - high.notch_seconds
