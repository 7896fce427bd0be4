"""Intervals of accuracies, as the report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import stats

from benchmark.analysis.evidence import ScoredTrial
from benchmark.analysis.parts import Interval
from benchmark.numbers import plural
from benchmark.statistics.crossed import Crossed
from benchmark.statistics.intervals import LEVEL, Bounds, student_t_interval, wilson_interval

BOTH_SOURCES = "seeds and test reviews together, Cochran's weighted quantiles"


def accuracy_interval(first: ScoredTrial, parts: Crossed) -> Interval:
    """To show beside a mean accuracy: seeds and reviews together, or Wilson's for the one trial that there is."""
    if parts.uncertainty is None:
        return wilson(first)
    return clipped(parts.uncertainty.interval(parts.mean), BOTH_SOURCES)


def wilson(trial: ScoredTrial) -> Interval:
    """Of one trained model, over reviews like these."""
    bounds = wilson_interval(int(trial.right.sum()), len(trial.right))
    return to_interval(bounds, "Wilson, this one trained model over reviews like these")


def to_interval(bounds: Bounds, method: str, level: float = LEVEL, scale: float = 1.0) -> Interval:
    """Bounds with their level and method; `scale` 100 makes fractions points."""
    return Interval(low=bounds.low * scale, high=bounds.high * scale, level=level, method=method)


def seeds_interval(values: Sequence[float]) -> Interval | None:
    """On these very test reviews, over seeds; None with one seed."""
    bounds = student_t_interval(values)
    return clipped(bounds, f"Student's t over {plural(len(values), 'seed')}") if bounds else None


def fixed_seeds_interval(first: ScoredTrial, parts: Crossed) -> Interval:
    """For these very trained models, over reviews like these."""
    if parts.uncertainty is None:
        return wilson(first)
    half = float(stats.norm.ppf(0.5 + LEVEL / 2)) * math.sqrt(parts.variance_fixed_seeds)
    return clipped(Bounds(parts.mean - half, parts.mean + half), "normal, these very models over reviews like these")


def clipped(bounds: Bounds, method: str) -> Interval:
    """Of an accuracy: there is nothing below 0 and above 1."""
    return to_interval(Bounds(max(bounds.low, 0.0), min(bounds.high, 1.0)), method)
