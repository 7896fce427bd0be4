"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.config import LOOKS
from benchmark.corpus.facts import CorpusFacts
from benchmark.report.answer import answer_sentences, note_sentences
from benchmark.report.architecture_trials import ArchitectureTrials, collect_trials, share_right, with_both_labels
from benchmark.report.report_types import LadderRow, Pair, Reference, Report, Shuffled, TrialRow
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.calibration import calibration_gap
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import ERROR_RATE
from benchmark.statistics.verdict import Verdict, VerdictKind, compare_all, decide, decide_change
from benchmark.wording import plural, printable
from models.references import PublishedFigure, References, load_references


class Rules(NamedTuple):
    """What the ladder is judged by; `error_rate` is that of verdicts, of intervals, and of all pairs together."""

    margin: float
    error_rate: float
    reference: Reference | None
    published: References | None  # None where the benchmark does not compare with published figures

    def judge(self, architecture: ArchitectureTrials, picked_from: int = 1) -> Verdict | None:
        """Give the verdict against the reference; None without one."""
        if self.reference is None:
            return None
        return decide(
            architecture.counts,
            self.reference.accuracy,
            self.margin,
            reference_reviews=self.reference.test_reviews,
            error_rate=self.error_rate / picked_from,
        )


def summarize(record: BenchmarkRecord, architectures: Sequence[ArchitectureTrials] | None = None) -> Report:
    """Compute all that the report says; the same record gives the same report.

    Parameters
    ----------
    architectures : sequence of ArchitectureTrials, optional
        What `collect_trials` makes of the record, where the caller has it already.
    """
    if architectures is None:
        architectures = collect_trials(record)
    rules = _rules(record)

    # The ladder, and how its architectures compare
    ladder = sorted(architectures, key=_place, reverse=True)
    rows = [_ladder_row(architecture, rules, len(ladder)) for architecture in ladder]
    pairs = _pairs(with_both_labels(ladder), rules)

    right = share_right(with_both_labels(architectures))
    test_reviews = 0
    if architectures:
        test_reviews = len(architectures[0].predictions.label)
    report = Report(
        run_id=record.run_id,
        name=printable(record.name),
        status=record.status,
        started_at=record.started_at,
        command=printable(record.command),
        config=record.config,
        corpus=_corpus_as_used(record, architectures),
        training_reviews=_training_reviews(record),
        environment=record.environment,
        answer=(),
        notes=tuple(note_sentences(record, ladder)),
        verdict=_verdict_of_best(ladder, rules),
        finished_trials=len(record.finished),
        planned_trials=len(record.trials),
        reference=rules.reference,
        rows=tuple(rows),
        pairs=tuple(pairs),
        test_reviews=test_reviews,
        all_right=int((right == 1).sum()),
        all_wrong=int((right == 0).sum()),
        figures=rules.published.figures if rules.published else (),
        trials=tuple(map(_trial_row, record.trials)),
        evaluation=record.evaluation,
    )
    answer = tuple(answer_sentences(report))
    return report.model_copy(update={"answer": answer})


def _place(architecture: ArchitectureTrials) -> tuple[float, str, str]:
    return architecture.counts.median, architecture.title, architecture.name


def _corpus_as_used(record: BenchmarkRecord, architectures: Sequence[ArchitectureTrials]) -> CorpusFacts:
    """Count groups and repeats among the test reviews that were used, which may be a part of them."""
    if not architectures:
        return record.corpus
    used = architectures[0].predictions
    update = {
        "groups": record.corpus.groups and len(np.unique(used.group)),
        "test_reviews_in_train": int(used.in_train.sum()),
        "repeated_test_reviews": int(used.repeated.sum()),
    }
    return record.corpus.model_copy(update=update)


def _rules(record: BenchmarkRecord) -> Rules:
    config = record.config
    published = None
    if not record.not_comparable_reason and not record.evaluation:
        published = load_references()
    return Rules(
        margin=config.equivalence_margin_points / 100,
        error_rate=ERROR_RATE / len(LOOKS) if config.until_decided else ERROR_RATE,
        reference=_reference(record, published),
        published=published,
    )


def _reference(record: BenchmarkRecord, published: References | None) -> Reference | None:
    """The user's own figure, or the paper's where the benchmark compares with it; none on synthetic reviews."""
    own = record.config.reference
    if record.corpus.kind == "synthetic":
        return None
    if own:
        return Reference(name=printable(own.name) or "reference", accuracy=own.accuracy)
    if published:
        paper = published.paper
        return Reference(
            name="Maas et al. 2011",
            accuracy=paper.accuracy,
            test_reviews=paper.test_reviews,
            is_paper=True,
        )
    return None


def _training_reviews(record: BenchmarkRecord) -> str:
    """Say how many reviews of the training split were used."""
    corpus = record.evaluation.trained_on if record.evaluation else record.corpus
    reviews, limit = corpus.train_reviews, record.config.max_reviews
    if limit and limit < reviews:
        return f"the first {limit:,} of {plural(reviews, 'training review')}"
    return f"all {plural(reviews, 'training review')}"


def _ladder_row(architecture: ArchitectureTrials, rules: Rules, rows: int) -> LadderRow:
    first = architecture.results[0]
    positive = architecture.predictions.label == 1
    wrong = ~architecture.right
    figure = _published_figure(architecture, rules)
    return LadderRow(
        architecture=architecture.name,
        title=architecture.title,
        twins=tuple(twin.name for twin in architecture.twins),
        kind=first.config.kind,
        deterministic=architecture.counts.deterministic,
        trials=tuple(map(_trial_row, architecture.trials)),
        accuracy=architecture.counts.median,
        interval=typical_interval(architecture.counts, rules.error_rate),
        interval_level=1 - rules.error_rate,
        one_label=architecture.one_label,
        verdict=rules.judge(architecture),
        shuffled=_shuffled(architecture, rules, rows),
        parameters=first.parameter_count,
        train_seconds=_median([result.train_seconds for result in architecture.results]),
        published_accuracy=figure and figure.accuracy,
        tutorial_epochs=figure.epochs if figure else (),
        false_positives=_median(wrong[:, ~positive].sum(axis=1)),
        false_negatives=_median(wrong[:, positive].sum(axis=1)),
        calibration_gap=calibration_gap(positive, architecture.probability),
    )


def _shuffled(architecture: ArchitectureTrials, rules: Rules, rows: int) -> Shuffled | None:
    """What the words in random order change; the intervals of all rows hold together (Bonferroni)."""
    if architecture.shuffled is None:
        return None
    error_rate = rules.error_rate / rows
    change = decide_change(architecture.counts, architecture.shuffled, rules.margin, error_rate=error_rate)
    return Shuffled(**vars(change), accuracy=architecture.shuffled.median)


def _median(values: list[float] | NDArray[Any]) -> float:
    return float(np.median(values))


def _published_figure(architecture: ArchitectureTrials, rules: Rules) -> PublishedFigure | None:
    """The figure of a similar system; the tutorial's hold for its own settings only."""
    if rules.published is None:
        return None
    figure = rules.published.of_architecture(architecture.name)
    if figure is None or not figure.epochs:
        return figure
    trial = architecture.results[0].config
    settings = (trial.epochs, trial.batch_size, trial.vocabulary_size, trial.max_length)
    return figure if settings == (len(figure.epochs), 64, 5000, 500) else None


def _verdict_of_best(ladder: Sequence[ArchitectureTrials], rules: Rules) -> VerdictKind | Literal[""]:
    """The verdict on the best row; it was picked, so "above" must hold at the error rate divided by the rows."""
    if not ladder:
        return ""
    verdict = rules.judge(ladder[0])
    strict = rules.judge(ladder[0], picked_from=len(ladder))
    if verdict is None or strict is None:
        return ""
    if verdict.kind == "above" and strict.kind != "above":
        return "undecided"
    return verdict.kind


def _pairs(best_first: Sequence[ArchitectureTrials], rules: Rules) -> Iterator[Pair]:
    """Compare each with each, from the best to the worst; all intervals hold together."""
    counts = [architecture.counts for architecture in best_first]
    verdicts = compare_all(counts, rules.margin, rules.error_rate)
    for (i, j), verdict in verdicts.items():
        seeds = [len(side.right) for side in (counts[i], counts[j]) if not side.deterministic]
        yield Pair(
            **vars(verdict),
            first=best_first[i].name,
            second=best_first[j].name,
            fewest_seeds=min(seeds, default=None),
        )


def _trial_row(trial: TrialRecord) -> TrialRow:
    values: dict[str, Any] = vars(trial).copy()
    values["architecture"] = trial.config.architecture
    values["seed"] = trial.config.seed
    if trial.result:
        values |= vars(trial.result) | vars(trial.result.scores)
    if trial.failure:
        values["failure"] = printable(trial.failure)
    predictions = trial.predictions
    if predictions and predictions.probability_shuffled is not None:
        is_right = correct(predictions.label, predictions.probability_shuffled)
        values["shuffled_accuracy"] = float(is_right.mean())
    return TrialRow(**values)
