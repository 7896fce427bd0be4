"""Everything that the report shows, in numbers and sentences: the one source of HTML, Markdown, CSV and JSON.

Accuracies are fractions from 0 to 1; a field whose name ends in ``_points`` is in percentage points. A number that
cannot be known (the spread over one seed, say) is None, never zero.
"""

from __future__ import annotations

from typing import Any

from benchmark.analysis.parts import (
    Calibration,
    Caveat,
    Control,
    Cost,
    HardReviewFacts,
    Interval,
    LengthAccuracy,
    MeanEpoch,
    MethodEntry,
    Number,
    PairwiseComparison,
    Part,
    Provenance,
    Spread,
    TrialEpoch,
    TrialRow,
    TutorialEpoch,
)
from benchmark.statistics.verdict import VerdictKind

ANALYSIS_SCHEMA_VERSION = 1


class Verdict(Part):
    """The answer for one architecture."""

    architecture: str
    title: str
    kind: VerdictKind | None
    """None where no comparison with the paper is possible; `sentence` then says why."""
    sentence: str
    remarks: tuple[str, ...] = ()
    """What a reader must know with it: an outlier that decides, missing seeds, the paper's own error."""


class PaperComparison(Part):
    """The mean accuracy minus the paper's figure. Both intervals have both of our own sources of uncertainty."""

    difference_points: Number
    interval_exact_points: Interval | None
    """The paper's figure taken as exact."""
    interval_points: Interval | None
    """With the paper's own binomial error too: the verdict goes by this one."""
    p_value: Number | None
    """Two-sided, of no difference, with the paper's own error."""
    p_value_holm: Number | None
    """Adjusted for the number of architectures compared (Holm); one that repeats another is not counted again."""
    margin_points: Number
    equivalence_p_value: Number | None
    """TOST: the larger of the two one-sided p-values, with the paper's own error."""
    equivalence_interval_points: Interval | None
    """90% interval: TOST at 5% is this interval lying inside the margin."""
    verdict: VerdictKind
    verdict_without_worst_seed: VerdictKind | None
    """None with fewer than three seeds."""
    verdict_exact: VerdictKind
    """What the verdict would be with the paper's figure taken as exact."""


class TutorialComparison(Part):
    """The tutorial's one figure, and where it lies in our distribution over seeds."""

    accuracy: Number
    difference_points: Number
    """Our mean minus the tutorial's figure."""
    seeds_below: int
    """So many of our seeds are below the tutorial's figure."""
    prediction_interval: Interval | None
    """Where one more seed of ours would lie; None with one seed."""
    inside: bool | None
    p_value: Number | None
    """Two-sided, of the tutorial's figure being one more seed of ours."""
    sentence: str


class UncertaintySplit(Part):
    """Where the uncertainty of the mean accuracy comes from; standard errors in points, shares of the variance."""

    seeds_se_points: Number | None
    test_half_se_points: Number
    total_se_points: Number | None
    seeds_share: Number | None
    test_half_share: Number | None
    critical_value: Number | None
    """So many total standard errors on each side make the 95% interval."""
    sentence: str


class SeedsNeeded(Part):
    """Seeds for a power of 80%, if the true difference and spread are those observed; None where out of reach."""

    power: Number
    for_difference: int | None
    """To show a difference from the paper's figure."""
    for_equivalence: int | None
    """To show equivalence within the margin."""
    most_considered: int
    limited_by_test_half: bool
    """Even with endless seeds, the uncertainty of the test reviews and of the paper's figure hides the difference."""
    sentence: str


class ArchitectureSummary(Part):
    """One row of the table: an architecture with at least one finished trial."""

    architecture: str
    title: str
    group: str
    trials_planned: int
    seeds: tuple[int, ...]
    """Those that finished; every figure is computed from them alone."""
    same_weights_as: str | None
    """An earlier architecture that ended with the same weights for every seed: its result, and no second one."""
    accuracy: Spread
    accuracy_median: Number
    accuracy_worst: Number
    worst_seed: int
    accuracy_best: Number
    best_seed: int
    median_seed: int
    """The seed whose accuracy is closest to the median (the lower of two)."""
    outlier_seeds: tuple[int, ...]
    interval: Interval
    """To show beside the mean: seeds and test half together; with one seed Wilson's, of that trained model only."""
    interval_seeds: Interval | None
    interval_test_half: Interval
    uncertainty: UncertaintySplit
    paper: PaperComparison | None
    tutorial: TutorialComparison | None
    seeds_needed: SeedsNeeded | None
    loss: Spread
    f1: Spread
    precision: Spread
    recall: Spread
    roc_auc: Spread | None
    """None where all test reviews have the same label."""
    brier: Spread
    parameters: int
    seconds_per_epoch: Spread
    """Training only, without the first, tracing step and without evaluation."""
    reviews_per_second: Spread
    evaluation_milliseconds_per_review: Spread
    trace_seconds: Spread
    wall_seconds: Spread
    peak_memory_mb: Spread
    peak_gpu_memory_mb: Spread | None
    model_mb: Number
    """Size of the saved model, in millions of bytes."""


class PaperReference(Part):
    accuracy: Number
    test_reviews: int
    title: str
    system: str
    citation: str
    url: str


class TutorialReference(Part):
    title: str
    citation: str
    url: str


class Analysis(Part):
    """What a benchmark says."""

    schema_version: int
    title: str
    comparable_to_paper: bool
    not_comparable_reason: str | None
    headlines: tuple[str, ...]
    """Sentences to open with, the most important first."""
    verdicts: tuple[Verdict, ...]
    """Of every planned architecture, those without a finished trial too."""
    trials_finished: int
    trials_planned: int
    architectures: tuple[ArchitectureSummary, ...]
    pairwise: tuple[PairwiseComparison, ...]
    control: Control | None
    """None unless both architectures of the A/A control have a finished trial with the same seed."""
    learning_curves: tuple[TrialEpoch, ...]
    mean_curves: tuple[MeanEpoch, ...]
    tutorial_curves: tuple[TutorialEpoch, ...]
    calibration: tuple[Calibration, ...]
    accuracy_by_length: tuple[LengthAccuracy, ...]
    test_reviews: int
    """Reviews that the trials were tested on; 0 without a finished trial."""
    reviews_all_right: int
    reviews_all_wrong: int
    hard_reviews: tuple[HardReviewFacts, ...]
    trials: tuple[TrialRow, ...]
    cost: Cost
    provenance: Provenance
    paper: PaperReference
    tutorial: TutorialReference
    settings: dict[str, Any]
    """The benchmark's whole configuration."""
    methods: tuple[MethodEntry, ...]
    caveats: tuple[Caveat, ...]
