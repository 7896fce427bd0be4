"""The alias ``champion`` of registered models."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.results import BenchmarkRecord
from tracking.store import Store

CHAMPION = "champion"
SENTIMENT = "imdb-sentiment"  # its champion is the best architecture's


@dataclass(frozen=True)
class Promotion:
    """What moved.

    Attributes
    ----------
    moved : tuple of str
        For example ``models:/imdb-cnn_lstm@champion``.
    reason : str
        One sentence: what moved and why, or why nothing moved.
    """

    moved: tuple[str, ...]
    reason: str


def promote(store: Store, record: BenchmarkRecord) -> Promotion:
    """Point the aliases at the median trials of a complete benchmark."""
    raise NotImplementedError
