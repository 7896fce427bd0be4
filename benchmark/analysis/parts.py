"""The parts of an analysis that repeat: intervals, spreads, curves, rows. See `benchmark.analysis.analysis_types`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from benchmark.results import CorpusKind, Environment, Execution, TrialStatus


def _significant(value: float) -> float:
    return float(f"{value:.10g}")


Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_significant)]
"""Rounded to ten digits: the last bits of a sum depend on the machine, and a rebuilt report must not."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def with_values(self, **changes: object) -> Self:
        """Give a copy with other values, checked and rounded like all; pydantic's `model_copy` does neither."""
        return self.model_validate({**dict(self), **changes})


class Interval(Part):
    """In the unit of what it belongs to."""

    low: Number
    high: Number
    level: Number
    method: str
    """In a few words, for a tooltip or a footnote."""


class Spread(Part):
    """A figure over the finished seeds."""

    mean: Number
    sd: Number | None
    """None with one seed: unknown, not zero."""
    low: Number
    high: Number
    n: int


class McNemar(Part):
    """Two single trials on the same reviews."""

    first_only_right: int
    second_only_right: int
    p_value: Number


class PairwiseComparison(Part):
    """`first` minus `second`, paired by seed and by review."""

    first: str
    second: str
    seeds: tuple[int, ...]
    """Those that both have; empty where they share none, and then there is no difference either."""
    difference_points: Number | None
    interval_points: Interval | None
    p_value: Number | None
    p_value_holm: Number | None
    """Adjusted for the pairs that are tested (Holm); None for one that neither is tested nor repeats a tested one."""
    is_tested: bool
    """Counted by Holm's adjustment: not the A/A control, no pair of equal weights, no repetition of another pair."""
    repeats: tuple[str, str] | None
    """The pair that has the same weights on both sides, and whose adjusted p-value this one takes."""
    probability_of_improvement: Number | None
    """That a seed of `first` beats a seed of `second`, ties half."""
    mcnemar: McNemar | None
    """Where they share just one seed."""
    identical: bool
    """Every probability is the same."""
    is_control: bool
    sentence: str


class ControlSeed(Part):
    seed: int
    weights_equal: bool
    first_epoch_that_differs: int | None
    accuracy_difference_points: Number
    largest_probability_difference: Number


class Control(Part):
    """The A/A control: two architectures that build the same network must end with the same weights."""

    first: str
    second: str
    seeds: tuple[ControlSeed, ...]
    passed: bool
    sentence: str


class TrialEpoch(Part):
    architecture: str
    seed: int
    run_id: str
    epoch: int
    loss: Number
    accuracy: Number
    val_loss: Number
    val_accuracy: Number
    train_seconds: Number


class MeanEpoch(Part):
    """The mean over the finished seeds."""

    architecture: str
    epoch: int
    trials: int
    loss: Number
    accuracy: Number
    val_loss: Number
    val_accuracy: Number
    train_seconds: Number


class TutorialEpoch(Part):
    """As the tutorial printed it: training loss and accuracy, and validation where it has it."""

    architecture: str
    epoch: int
    loss: Number
    accuracy: Number
    val_loss: Number | None
    val_accuracy: Number | None
    seconds: Number


class CalibrationBin(Part):
    low: Number
    high: Number
    predictions: int
    """Over all finished seeds; bins without any are left out."""
    mean_probability: Number
    positive_share: Number


class Calibration(Part):
    architecture: str
    bins: tuple[CalibrationBin, ...]
    expected_calibration_error: Number


class LengthAccuracy(Part):
    """Accuracy among the test reviews of some length, averaged over seeds."""

    architecture: str
    shortest_words: int
    longest_words: int | None
    """None: no upper end."""
    label: str
    reviews: int
    accuracy: Number
    interval: Interval


class HardReviewFacts(Part):
    """A review that every finished trial gets wrong."""

    review_id: str
    label: Literal["negative", "positive"]
    words: int
    mean_probability: Number
    """Of being positive, over all finished trials."""
    text: str | None


class TrialRow(Part):
    """One trial, finished or not; one line of the CSV."""

    architecture: str
    title: str
    seed: int
    run_id: str
    status: TrialStatus
    failure: str | None
    is_outlier: bool
    registered_version: str | None
    model_uri: str | None
    fingerprint: str | None
    weights_sha256: str | None
    test_accuracy: Number | None
    wilson: Interval | None
    """Of this one trained model, over reviews like these."""
    test_loss: Number | None
    test_f1: Number | None
    test_precision: Number | None
    test_recall: Number | None
    test_roc_auc: Number | None
    test_brier: Number | None
    seconds_per_epoch: Number | None
    reviews_per_second: Number | None
    evaluation_milliseconds_per_review: Number | None
    trace_seconds: Number | None
    wall_seconds: Number | None
    peak_memory_mb: Number | None
    peak_gpu_memory_mb: Number | None
    model_bytes: int | None
    parameters: int | None
    rebuild: tuple[str, ...]
    """Shell lines that train this trial again."""


class Cost(Part):
    trials_timed: int
    total_wall_seconds: Number
    """Sum over the finished trials."""
    training_share: Number | None
    """Of the wall time, spent in training steps."""
    sentence: str


class Provenance(Part):
    run_id: str
    experiment_id: str
    benchmark_name: str
    benchmark_status: TrialStatus
    started_at: str
    command: str
    tracking_uri: str
    corpus_kind: CorpusKind
    corpus_source: str
    corpus_digest: str
    corpus_train_reviews: int
    corpus_test_reviews: int
    vocabulary_words: int
    environment: Environment | None
    """Of the benchmark, or of its first finished trial."""
    environments_differ: tuple[str, ...]
    executions: tuple[Execution, ...] = ()
    """Each way in which trials were run; more than one where it was resumed in another, none where not recorded."""
    """Names of the facts that are not the same for all finished trials."""


class MethodEntry(Part):
    name: str
    formula: str
    """In words."""
    source: str


class Caveat(Part):
    """What limits this very benchmark."""

    code: str
    """Stable, for example ``few-seeds``."""
    severity: Literal["note", "warning"]
    text: str
