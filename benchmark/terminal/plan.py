"""The plan of a benchmark, with its time and what its seeds can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts


def estimate_seconds(
    trials: Sequence[TrialConfig], train_reviews: int, durations: Mapping[str, float] | None = None, workers: int = 1
) -> float:
    """Estimate the wall time of all trials.

    Parameters
    ----------
    durations : mapping of str to float, optional
        Architecture to seconds of one trial: median of this machine's earlier trials with the same settings. Where
        one is missing, its typical time on two CPU cores is taken.
    """
    raise NotImplementedError


def show_plan(
    console: Console,
    config: BenchmarkConfig,
    trials: Sequence[TrialConfig],
    *,
    corpus: CorpusFacts,
    durations: Mapping[str, float] | None = None,
    finished: int = 0,
    cores: int | None = None,
) -> None:
    """Print what is trained on what, how long it takes, and which difference it can show.

    Parameters
    ----------
    trials : sequence of TrialConfig
        All trials of the benchmark, the finished ones included, which come first.
    corpus : CorpusFacts
    durations : mapping of str to float, optional
        As in `estimate_seconds`.
    finished : int
        Trials of a resumed benchmark that are not trained again.
    cores : int, optional
        Cores that this process may use; None counts them.
    """
    raise NotImplementedError
