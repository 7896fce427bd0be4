"""Seeds whose training collapsed, found without test labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.statistics.variance import ERROR_RATE, Interval


@dataclass(frozen=True)
class CollapseRate:
    """Collapsed seeds of all, with the Clopper-Pearson interval of the share."""

    collapsed: int
    n: int
    interval: Interval


def collapsed_seeds(train_accuracy: Sequence[float]) -> tuple[int, ...]:
    """Positions of the seeds whose training accuracy is far below that of the better seeds.

    Parameters
    ----------
    train_accuracy : sequence of float, length n_seeds
        Of the last epoch, of seeds of one architecture. Empty for a baseline.
    """
    raise NotImplementedError


def collapse_rate(collapsed: int, n: int, error_rate: float = ERROR_RATE) -> CollapseRate:
    """Share of collapsed seeds: 0 of 3 does not rule out 71%."""
    raise NotImplementedError
