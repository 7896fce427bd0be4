"""Everything that a comparison of two benchmarks says: the one source of HTML, Markdown, JSON and the terminal.

Differences and ratios are the candidate's against the baseline's. A number that cannot be known is None, never zero.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchmark.analysis.parts import Caveat, Interval, MethodEntry, Number, Part, Spread
from benchmark.results import Environment, TrialStatus
from benchmark.statistics.verdict import ERROR_RATE

COMPARISON_SCHEMA_VERSION = 1

Quantity = Literal["accuracy", "loss", "seconds_per_epoch", "peak_memory_mb"]
Pairing = Literal["seeds and reviews", "reviews", "none"]
DifferenceGroup = Literal["settings", "corpus", "environment", "architecture"]


class Thresholds(Part):
    """What counts as a regression."""

    max_accuracy_drop_points: Number = Field(default=1.0, ge=0, le=100)
    max_slowdown: Number = Field(default=1.25, ge=1)
    """Times the baseline's seconds per epoch."""
    certain_only: bool = False
    """Count no regression that may be chance, by the adjusted p-value; one without a p-value counts."""


class Side(Part):
    """One of the two benchmarks."""

    run_id: str
    name: str
    status: TrialStatus
    started_at: str
    command: str
    trials_finished: int
    trials_planned: int
    corpus_source: str
    environment: Environment | None


class QuantityComparison(Part):
    """One figure of one architecture; `change` is in points for the accuracy, a ratio for time and memory."""

    quantity: Quantity
    baseline: Spread
    candidate: Spread
    change: Number
    change_is_ratio: bool
    interval: Interval | None
    """Of the change; None where one seed leaves it unknown."""
    p_value: Number | None
    p_value_holm: Number | None
    """Adjusted for the architectures compared by this quantity (Holm); equal weights on both sides count once."""
    method: str

    @property
    def shown(self) -> bool | None:
        """Whether the change is beyond chance, by the adjusted p-value; None where that is unknown."""
        return None if self.p_value_holm is None else self.p_value_holm < ERROR_RATE


class SeedRow(Part):
    """One seed of one architecture; None where that side has no finished trial with it."""

    seed: int
    baseline_run_id: str | None
    candidate_run_id: str | None
    baseline_accuracy: Number | None
    candidate_accuracy: Number | None
    weights_equal: bool | None
    is_outlier: bool
    """Far from the median of its side's seeds."""


class EpochRow(Part):
    """Means over the finished seeds, after one epoch."""

    epoch: int
    baseline_accuracy: Number | None
    candidate_accuracy: Number | None
    baseline_loss: Number | None
    candidate_loss: Number | None


class ArchitectureComparison(Part):
    architecture: str
    title: str
    pairing: Pairing
    seeds_compared: tuple[int, ...]
    """The shared ones, where the comparison is paired by seed: accuracy and loss are of these alone."""
    identical: bool
    """Every compared seed ended with the same weights."""
    accuracy: QuantityComparison
    loss: QuantityComparison
    seconds_per_epoch: QuantityComparison
    peak_memory_mb: QuantityComparison
    seeds: tuple[SeedRow, ...]
    epochs: tuple[EpochRow, ...]
    sentence: str

    @property
    def quantities(self) -> tuple[QuantityComparison, ...]:
        return (self.accuracy, self.loss, self.seconds_per_epoch, self.peak_memory_mb)


class Difference(Part):
    """A fact that is not the same on both sides."""

    group: DifferenceGroup
    name: str
    baseline: str
    candidate: str


class Regression(Part):
    architecture: str
    kind: Literal["accuracy", "time", "no trial"]
    shown: bool | None
    """Whether it is beyond chance, by the adjusted p-value; None where that is unknown."""
    counts: bool
    """False for one that may be chance, where only certain ones count."""
    sentence: str


class Comparison(Part):
    """What two benchmarks say side by side."""

    schema_version: int
    title: str
    baseline: Side
    candidate: Side
    thresholds: Thresholds
    regressions: tuple[Regression, ...]
    headline: str
    """Whether there is a regression, and what counts as one."""
    same_reviews: bool
    """Both were tested on the same reviews of the same corpus."""
    architectures: tuple[ArchitectureComparison, ...]
    only_in_baseline: tuple[str, ...]
    only_in_candidate: tuple[str, ...]
    differences: tuple[Difference, ...]
    methods: tuple[MethodEntry, ...]
    caveats: tuple[Caveat, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no regression that counts."""
        return not any(one.counts for one in self.regressions)
