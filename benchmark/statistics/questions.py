"""The planned questions of a benchmark, each a family at one error rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from benchmark.statistics.variance import ERROR_RATE, RightCounts
from benchmark.statistics.verdict import Verdict, compare, decide

Judge = Callable[..., Verdict]  # by its error rate


class Family(NamedTuple):
    """The verdicts of one question in the order of its architectures, all at the same error rate."""

    verdicts: list[Verdict]
    error_rate: float


def against_reference(
    architectures: Sequence[RightCounts],
    reference: float,
    margin: float,
    *,
    reference_reviews: int | None = None,
    error_rate: float = ERROR_RATE,
) -> Family:
    """Judge each architecture against a published figure; parameters as for `decide`."""
    judges = []
    for counts in architectures:
        judges.append(partial(decide, counts, reference, margin, reference_reviews=reference_reviews))
    return judge_family(judges, error_rate)


def against_one(
    architectures: Sequence[RightCounts],
    other: RightCounts,
    margin: float,
    *,
    error_rate: float = ERROR_RATE,
) -> Family:
    """Compare each architecture with the same other one, such as each sequence model with the bag of words."""
    judges = [partial(compare, counts, other, margin) for counts in architectures]
    return judge_family(judges, error_rate)


def best_against_others(
    best: RightCounts,
    others: Sequence[RightCounts],
    margin: float,
    *,
    error_rate: float = ERROR_RATE,
) -> Family:
    """Compare the best architecture, which was picked by the same data, with each other one.

    Any of those that it does not beat could have been picked, so all pairs among them share the error rate.
    """
    judges = [partial(compare, best, counts, margin) for counts in others]
    return judge_family(judges, error_rate, picked=True)


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
        Each gives a verdict at an error rate.
    picked : bool
        The first side was picked by the data.
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
