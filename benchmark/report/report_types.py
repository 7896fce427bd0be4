"""The numbers of a report, a comparison and a leaderboard.

Intervals of accuracies are fractions of 1; those of differences are in percentage points.
"""

from __future__ import annotations

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, EpochResult
from benchmark.statistics.calibration import Calibration
from benchmark.statistics.pairs import Change
from benchmark.statistics.variance import Interval
from benchmark.statistics.verdict import VerdictKind
from benchmark.wording import listing
from models.references import PublishedFigure, TutorialEpoch


class SeedResult(Settings):
    """One finished trial of an architecture; a deterministic baseline has no seed, and no baseline has epochs."""

    seed: int | None
    run_id: str
    accuracy: float
    collapsed: bool
    epochs: tuple[EpochResult, ...]


class Collapse(Settings):
    """Seeds whose training failed to learn, an interval of their share, and the mean accuracy with them."""

    seeds: tuple[int, ...]
    share: Interval
    plain_mean: float


class LadderRow(Settings):
    """One architecture in the ladder; means and intervals are of the seeds that did not collapse."""

    architecture: str
    title: str
    twins: tuple[str, ...]  # titles of those that ended with the same weights for every seed, and have no row
    deterministic: bool  # without randomness: one trial, and its interval is of the test reviews alone
    seeds: tuple[SeedResult, ...]
    accuracy: float
    spread_points: float | None
    interval: Interval
    interval_level: float  # 0.95; more where the error rate is shared among looks
    median_interval: Interval | None
    collapse: Collapse | None
    one_label: bool  # for every review: a floor, left out of pairs and error analysis
    accuracy_without_repeats: float | None  # of test reviews that neither repeat another nor a training review
    verdict: VerdictKind | None = None  # against the reference, where there is one
    withheld_reason: str | None = None  # why a verdict of the interval alone is withheld, and what would decide
    difference_points: float | None = None
    difference_interval_points: Interval | None = None
    parameters: int
    train_seconds: float
    published_accuracy: float | None  # of a similar system
    tutorial_epochs: tuple[TutorialEpoch, ...]  # as printed there, where the architecture was trained as there
    false_positives: float
    false_negatives: float
    calibration: Calibration

    @property
    def title_with_twins(self) -> str:
        return self.title + (f" (same weights: {listing(self.twins)})" if self.twins else "")


class Reference(Settings):
    """The figure that the ladder is judged against; `is_paper` for Maas et al. 2011."""

    name: str
    accuracy: float
    is_paper: bool


class Pair(Settings):
    """Two architectures on the same reviews; `better` has the higher mean over the seeds that did not collapse."""

    better: str
    worse: str
    difference_points: float
    interval_points: Interval
    planned: bool  # in a family of comparisons, for whose number the interval is adjusted (Holm); others are not
    significant: bool  # just where a planned interval excludes 0
    about_models: bool  # one is a network with one seed: of these two trained models, and not adjusted


class ReviewErrors(Settings):
    """A test review, the mean probability of label 1 by architecture, and what words changed in the log-odds."""

    review_id: str
    label: int
    words: int
    probabilities: dict[str, float]
    text: str | None = None
    word_effects: tuple[tuple[str, float], ...] = ()


class TrialRow(Settings):
    """One planned trial: a line of ``trials.csv``."""

    architecture: str
    seed: int | None
    status: str
    run_id: str
    collapsed: bool | None = None
    accuracy: float | None = None
    loss: float | None = None
    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    roc_auc: float | None = None
    brier: float | None = None
    train_seconds: float | None = None
    evaluation_seconds: float | None = None
    wall_seconds: float | None = None
    peak_memory_mb: float | None = None
    parameter_count: int | None = None
    weights_sha256: str | None = None
    fingerprint: str | None = None
    model_uri: str | None = None
    failure: str | None = None


class Report(Settings):
    """All that the report of one benchmark says: the content of ``report.json``."""

    run_id: str
    name: str
    status: str
    started_at: str
    command: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    environment: Environment | None
    answer: tuple[str, ...]  # at most four plain sentences
    notes: tuple[str, ...]  # missing trials, collapsed seeds, withheld verdicts, the sanity check
    verdict: str  # the answer in a few words: the tag benchmark.verdict
    best_accuracy: float | None
    finished_trials: int
    planned_trials: int
    reference: Reference | None
    rows: tuple[LadderRow, ...]  # from the lowest accuracy to the highest
    pairs: tuple[Pair, ...]
    test_reviews: int
    all_right: int  # in every trial, of the architectures that do not give one label only
    all_wrong: int
    hard_reviews: tuple[ReviewErrors, ...]
    disputed_reviews: tuple[ReviewErrors, ...]
    figures: tuple[PublishedFigure, ...]
    trials: tuple[TrialRow, ...]


class ArchitectureChange(Settings):
    """One architecture in two benchmarks; `time` is None where the work or the machine differs."""

    title: str
    first: LadderRow
    second: LadderRow
    accuracy: Change
    time: Change | None
    same_weights: bool


class Comparison(Settings):
    """The difference of two reports: what changed, and what became worse."""

    first: Report
    second: Report
    answer: tuple[str, ...]
    false_alarm_rate: float  # probability of a regression where nothing changed, over all that is judged
    regressions: tuple[str, ...]
    changes: tuple[ArchitectureChange, ...]
    differing_settings: tuple[str, ...]


class LeaderboardGroup(Settings):
    """Trials that compare with each other, pooled: same corpus, settings and kind of processor."""

    title: str
    benchmarks: int
    report: Report
