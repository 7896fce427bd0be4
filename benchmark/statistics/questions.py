"""The planned questions of a benchmark, each a family at one error rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmark.statistics.variance import ERROR_RATE
from benchmark.statistics.verdict import Verdict

Judge = Callable[..., Verdict]  # by its error rate


class Family(NamedTuple):
    """The verdicts of one question in the order of its architectures, all at the same error rate."""

    verdicts: list[Verdict]
    error_rate: float


def judge_family(
    judges: Sequence[Judge],
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
    judges : sequence of callable
        Each gives a verdict at an error rate: `decide` or `compare`, without their last parameter.
    picked : bool
        The first side is the best one, which was picked by the same data: any of those that it does not beat could have
        been, so all pairs among them share the error rate.
    """
    asked = [judge for judge in judges if not judge(error_rate=error_rate).one_seed]
    sharing = 1
    while True:
        rate = error_rate / sharing
        if picked:
            rate = error_rate / (sharing * (sharing + 1) / 2)
        kinds = [judge(error_rate=rate).kind for judge in asked]
        found = kinds.count("above") + kinds.count("below")
        if len(asked) - found < sharing or sharing == len(asked):
            break
        sharing = min(len(asked) - found + 1, len(asked))
    return Family([judge(error_rate=rate) for judge in judges], rate)
