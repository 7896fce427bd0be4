"""One figure of one architecture in two benchmarks: its change, with the interval that fits the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.architectures import spread
from benchmark.analysis.evidence import Evidence, ScoredTrial
from benchmark.analysis.intervals import to_interval
from benchmark.comparison.comparison_types import Pairing, Quantity, QuantityComparison
from benchmark.statistics.intervals import LEVEL, Bounds
from benchmark.statistics.mean_difference import (
    MeanDifference,
    log_ratio,
    paired_mean_difference,
    unpaired_accuracy_difference,
    welch_difference,
)
from benchmark.statistics.paired import holm_of_distinct, paired_difference

PAIRED = "paired by seed and review"
PAIRED_SEEDS = "paired by seed, Student's t, on these test reviews"
TWO_MODELS = "these two trained models over reviews like these, McNemar"
UNPAIRED = "seeds not paired, Welch, with the test reviews' share"
UNPAIRED_SEEDS = "seeds not paired, Welch, on these test reviews"
RATIO = "ratio of geometric means, Welch on logarithms"


@dataclass(frozen=True)
class Pair:
    """The scored trials of one architecture on both sides.

    Attributes
    ----------
    seeds : tuple of int
        Shared by both and compared one by one; empty where the comparison is not paired by seed.
    """

    baseline: tuple[ScoredTrial, ...]
    candidate: tuple[ScoredTrial, ...]
    seeds: tuple[int, ...]
    same_reviews: bool

    @property
    def pairing(self) -> Pairing:
        if self.seeds:
            return "seeds and reviews"
        return "reviews" if self.same_reviews else "none"


def pair_trials(baseline: Evidence, candidate: Evidence, architecture: str, same_reviews: bool) -> Pair:
    """Take the shared seeds where two or more are shared, or where one side has just that one; else all of both."""
    before, now = baseline.scored[architecture], candidate.scored[architecture]
    shared = tuple(seed for seed in before if seed in now) if same_reviews else ()
    if len(shared) == 1 and len(before) > 1 and len(now) > 1:
        shared = ()
    if shared:
        return Pair(tuple(before[seed] for seed in shared), tuple(now[seed] for seed in shared), shared, True)
    return Pair(tuple(before.values()), tuple(now.values()), (), same_reviews)


@dataclass(frozen=True)
class Quantities:
    """What is compared of one architecture."""

    accuracy: QuantityComparison
    loss: QuantityComparison
    seconds_per_epoch: QuantityComparison
    peak_memory_mb: QuantityComparison


def compare_quantities(pairs: Mapping[str, Pair], repeats: Mapping[str, str]) -> dict[str, Quantities]:
    """Compare every quantity of every architecture; p-values are adjusted for the architectures of one quantity.

    Parameters
    ----------
    repeats : mapping
        An architecture that ended with the weights of another on both sides, and that other one. Its accuracy and its
        loss are no further hypotheses; its time and memory were measured anew.
    """
    accuracy = _with_holm({name: _accuracy(pair) for name, pair in pairs.items()}, repeats)
    loss = _with_holm({name: _loss(pair) for name, pair in pairs.items()}, repeats)
    seconds = _with_holm({name: _seconds_per_epoch(pair) for name, pair in pairs.items()}, {})
    memory = _with_holm({name: _peak_memory(pair) for name, pair in pairs.items()}, {})
    return {name: Quantities(accuracy[name], loss[name], seconds[name], memory[name]) for name in pairs}


def _accuracy(pair: Pair) -> QuantityComparison:
    """In percentage points; the uncertainty is that of seeds and test reviews together."""
    now, before = (np.stack([trial.right for trial in side]) for side in (pair.candidate, pair.baseline))
    if pair.same_reviews and (pair.seeds or len(before) == len(now) == 1):
        paired = paired_difference(now, before)
        found = MeanDifference(paired.difference, paired.interval, paired.p_value)
        method = PAIRED if len(before) > 1 else TWO_MODELS
    else:
        found, method = unpaired_accuracy_difference(now, before, pair.same_reviews), UNPAIRED
    return _compared("accuracy", pair, lambda trial: trial.scores.accuracy, found, method, scale=100.0)


def _loss(pair: Pair) -> QuantityComparison:
    """Binary cross-entropy on the test half, over seeds."""
    now, before = _values(pair.candidate, _loss_of), _values(pair.baseline, _loss_of)
    if pair.seeds:
        return _compared("loss", pair, _loss_of, paired_mean_difference(now, before), PAIRED_SEEDS)
    return _compared("loss", pair, _loss_of, welch_difference(now, before), UNPAIRED_SEEDS)


def _seconds_per_epoch(pair: Pair) -> QuantityComparison:
    """Of training; a seed decides no speed, so the seeds are not paired."""
    return _ratio("seconds_per_epoch", pair, lambda trial: trial.seconds_per_epoch)


def _peak_memory(pair: Pair) -> QuantityComparison:
    return _ratio("peak_memory_mb", pair, lambda trial: trial.result.peak_memory_mb)


def _ratio(quantity: Quantity, pair: Pair, figure: Callable[[ScoredTrial], float]) -> QuantityComparison:
    found = log_ratio(_values(pair.candidate, figure), _values(pair.baseline, figure))
    interval = found.interval and Bounds(math.exp(found.interval.low), math.exp(found.interval.high))
    ratio = MeanDifference(math.exp(found.difference), interval, found.p_value)
    return _compared(quantity, pair, figure, ratio, RATIO, is_ratio=True)


def _compared(
    quantity: Quantity,
    pair: Pair,
    figure: Callable[[ScoredTrial], float],
    found: MeanDifference,
    method: str,
    *,
    scale: float = 1.0,
    is_ratio: bool = False,
) -> QuantityComparison:
    return QuantityComparison(
        quantity=quantity,
        baseline=spread(_values(pair.baseline, figure)),
        candidate=spread(_values(pair.candidate, figure)),
        change=found.difference * scale,
        change_is_ratio=is_ratio,
        interval=to_interval(found.interval, method, LEVEL, scale) if found.interval else None,
        p_value=found.p_value,
        p_value_holm=None,
        method=method,
    )


def _values(trials: Sequence[ScoredTrial], figure: Callable[[ScoredTrial], float]) -> list[float]:
    return [figure(trial) for trial in trials]


def _loss_of(trial: ScoredTrial) -> float:
    return trial.scores.loss


def _with_holm(figures: Mapping[str, QuantityComparison], repeats: Mapping[str, str]) -> dict[str, QuantityComparison]:
    adjusted = holm_of_distinct({name: figure.p_value for name, figure in figures.items()}, repeats)
    return {name: figure.with_values(p_value_holm=adjusted[name]) for name, figure in figures.items()}
