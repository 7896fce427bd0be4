"""The numbers of a report, a comparison and a leaderboard.

Intervals of accuracies are fractions of 1; those of differences are in percentage points.
"""

from __future__ import annotations

from typing import Literal

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, EpochResult
from benchmark.statistics.calibration import Calibration
from benchmark.statistics.variance import Interval
from models.references import PublishedFigure

Verdict = Literal["above", "below", "equivalent", "undecided"]


class SeedAccuracy(Settings):
    """One finished trial of an architecture; `seed` is None for a deterministic baseline."""

    seed: int | None
    accuracy: float
    run_id: str
    collapsed: bool = False
    train_seconds: float


class Collapse(Settings):
    """Seeds whose training failed to learn.

    Attributes
    ----------
    seeds : tuple of int
    share : Interval
        Clopper-Pearson interval of the share of seeds that collapse.
    plain_mean : float
        Accuracy over all seeds, the collapsed ones included.
    """

    seeds: tuple[int, ...]
    share: Interval
    plain_mean: float


class Published(Settings):
    """A published figure of one architecture, and how far this benchmark's mean is from it."""

    name: str
    accuracy: float
    difference_points: float


class LadderRow(Settings):
    """One architecture in the ladder, which is sorted from the lowest accuracy to the highest.

    Attributes
    ----------
    twins : tuple of str
        Titles of the architectures that ended with the same weights for every seed; they have no row of their own.
    deterministic : bool
        A baseline without randomness: one trial, and its interval is of the test reviews alone.
    seeds : tuple of SeedAccuracy
    accuracy : float
        The mean over the seeds that did not collapse.
    interval : Interval
        Of that mean, from seeds and test reviews together; of the test reviews alone with one seed.
    interval_level : float
        0.95; more where the error rate is shared among looks.
    one_label : bool
        It gives every review the same label: a floor, left out of pairs and error analysis.
    accuracy_without_repeats : float or None
        Without test reviews that stand in the training split or repeat another; None where there are none.
    median_interval : Interval or None
        Order-statistic interval of the median, from six seeds on.
    verdict : {"above", "below", "equivalent", "undecided"} or None
        Against the reference. None where there is nothing to judge by: one seed, or a corpus without reference.
    withheld_reason : str or None
        Why a verdict that the interval alone would give is withheld, and what would decide.
    difference_points, difference_interval_points
        Accuracy minus the reference.
    train_seconds : float
        Mean over the trials.
    published : Published or None
        A published figure of this very architecture.
    """

    architecture: str
    title: str
    kind: Literal["network", "baseline"]
    twins: tuple[str, ...] = ()
    deterministic: bool
    seeds: tuple[SeedAccuracy, ...]
    accuracy: float
    spread_points: float | None
    interval: Interval
    interval_level: float = 0.95
    one_label: bool = False
    accuracy_without_repeats: float | None = None
    median_interval: Interval | None = None
    collapse: Collapse | None = None
    verdict: Verdict | None = None
    withheld_reason: str | None = None
    difference_points: float | None = None
    difference_interval_points: Interval | None = None
    parameters: int
    train_seconds: float
    epochs: int | None
    published: Published | None = None


class Reference(Settings):
    """The figure that the ladder is judged against; `is_paper` for Maas et al. 2011."""

    name: str
    accuracy: float
    is_paper: bool


class Pair(Settings):
    """Two architectures on the same reviews; `better` has the higher mean accuracy.

    Attributes
    ----------
    difference_points : float
        Accuracy of `better` minus that of `worse`, over the seeds that did not collapse.
    interval_points : Interval
        Adjusted for the number of pairs (Holm), so that it excludes 0 just where `significant`. Of the two trained
        models only where `about_models`.
    p_value : float or None
        Adjusted; None where `about_models`.
    about_models : bool
        One of them is a network with one seed: nothing is said of the architectures.
    """

    better: str
    worse: str
    difference_points: float
    interval_points: Interval
    p_value: float | None
    significant: bool
    about_models: bool


class EpochRow(EpochResult):
    """One epoch of one trial, for the learning curves."""

    architecture: str
    seed: int | None


class ErrorCounts(Settings):
    """Confusion counts of one architecture, averaged over its seeds."""

    architecture: str
    false_positives: float
    false_negatives: float


class ReviewErrors(Settings):
    """A test review with what the trials made of it.

    Attributes
    ----------
    probabilities : dict of str to float
        Architecture to mean probability of label 1.
    text : str or None
        None where the record has no text of it.
    word_effects : tuple of (str, float)
        Words with their change in log-odds of label 1.
    """

    review_id: str
    label: int
    words: int
    probabilities: dict[str, float]
    text: str | None = None
    word_effects: tuple[tuple[str, float], ...] = ()


class LengthAccuracy(Settings):
    """Mean accuracy of one architecture among reviews of similar length."""

    architecture: str
    label: str
    reviews: int
    accuracy: float


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
    parameters: int | None = None
    weights_sha256: str | None = None
    fingerprint: str | None = None
    model_uri: str | None = None
    failure: str | None = None


class TutorialEpoch(Settings):
    """What the tutorial printed for one epoch, beside our mean."""

    architecture: str
    epoch: int
    train_accuracy: float
    our_train_accuracy: float
    test_accuracy: float | None
    our_test_accuracy: float


class Report(Settings):
    """All that the report of one benchmark says: the content of ``report.json``.

    Attributes
    ----------
    answer : tuple of str
        At most four plain sentences: that the reviews are synthetic, where they are; the best architecture with its
        interval and distance to the reference; how the others stand; what is shown between architectures.
    notes : tuple of str
        What else has to be known: missing trials, collapsed seeds, withheld verdicts, the sanity check.
    verdict : str
        The answer in a few words: the tag ``benchmark.verdict``.
    best_accuracy : float or None
        None where no trial finished.
    rows : tuple of LadderRow
        From the lowest accuracy to the highest.
    reference : Reference or None
        None where the corpus has none: no verdict is given then.
    not_comparable_reason : str or None
    twins_agree : bool or None
        Whether the two architectures that are the same network ended with the same weights; None without that pair.
    left_out : tuple of str
        Why finished trials are in no row: one sentence for each.
    epochs : tuple of EpochRow
    error_counts, calibration, accuracy_by_length
        Of each row but those with `one_label`; calibration by architecture.
    all_right, all_wrong : int
        Test reviews that every trial of these rows gets right, or wrong.
    hard_reviews, disputed_reviews : tuple of ReviewErrors
        Wrong in every trial, and those on which the architectures disagree most.
    figures : tuple of PublishedFigure
        Published figures on the same test reviews; empty where the corpus does not compare.
    """

    run_id: str
    name: str
    status: str
    started_at: str
    command: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    environment: Environment | None
    answer: tuple[str, ...]
    notes: tuple[str, ...]
    verdict: str
    best_accuracy: float | None
    finished_trials: int
    planned_trials: int
    not_comparable_reason: str | None
    reference: Reference | None
    twins_agree: bool | None
    looks: tuple[int, ...]
    left_out: tuple[str, ...]
    rows: tuple[LadderRow, ...]
    pairs: tuple[Pair, ...]
    epochs: tuple[EpochRow, ...]
    error_counts: tuple[ErrorCounts, ...]
    test_reviews: int
    all_right: int
    all_wrong: int
    hard_reviews: tuple[ReviewErrors, ...]
    disputed_reviews: tuple[ReviewErrors, ...]
    calibration: dict[str, Calibration]
    accuracy_by_length: tuple[LengthAccuracy, ...]
    tutorial_epochs: tuple[TutorialEpoch, ...]
    figures: tuple[PublishedFigure, ...]
    trials: tuple[TrialRow, ...]


class Regression(Settings):
    """What became worse by more than is allowed."""

    architecture: str
    kind: Literal["accuracy", "time", "no trial"]
    sentence: str


class Change(Settings):
    """One architecture in two benchmarks; differences are second minus first, over seeds that did not collapse.

    Attributes
    ----------
    accuracy_threshold_points : float or None
        The drop from which on it is a regression: what is allowed and what chance explains. None with one seed.
    time_ratio : float or None
        Training time of the second divided by the first's, seed by seed; None where the work or the machine differs.
    time_threshold : float or None
        The ratio from which on it is a regression; None with one seed.
    same_weights : bool
        Both have the same seeds, and each ended with the same weights.
    """

    architecture: str
    title: str
    first_accuracy: float
    second_accuracy: float
    first_seeds: int
    second_seeds: int
    first_collapsed: int
    second_collapsed: int
    difference_points: float
    interval_points: Interval | None
    accuracy_threshold_points: float | None
    time_ratio: float | None
    time_ratio_interval: Interval | None
    time_threshold: float | None
    same_weights: bool


class Side(Settings):
    """One of the two benchmarks."""

    run_id: str
    name: str
    started_at: str
    command: str
    finished_trials: int
    planned_trials: int


class Comparison(Settings):
    """Two benchmarks, first and second, and what became worse.

    Attributes
    ----------
    answer : tuple of str
    not_judged : tuple of str
        Why accuracy or time is not judged.
    false_alarm_rate : float
        Probability of a regression where nothing changed, over all that is judged.
    rows : tuple of LadderRow
        What changed, of both benchmarks, for the picture; the titles say of which.
    differing_settings : dict of str to (str, str)
    """

    first: Side
    second: Side
    answer: tuple[str, ...]
    not_judged: tuple[str, ...]
    max_accuracy_drop_points: float
    max_slowdown: float
    false_alarm_rate: float
    regressions: tuple[Regression, ...]
    changes: tuple[Change, ...]
    rows: tuple[LadderRow, ...]
    reference: Reference | None
    differing_settings: dict[str, tuple[str, str]]


class LeaderboardGroup(Settings):
    """Trials that compare with each other, pooled: same corpus, settings and kind of processor."""

    title: str
    benchmarks: int
    trials: int
    reference: Reference | None
    rows: tuple[LadderRow, ...]


class Leaderboard(Settings):
    """Every comparable trial of a store, the group with the most trials first."""

    groups: tuple[LeaderboardGroup, ...]
