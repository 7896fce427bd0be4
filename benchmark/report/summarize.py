"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.config import LOOKS, BenchmarkConfig
from benchmark.report.answer import answer_sentences, note_sentences, training_reviews
from benchmark.report.evidence import Evidence, Gathered, gather, twins_agree
from benchmark.report.report_types import LadderRow, Pair, Reference, Report, Shuffled, TrialRow, Twin
from benchmark.report.review_errors import hard_and_disputed, review_errors, times_right
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.calibration import calibrate
from benchmark.statistics.looks import look_error_rate
from benchmark.statistics.pairs import compare_all
from benchmark.statistics.scores import correct
from benchmark.statistics.typical import estimate_typical
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts
from benchmark.statistics.verdict import Verdict, VerdictKind, decide, decide_change
from benchmark.wording import printable
from models.references import PublishedFigure, load_references


def summarize(record: BenchmarkRecord, gathered: Gathered | None = None) -> Report:
    """Compute all that the report says; the same record gives the same report.

    Parameters
    ----------
    gathered : Gathered, optional
        What `gather` makes of the record, where the caller has it already.
    """
    gathered = gathered or gather(record)
    config, telling = record.config, gathered.telling
    published = load_references()
    reference = _find_reference(record, published.paper)
    figures = () if record.not_comparable_reason else published.figures

    # The ladder, and how its architectures compare
    rows = []
    for evidence in gathered.distinct:
        twins = gathered.twins.get(evidence.architecture, ())
        rows.append(_ladder_row(config, evidence, twins, reference, figures, len(gathered.distinct)))
    rows.sort(key=lambda row: (row.accuracy, row.title, row.architecture))
    counts = {evidence.architecture: evidence.counts for evidence in gathered.distinct}
    pairs = _pairs(config, rows, counts)
    verdict = _verdict_of_best(config, rows, counts, reference)

    # The words
    environment, sample, test_reviews = record.environment, None, 0
    if gathered.architectures:
        first = gathered.architectures[0]
        environment = environment or first.results[0].environment
        sample, test_reviews = first.counts, len(first.predictions.label)
    answer = answer_sentences(record, rows, pairs, reference, verdict)
    notes = note_sentences(record, rows, sample, twins_agree(gathered.architectures))

    # The reviews that are hard
    right, trials = times_right(telling), sum(len(evidence.trials) for evidence in telling)
    hard, disputed = hard_and_disputed(telling)
    return Report(
        run_id=record.run_id,
        name=printable(record.name),
        status=record.status,
        started_at=record.started_at,
        command=printable(record.command),
        config=config,
        corpus=record.corpus,
        training_reviews=training_reviews(record),
        environment=environment,
        answer=tuple(answer),
        notes=(*notes, *gathered.left_out),
        verdict=verdict,
        best_accuracy=rows[-1].accuracy if rows else None,
        finished_trials=len(record.finished),
        planned_trials=len(record.trials),
        reference=reference,
        rows=tuple(rows),
        pairs=pairs,
        test_reviews=test_reviews,
        all_right=int(np.sum(right == trials)),
        all_wrong=int(np.sum(right == 0)),
        hard_reviews=review_errors(telling, hard, record.hard_reviews),
        disputed_reviews=review_errors(telling, disputed, record.hard_reviews),
        figures=figures,
        trials=tuple(map(_trial_row, record.trials)),
    )


def _find_reference(record: BenchmarkRecord, paper: PublishedFigure) -> Reference | None:
    """The user's own figure, or the paper's where the benchmark compares with it; none on synthetic reviews."""
    if record.corpus.kind == "synthetic":
        return None
    own = record.config.reference
    if own:
        name = printable(own.name) or "reference"
        return Reference(name=name, accuracy=own.accuracy, test_reviews=None, is_paper=False)
    if record.not_comparable_reason:
        return None
    return Reference(name="Maas et al. 2011", accuracy=paper.accuracy, test_reviews=paper.test_reviews, is_paper=True)


def _ladder_row(
    config: BenchmarkConfig,
    evidence: Evidence,
    twins: tuple[Twin, ...],
    reference: Reference | None,
    figures: Sequence[PublishedFigure],
    rows: int,
) -> LadderRow:
    typical = estimate_typical(evidence.counts, _error_rate(config))
    first, wrong = evidence.results[0], ~evidence.right
    positive = evidence.predictions.label == 1
    more: dict[str, Any] = {}
    if reference:
        verdict = _decide(config, evidence.counts, reference)
        more["verdict"] = verdict.kind
        more["difference_points"] = 100 * verdict.difference
        more["difference_interval_points"] = _as_points(verdict.interval)
    for figure in figures:
        if figure.architecture == evidence.architecture and _trained_as_there(evidence, figure):
            more["published_accuracy"] = figure.accuracy
            more["tutorial_epochs"] = figure.epochs
    return LadderRow(
        architecture=evidence.architecture,
        title=evidence.title,
        twins=twins,
        kind=first.config.kind,
        deterministic=first.config.seed is None,
        trials=tuple(map(_trial_row, evidence.trials)),
        accuracy=typical.accuracy,
        interval=typical.interval,
        interval_level=1 - _error_rate(config),
        one_label=evidence.one_label,
        accuracy_without_repeats=_without_repeats(evidence),
        shuffled=_shuffled(config, evidence, rows),
        parameters=first.parameter_count,
        train_seconds=_median([result.train_seconds for result in evidence.results]),
        false_positives=_median(wrong[:, ~positive].sum(axis=1)),
        false_negatives=_median(wrong[:, positive].sum(axis=1)),
        calibration=calibrate(positive, evidence.probability),
        **more,
    )


def _shuffled(config: BenchmarkConfig, evidence: Evidence, rows: int) -> Shuffled | None:
    """What the words in random order change; the intervals of all rows hold together (Bonferroni)."""
    if evidence.shuffled is None:
        return None
    margin, error_rate = config.equivalence_margin_points / 100, _error_rate(config) / rows
    change = decide_change(evidence.counts, evidence.shuffled, margin, error_rate=error_rate)
    return Shuffled(
        accuracy=evidence.shuffled.median,
        change_points=100 * change.difference,
        interval_points=_as_points(change.interval),
        verdict=change.kind,
    )


def _median(values: list[float] | NDArray[Any]) -> float:
    return float(np.median(values))


def _trained_as_there(evidence: Evidence, figure: PublishedFigure) -> bool:
    """The tutorial's figures hold for its own settings only."""
    trial = evidence.results[0].config
    settings = (trial.epochs, trial.batch_size, trial.vocabulary_size, trial.max_length)
    return not figure.epochs or settings == (len(figure.epochs), 64, 5000, 500)


def _without_repeats(evidence: Evidence) -> float | None:
    """The typical accuracy without test reviews that stand in the training split or repeat another."""
    repeats = evidence.predictions.in_train | evidence.predictions.repeated
    if repeats.all() or not repeats.any():
        return None
    return _median(evidence.right[:, ~repeats].mean(axis=1))


def _decide(config: BenchmarkConfig, counts: RightCounts, reference: Reference, picked_from: int = 1) -> Verdict:
    return decide(
        counts,
        reference.accuracy,
        config.equivalence_margin_points / 100,
        reference_reviews=reference.test_reviews,
        error_rate=_error_rate(config) / picked_from,
    )


def _verdict_of_best(
    config: BenchmarkConfig, rows: Sequence[LadderRow], counts: Mapping[str, RightCounts], reference: Reference | None
) -> VerdictKind | Literal[""]:
    """The verdict on the best row; it was picked, so "above" must hold at the error rate divided by the rows."""
    if not rows or reference is None:
        return ""
    best = rows[-1]
    if best.verdict == "above":
        strict = _decide(config, counts[best.architecture], reference, picked_from=len(rows))
        return "above" if strict.kind == "above" else "undecided"
    return best.verdict or ""


def _as_points(bounds: Interval) -> Interval:
    """Return the bounds in percentage points; accuracies cannot differ by more than 100."""
    return Interval(max(-100.0, 100 * bounds.low), min(100.0, 100 * bounds.high))


def _error_rate(config: BenchmarkConfig) -> float:
    """The error rate of verdicts, of intervals, and of all pairs together."""
    return look_error_rate(LOOKS) if config.until_decided else ERROR_RATE


def _pairs(config: BenchmarkConfig, rows: Sequence[LadderRow], counts: Mapping[str, RightCounts]) -> tuple[Pair, ...]:
    """Compare each with each, from the best to the worst; all intervals hold together."""
    best_first = [row for row in rows[::-1] if not row.one_label]
    margin = config.equivalence_margin_points / 100
    compared = compare_all([counts[row.architecture] for row in best_first], margin, _error_rate(config))
    pairs = []
    for (i, j), difference in compared.items():
        first, second = best_first[i], best_first[j]
        seeds = [len(row.trials) for row in (first, second) if not row.deterministic]
        pair = Pair(
            first=first.architecture,
            second=second.architecture,
            kind=difference.kind,
            difference_points=100 * difference.difference,
            interval_points=_as_points(difference.interval),
            fewest_seeds=min(seeds, default=None),
        )
        pairs.append(pair)
    return tuple(pairs)


def _trial_row(trial: TrialRecord) -> TrialRow:
    values: dict[str, Any] = {}
    if trial.result:
        values = trial.result.scores.model_dump() | trial.result.model_dump(include=set(TrialRow.model_fields))
    if trial.predictions and trial.predictions.probability_shuffled is not None:
        is_right = correct(trial.predictions.label, trial.predictions.probability_shuffled)
        values["shuffled_accuracy"] = float(is_right.mean())
    return TrialRow(
        architecture=trial.config.architecture,
        seed=trial.config.seed,
        status=trial.status,
        run_id=trial.run_id,
        trained_in=trial.trained_in,
        model_uri=trial.model_uri,
        failure=printable(trial.failure) if trial.failure else None,
        **values,
    )
