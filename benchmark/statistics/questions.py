"""The planned questions of a benchmark, each a family at one error rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from benchmark.statistics.variance import ERROR_RATE
from benchmark.statistics.verdict import Verdict

Judge = Callable[..., Verdict]
Side = TypeVar("Side")


class Family(NamedTuple):
    """The verdicts of one question by architecture, all at the same error rate."""

    verdicts: dict[str, Verdict]
    error_rate: float


def judge_family(
    judge: Judge,
    sides: Mapping[str, Side],
    error_rate: float = ERROR_RATE,
    *,
    picked: bool = False,
) -> Family:
    """Judge a family at one common rate, so that a wrong verdict among all is as rare as the error rate says.

    Where all are above or below at the whole rate, it is theirs. Otherwise as many share it as are not, and one more
    (Hochberg 1988, Biometrika 75(4), 800-802). What is equivalent is not: its difference may be zero. What has one seed
    stays undecided, and takes no share.

    Parameters
    ----------
    judge : callable
        Gives the verdict on a side at an `error_rate`: `decide` or `compare`, with all that the sides have in common.
    picked : bool
        The first side is the best one, which was picked by the same data: any of those that it does not beat could have
        been, so all pairs among them share the error rate.
    """
    asked = [side for side in sides.values() if not judge(side, error_rate=error_rate).one_seed]
    sharing = 1
    while True:
        rate = error_rate / sharing
        if picked:
            rate = error_rate / (sharing * (sharing + 1) / 2)
        kinds = [judge(side, error_rate=rate).kind for side in asked]
        found = kinds.count("above") + kinds.count("below")
        if len(asked) - found < sharing or sharing == len(asked):
            break
        sharing = min(len(asked) - found + 1, len(asked))
    return Family({name: judge(side, error_rate=rate) for name, side in sides.items()}, rate)
