"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np

from benchmark.config import LOOKS, BenchmarkConfig
from benchmark.report.answer import answer_sentences, note_sentences
from benchmark.report.evidence import Evidence, Gathered, gather, twins_agree
from benchmark.report.report_types import LadderRow, Pair, Reference, Report, TrialRow
from benchmark.report.review_errors import disputed, review_errors, times_right, wrong_in_all
from benchmark.results import BenchmarkRecord, TrialRecord, TrialResult
from benchmark.statistics.calibration import calibrate
from benchmark.statistics.looks import look_error_rate
from benchmark.statistics.pairs import compare_all
from benchmark.statistics.typical import estimate_typical
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts
from benchmark.statistics.verdict import Verdict, VerdictKind, decide
from benchmark.wording import printable
from models.references import PublishedFigure, References, load_references


def summarize(record: BenchmarkRecord, gathered: Gathered | None = None) -> Report:
    """Compute all that the report says; the same record gives the same report.

    Parameters
    ----------
    gathered : Gathered, optional
        What `gather` makes of the record, where the caller has it already.
    """
    gathered = gathered or gather(record)
    references = load_references()
    reference = _find_reference(record, references)

    # The ladder, and how its architectures compare
    rows = [_ladder_row(record, gathered, evidence, references, reference) for evidence in gathered.distinct]
    rows.sort(key=lambda row: (row.accuracy, row.title, row.architecture))
    pairs = _pairs(record.config, gathered.telling, rows)
    verdict = _verdict_of_best(record.config, rows, gathered.distinct, reference)

    # The reviews that are hard
    telling = gathered.telling
    right = times_right(telling)
    trials_of_telling = sum(len(evidence.trials) for evidence in telling)

    # The words
    answer = answer_sentences(record, rows, pairs, reference, verdict)
    environment, sample, test_reviews = record.environment, None, 0
    if gathered.architectures:
        first = gathered.architectures[0]
        environment = environment or first.results[0].environment
        sample, test_reviews = first.counts, len(first.predictions.label)
    notes = note_sentences(record, sample, twins_agree(gathered.architectures))
    return Report(
        run_id=record.run_id,
        name=printable(record.name),
        status=record.status,
        started_at=record.started_at,
        command=printable(record.command),
        config=record.config,
        corpus=record.corpus,
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
        all_right=int(np.sum(right == trials_of_telling)),
        all_wrong=int(np.sum(right == 0)),
        hard_reviews=review_errors(telling, wrong_in_all(telling), record.hard_reviews),
        disputed_reviews=review_errors(telling, disputed(telling), record.hard_reviews),
        figures=() if record.not_comparable_reason else references.figures,
        trials=tuple(map(_trial_row, record.trials)),
    )


def _find_reference(record: BenchmarkRecord, references: References) -> Reference | None:
    """The user's own figure, or the paper's where the benchmark compares with it; none on synthetic reviews."""
    if record.corpus.kind == "synthetic":
        return None
    if record.config.reference:
        figure = record.config.reference
        name = printable(figure.name) or "reference"
        return Reference(name=name, accuracy=figure.accuracy, test_reviews=None, is_paper=False)
    if record.not_comparable_reason:
        return None
    paper = references.paper
    return Reference(name="Maas et al. 2011", accuracy=paper.accuracy, test_reviews=paper.test_reviews, is_paper=True)


def _ladder_row(
    record: BenchmarkRecord,
    gathered: Gathered,
    evidence: Evidence,
    references: References,
    reference: Reference | None,
) -> LadderRow:
    error_rate = _error_rate(record.config)
    typical = estimate_typical(evidence.counts, error_rate)
    label, first = evidence.predictions.label, evidence.results[0]
    published = _published(record, evidence, references)
    against: dict[str, Any] = {}
    if reference is not None:
        verdict = _decide(record.config, evidence.counts, reference)
        against["verdict"] = verdict.kind
        against["difference_points"] = 100 * verdict.difference
        against["difference_interval_points"] = _as_points(verdict.interval)
    if published is not None:
        against["published_accuracy"] = published.accuracy
        against["tutorial_epochs"] = published.epochs
    return LadderRow(
        architecture=evidence.architecture,
        title=evidence.title,
        twins=gathered.twins.get(evidence.architecture, ()),
        kind=first.config.kind,
        deterministic=first.config.seed is None,
        trials=tuple(map(_trial_row, evidence.trials)),
        accuracy=typical.accuracy,
        interval=typical.interval,
        interval_level=1 - error_rate,
        one_label=evidence.one_label,
        accuracy_without_repeats=_without_repeats(evidence),
        parameters=first.parameter_count,
        train_seconds=float(np.median([result.train_seconds for result in evidence.results])),
        false_positives=float(np.median((~evidence.right[:, label == 0]).sum(axis=1))),
        false_negatives=float(np.median((~evidence.right[:, label == 1]).sum(axis=1))),
        calibration=calibrate(label, evidence.probability),
        **against,
    )


def _decide(config: BenchmarkConfig, counts: RightCounts, reference: Reference, picked_from: int = 1) -> Verdict:
    return decide(
        counts,
        reference.accuracy,
        config.equivalence_margin_points / 100,
        reference_reviews=reference.test_reviews,
        error_rate=_error_rate(config) / picked_from,
    )


def _verdict_of_best(
    config: BenchmarkConfig, rows: Sequence[LadderRow], distinct: Sequence[Evidence], reference: Reference | None
) -> VerdictKind | Literal[""]:
    """The verdict on the best row; it was picked, so "above" must hold at the error rate divided by the rows."""
    if not rows or reference is None:
        return ""
    best = rows[-1]
    if best.verdict != "above":
        return best.verdict or ""
    counts = next(evidence.counts for evidence in distinct if evidence.architecture == best.architecture)
    if _decide(config, counts, reference, picked_from=len(rows)).kind == "above":
        return "above"
    return "undecided"


def _as_points(bounds: Interval) -> Interval:
    """Return the bounds in percentage points; accuracies cannot differ by more than 100."""
    return Interval(max(-100.0, 100 * bounds.low), min(100.0, 100 * bounds.high))


def _error_rate(config: BenchmarkConfig) -> float:
    """The error rate of verdicts, of intervals, and of all pairs together."""
    return look_error_rate(LOOKS) if config.until_decided else ERROR_RATE


def _without_repeats(evidence: Evidence) -> float | None:
    """The typical accuracy without test reviews that stand in the training split or repeat another."""
    repeats = evidence.predictions.in_train | evidence.predictions.repeated
    if repeats.all() or not repeats.any():
        return None
    return float(np.median(evidence.right[:, ~repeats].mean(axis=1)))


def _published(record: BenchmarkRecord, evidence: Evidence, references: References) -> PublishedFigure | None:
    """The figure of the architecture; the tutorial's only where it was trained as there."""
    figure = references.of_architecture(evidence.architecture)
    if figure is None or record.not_comparable_reason:
        return None
    trial = evidence.results[0].config
    settings = (trial.epochs, trial.batch_size, trial.vocabulary_size, trial.max_length)
    if figure.epochs and settings != (len(figure.epochs), 64, 5000, 500):
        return None
    return figure


def _pairs(config: BenchmarkConfig, telling: Sequence[Evidence], rows: Sequence[LadderRow]) -> tuple[Pair, ...]:
    """Compare each with each, from the best to the worst; all intervals hold together."""
    by_name = {evidence.architecture: evidence for evidence in telling}
    best_first = [by_name[row.architecture] for row in reversed(rows) if row.architecture in by_name]
    counts = [evidence.counts for evidence in best_first]
    compared = compare_all(counts, config.equivalence_margin_points / 100, _error_rate(config))
    pairs = []
    for i, j in combinations(range(len(best_first)), 2):
        seeds = [len(side.right) for side in (counts[i], counts[j]) if not side.deterministic]
        pair = Pair(
            first=best_first[i].architecture,
            second=best_first[j].architecture,
            kind=compared[i, j].kind,
            difference_points=100 * compared[i, j].difference,
            interval_points=_as_points(compared[i, j].interval),
            fewest_seeds=min(seeds, default=None),
        )
        pairs.append(pair)
    return tuple(pairs)


def _trial_row(trial: TrialRecord) -> TrialRow:
    values: dict[str, Any] = {}
    if trial.result:
        for name in TrialRow.model_fields.keys() & TrialResult.model_fields.keys():
            values[name] = getattr(trial.result, name)
        values |= trial.result.scores.model_dump()
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
