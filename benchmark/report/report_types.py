"""The numbers of a report and of a comparison; accuracies and their differences are fractions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, EpochResult, Evaluation
from benchmark.statistics.changes import Change
from benchmark.statistics.variance import Interval
from benchmark.statistics.verdict import Verdict, VerdictKind
from benchmark.wording import too_few_seeds
from models.references import PublishedFigure, TutorialEpoch

MIN_SEEDS = 6  # fewer are too few to tell where nothing is shown
OPPOSITE: dict[VerdictKind, VerdictKind] = {"above": "below", "below": "above"}
RESULTS = {"above": "better", "below": "worse", "equivalent": "equivalent", "undecided": "not shown"}


class TrialRow(Settings, extra="ignore"):
    """One planned trial: a line of ``trials.csv``; a deterministic baseline has no seed, and no baseline has epochs."""

    architecture: str
    seed: int | None
    status: str
    run_id: str
    trained_in: str | None
    accuracy: float | None = None  # what follows is of a finished trial
    loss: float | None = None
    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    roc_auc: float | None = None
    brier: float | None = None
    shuffled_accuracy: float | None = None  # with the words of each review in random order
    train_seconds: float | None = None
    evaluation_seconds: float | None = None
    wall_seconds: float | None = None
    peak_memory_mb: float | None = None
    parameter_count: int | None = None
    weights_sha256: str | None = None
    fingerprint: str | None = None
    model_uri: str | None = None
    failure: str | None = None
    epochs: tuple[EpochResult, ...] = ()


@dataclass(frozen=True)
class Shuffled(Verdict):
    """What the words of each review in random order change for the same trained models: "below" is a loss.

    The intervals of all rows hold together; `accuracy` is the median over the seeds.
    """

    accuracy: float


class LadderRow(Settings):
    """One architecture in the ladder: its typical training, the median over the seeds.

    `title` differs from that of every other row; all else is found by `architecture`, the name.
    """

    architecture: str
    title: str
    twins: tuple[str, ...]  # architectures that ended with the same weights for every seed, and have no row
    kind: Literal["network", "baseline"]
    deterministic: bool  # without randomness: one trial, and its interval is of the test reviews alone
    trials: tuple[TrialRow, ...]  # the finished ones, in the order of their seeds
    accuracy: float
    interval: Interval
    interval_level: float  # 0.95; more where the error rate is shared among looks
    one_label: bool  # for every review: a floor, left out of pairs and error analysis
    verdict: Verdict | None  # against the reference, where there is one
    shuffled: Shuffled | None  # None for trials of older versions
    parameters: int
    train_seconds: float
    published_accuracy: float | None = None  # of a similar system
    tutorial_epochs: tuple[TutorialEpoch, ...] = ()  # as printed there, where the architecture was trained as there
    false_positives: float
    false_negatives: float
    calibration_gap: float  # between predicted probability and observed frequency, on average

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the architectures that the row stands for: its own and its twins'."""
        return (self.architecture, *self.twins)

    @property
    def accuracies(self) -> list[float]:
        """Of the trials, from the worst to the best."""
        return sorted(trial.accuracy for trial in self.trials if trial.accuracy is not None)

    @property
    def mean_accuracy(self) -> float:
        """Of all seeds: what two benchmarks are compared by."""
        return fmean(self.accuracies)


class Reference(Settings):
    """The figure that the ladder is judged against; `is_paper` for Maas et al. 2011."""

    name: str
    accuracy: float
    test_reviews: int | None = None  # whose error is counted; None for a figure that is taken as exact
    is_paper: bool = False


@dataclass(frozen=True)
class Pair(Verdict):
    """Two architectures on the same reviews: the first minus the second. The intervals of all pairs hold together."""

    first: str  # in a report, the one with the higher accuracy
    second: str
    fewest_seeds: int | None  # of the two; None where both are deterministic

    @property
    def too_few_seeds(self) -> bool:
        """Whether nothing is shown, and there are too few seeds to show it."""
        return self.kind == "undecided" and self.fewest_seeds is not None and self.fewest_seeds < MIN_SEEDS

    @property
    def result(self) -> str:
        """What the first is, or why that is not shown."""
        if self.too_few_seeds:
            return too_few_seeds(self.fewest_seeds or 0)
        return RESULTS[self.kind]

    def seen_from(self, first: str) -> Pair:
        """The same pair, this one first."""
        if first == self.first:
            return self
        return replace(
            self,
            first=self.second,
            second=self.first,
            kind=OPPOSITE.get(self.kind, self.kind),
            difference=-self.difference,
            interval=Interval(-self.interval.high, -self.interval.low),
        )


class Report(Settings):
    """All that the report of one benchmark says: the content of ``report.json``."""

    run_id: str
    name: str
    status: str
    started_at: str
    command: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    training_reviews: str  # how many were used: all 25,000 training reviews
    environment: Environment
    answer: tuple[str, ...]  # at most five plain sentences
    notes: tuple[str, ...]  # what weakens the answer, and the sanity check
    verdict: VerdictKind | Literal[""]  # of the best row, which was picked; empty without a reference
    finished_trials: int
    planned_trials: int
    reference: Reference | None
    rows: tuple[LadderRow, ...]  # from the highest accuracy to the lowest
    pairs: tuple[Pair, ...]
    test_reviews: int
    all_right: int  # in every trial, of the architectures that do not give one label only
    all_wrong: int
    figures: tuple[PublishedFigure, ...]
    trials: tuple[TrialRow, ...]
    evaluation: Evaluation | None  # where stored models answered to other reviews

    @property
    def title(self) -> str:
        """The heading of the page."""
        if self.evaluation:
            return f"Models of {self.evaluation.trained_on.title} on {self.corpus.title}"
        return f"Sequence models on {'the IMDB reviews' if self.corpus.kind == 'imdb' else self.corpus.title}"

    @property
    def titles(self) -> dict[str, str]:
        """The title of each row by its architecture."""
        return {row.architecture: row.title for row in self.rows}

    @property
    def compared(self) -> list[LadderRow]:
        """The rows without those that give one label only."""
        return [row for row in self.rows if not row.one_label]

    def pair(self, first: str, second: str) -> Pair | None:
        """Return how `first` compares with `second`; None where they are not compared."""
        for pair in self.pairs:
            if {pair.first, pair.second} == {first, second}:
                return pair.seen_from(first)
        return None

    def row_of(self, architecture: str) -> LadderRow:
        """Return the row that stands for an architecture, or for its twin."""
        return next(row for row in self.rows if architecture in row.names)


class ArchitectureChange(Settings):
    """One row in two benchmarks."""

    architecture: str
    title: str
    first: LadderRow
    second: LadderRow
    accuracy: Change | None  # of the mean over all seeds; None where all weights are the same
    time_ratio: float | None  # of the same trainings; None where none was trained in both on one machine


class Comparison(Settings):
    """The difference of two reports: what changed, and what became worse."""

    first: Report
    second: Report
    answer: tuple[str, ...]
    regressions: tuple[str, ...]
    unseen: tuple[str, ...]  # titles of what has too few seeds to show even a large loss
    changes: tuple[ArchitectureChange, ...]
    differing_settings: tuple[str, ...]
