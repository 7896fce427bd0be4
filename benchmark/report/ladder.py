"""The ladder: one row an architecture, judged by one set of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean, median
from typing import Any, NamedTuple

from benchmark.config import LOOKS, Settings
from benchmark.report.architecture_trials import ArchitectureTrials
from benchmark.results import BenchmarkRecord, EpochResult, TrialRecord
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.questions import judge_family
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import ERROR_RATE, Interval
from benchmark.statistics.verdict import Verdict, decide
from benchmark.wording import printable
from models.references import PublishedFigure, References, load_references


class Rules(NamedTuple):
    """What the ladder is judged by; `error_rate` is that of intervals, and of all verdicts of a question together."""

    margin: float
    error_rate: float
    published: References | None  # None where the benchmark does not compare with published figures


class TrialRow(Settings):
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
    false_positives: int | None = None
    false_negatives: int | None = None
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

    @property
    def error_ratio(self) -> float:
        """How many times as many errors it has on one label as on the other."""
        fewer, more = sorted((self.false_positives or 0, self.false_negatives or 0))
        return more / max(fewer, 1)


@dataclass(frozen=True)
class Measured:
    """An accuracy with its interval, and the verdict on the bag of words where there is one."""

    accuracy: float
    interval: Interval
    verdict: Verdict | None


@dataclass(frozen=True)
class Size(Measured):
    """The typical training on one number of reviews, against a bag of words that was trained on as many."""

    reviews: int


class LadderRow(Settings):
    """One architecture in the ladder: its typical training, the median over the seeds.

    `title` differs from that of every other row; all else is found by `architecture`, the name.
    """

    architecture: str
    title: str
    sequence_model: bool  # a network whose answers change where words are shuffled
    deterministic: bool  # without randomness: one trial, and its interval is of the test reviews alone
    trials: tuple[TrialRow, ...]  # the finished ones, in the order of their seeds
    accuracy: float
    interval: Interval
    one_label: bool  # for every review: a floor, left out of questions and error analysis
    together: Measured | None  # the average of its seeds' probabilities, as one model; with several seeds
    shuffled: float | None  # the median with shuffled words; None for trials of older versions
    change: Verdict | None  # of the same models where words are shuffled; None of a bag of words, which cannot change
    train_seconds: float
    published: PublishedFigure | None  # of a similar system; the tutorial's, where it was trained as there
    sizes: tuple[Size, ...]  # where reviews were drawn: by their number, ascending

    @property
    def model_kind(self) -> str:
        """What its colour means; "other" gives every review one label, or was not measured on shuffled words."""
        if self.one_label:
            return "other"
        if self.sequence_model:
            return "sequence model"
        if self.shuffled is None:
            return "other"
        return "n-grams" if self.change else "bag of words"

    @property
    def accuracies(self) -> list[float]:
        """Of the trials, from the worst to the best."""
        return sorted(trial.accuracy for trial in self.trials if trial.accuracy is not None)

    @property
    def mean_accuracy(self) -> float:
        """Of all seeds: what two benchmarks are compared by."""
        return fmean(self.accuracies)


def rules_of(record: BenchmarkRecord) -> Rules:
    """Return what the architectures of a benchmark are judged by."""
    config = record.config
    comparable = not record.not_comparable_reason and not record.evaluation
    return Rules(
        margin=config.equivalence_margin_points / 100,
        error_rate=ERROR_RATE / len(LOOKS) if config.until_decided or record.looks else ERROR_RATE,
        published=load_references() if comparable else None,
    )


def make_rows(
    ladder: Sequence[ArchitectureTrials],
    rules: Rules,
    together: Mapping[str, Measured],
    sizes: Mapping[str, Sequence[Size]],
) -> Iterator[LadderRow]:
    """Compute the row of each architecture; `together` and `sizes` are by its name."""
    changes = _judge_order(ladder, rules)
    for architecture in ladder:
        yield LadderRow(
            architecture=architecture.name,
            title=architecture.title,
            sequence_model=architecture.sequence_model,
            deterministic=architecture.counts.deterministic,
            trials=tuple(map(make_trial_row, architecture.trials)),
            accuracy=architecture.counts.median,
            interval=typical_interval(architecture.counts, rules.error_rate),
            one_label=architecture.one_label,
            together=together.get(architecture.name),
            shuffled=architecture.shuffled.median if architecture.shuffled else None,
            change=changes.get(architecture.name),
            train_seconds=median(trial.result.train_seconds for trial in architecture.trials if trial.result),
            published=_published_figure(architecture, rules),
            sizes=tuple(sizes[architecture.name]),
        )


def make_trial_row(trial: TrialRecord) -> TrialRow:
    """Put what is known of a trial in one row."""
    values: dict[str, Any] = vars(trial).copy()
    values["architecture"] = trial.config.architecture
    values["seed"] = trial.config.seed
    if trial.result:
        values |= vars(trial.result) | vars(trial.result.scores)
    if trial.failure:
        values["failure"] = printable(trial.failure)
    predictions = trial.predictions
    if predictions:
        positive = predictions.label == 1
        wrong = ~correct(predictions.label, predictions.probability)
        values["false_positives"] = int((wrong & ~positive).sum())
        values["false_negatives"] = int((wrong & positive).sum())
    if predictions and predictions.probability_shuffled is not None:
        is_right = correct(predictions.label, predictions.probability_shuffled)
        values["shuffled_accuracy"] = float(is_right.mean())
    return TrialRow(**values)


def _judge_order(ladder: Sequence[ArchitectureTrials], rules: Rules) -> dict[str, Verdict]:
    """Judge what words in random order change, by architecture; the intervals of all that read order hold together.

    The change is that of the same trained models, seed by seed.
    """
    changes = {}
    for architecture in ladder:
        if architecture.shuffled and architecture.reads_order:
            counts = architecture.counts
            changes[architecture.name] = replace(counts, right=architecture.shuffled.right - counts.right)
    judge = partial(decide, reference=0.0, margin=rules.margin)
    return judge_family(judge, changes, rules.error_rate).verdicts


def _published_figure(architecture: ArchitectureTrials, rules: Rules) -> PublishedFigure | None:
    """The figure of a similar system; the tutorial's hold for its own settings only."""
    if rules.published is None:
        return None
    figure = rules.published.of_architecture(architecture.name)
    if figure is None or not figure.epochs:
        return figure
    trial = architecture.trials[0].config
    settings = (trial.epochs, trial.batch_size, trial.vocabulary_size, trial.max_length)
    return figure if settings == (len(figure.epochs), 64, 5000, 500) else None
