"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from benchmark.config import LOOKS, BenchmarkConfig
from benchmark.report.answer import SIMPLE, answer_sentences, note_sentences, verdict_words
from benchmark.report.evidence import Evidence, fold_twins, gather, twins_agree
from benchmark.report.report_types import Collapse, LadderRow, Pair, Reference, Report, SeedResult, TrialRow
from benchmark.report.review_errors import disputed, review_errors, times_right, wrong_in_all
from benchmark.results import BenchmarkRecord, TrialRecord, TrialResult
from benchmark.statistics.calibration import calibrate
from benchmark.statistics.collapse import collapse_share
from benchmark.statistics.looks import look_error_rate
from benchmark.statistics.pairs import compare, holm
from benchmark.statistics.variance import ERROR_RATE, Interval, estimate_mean, median_interval
from benchmark.statistics.verdict import Verdict, decide
from benchmark.wording import plural, printable
from models.references import PublishedFigure, References, load_references


def summarize(record: BenchmarkRecord) -> Report:
    """Compute all that the report says; the same record gives the same report."""
    references = load_references()
    found, left_out = gather(record)
    distinct, twins = fold_twins(found)
    rows = [ladder_row(record, one, references, twins.get(one.architecture, ())) for one in distinct]
    rows.sort(key=lambda row: (row.accuracy, row.title))
    telling = [one for one in distinct if not one.one_label]
    right = times_right(telling)
    collapsed = {
        trial.run_id: not learned for one in found for trial, learned in zip(one.trials, one.learned, strict=True)
    }
    report = Report(
        run_id=record.run_id,
        name=printable(record.name),
        status=record.status,
        started_at=record.started_at,
        command=printable(record.command),
        config=record.config,
        corpus=record.corpus,
        environment=record.environment or (found[0].results[0].environment if found else None),
        answer=(),
        notes=(),
        verdict="",
        best_accuracy=rows[-1].accuracy if rows else None,
        finished_trials=len(record.finished),
        planned_trials=len(record.trials),
        reference=find_reference(record, references),
        rows=tuple(rows),
        pairs=tuple(_pairs(telling, _error_rate(record.config))),
        test_reviews=len(found[0].predictions.label) if found else 0,
        all_right=int(np.sum(right == sum(len(one.trials) for one in telling))),
        all_wrong=int(np.sum(right == 0)),
        hard_reviews=review_errors(telling, wrong_in_all(telling), record.hard_reviews),
        disputed_reviews=review_errors(telling, disputed(telling), record.hard_reviews),
        figures=() if record.not_comparable_reason else references.figures,
        trials=tuple(_trial_row(trial, collapsed.get(trial.run_id)) for trial in record.trials),
    )
    words = {
        "answer": tuple(answer_sentences(report)),
        "notes": (*note_sentences(report, record.looks, twins_agree(found)), *left_out),
        "verdict": verdict_words(report),
    }
    return report.model_copy(update=words)


def find_reference(record: BenchmarkRecord, references: References) -> Reference | None:
    """The user's own figure, or the paper's where the benchmark compares with it; none on synthetic reviews."""
    if record.corpus.kind == "synthetic":
        return None
    if record.config.reference:
        figure = record.config.reference
        return Reference(name=printable(figure.name) or "reference", accuracy=figure.accuracy, is_paper=False)
    if record.not_comparable_reason:
        return None
    return Reference(name="Maas et al. 2011", accuracy=references.paper.accuracy, is_paper=True)


def ladder_row(
    record: BenchmarkRecord, one: Evidence, references: References, twins: tuple[str, ...] = ()
) -> LadderRow:
    """Compute what the report says of one architecture."""
    error_rate = _error_rate(record.config)
    estimate = estimate_mean(one.good_counts, error_rate)
    accuracies = one.counts.accuracies.tolist()
    label, deterministic = one.predictions.label, one.results[0].config.seed is None
    published = _published(record, one, references)
    seeds = [
        SeedResult(
            seed=result.config.seed,
            run_id=trial.run_id,
            accuracy=accuracy,
            collapsed=not learned,
            epochs=result.epochs,
        )
        for trial, result, accuracy, learned in zip(one.trials, one.results, accuracies, one.learned, strict=True)
    ]
    row = LadderRow(
        architecture=one.architecture,
        title=one.title,
        twins=twins,
        deterministic=deterministic,
        seeds=tuple(seeds),
        accuracy=estimate.mean,
        spread_points=None if estimate.seed_sd is None else 100 * estimate.seed_sd,
        interval=estimate.interval,
        interval_level=1 - error_rate,
        median_interval=median_interval(accuracies, error_rate),
        collapse=_collapse(seeds),
        one_label=one.one_label,
        accuracy_without_repeats=_without_repeats(one),
        parameters=one.results[0].parameter_count,
        train_seconds=float(np.mean([result.train_seconds for result in one.results])),
        published_accuracy=published.accuracy if published else None,
        tutorial_epochs=published.epochs if published else (),
        false_positives=float((~one.right[:, label == 0]).sum(axis=1).mean()),
        false_negatives=float((~one.right[:, label == 1]).sum(axis=1).mean()),
        calibration=calibrate(label, one.probability),
    )
    reference = find_reference(record, references)
    if reference is None:
        return row
    verdict = decide(
        estimate,
        reference.accuracy,
        record.config.equivalence_margin_points / 100,
        reference_reviews=references.paper.test_reviews if reference.is_paper else None,
        collapsed=int((~one.learned).sum()),
    )
    judged = {
        "verdict": verdict.kind,
        "withheld_reason": _withheld(record, row, verdict),
        "difference_points": 100 * verdict.difference,
        "difference_interval_points": as_points(verdict.interval),
    }
    return row.model_copy(update=judged)


def as_points(bounds: Interval) -> Interval:
    """Return the bounds in percentage points; accuracies cannot differ by more than 100."""
    return Interval(max(-100.0, 100 * bounds.low), min(100.0, 100 * bounds.high))


def _error_rate(config: BenchmarkConfig) -> float:
    """The error rate of verdicts, intervals and families of comparisons."""
    return look_error_rate(LOOKS) if config.until_decided else ERROR_RATE


def _collapse(seeds: Sequence[SeedResult]) -> Collapse | None:
    collapsed = tuple(one.seed or 0 for one in seeds if one.collapsed)
    plain_mean = float(np.mean([one.accuracy for one in seeds]))
    share = collapse_share(len(collapsed), len(seeds))
    return Collapse(seeds=collapsed, share=share, plain_mean=plain_mean) if collapsed else None


def _withheld(record: BenchmarkRecord, row: LadderRow, verdict: Verdict) -> str | None:
    if verdict.withheld is None:
        return None
    where = "here"
    needed = f"; {plural(verdict.seeds_needed, 'seed')} would decide" if verdict.seeds_needed else ""
    return f"“{verdict.withheld}” is withheld, since seeds of {row.title} collapsed {where}{needed}."


def _without_repeats(one: Evidence) -> float | None:
    repeats = one.predictions.in_train | one.predictions.repeated
    return float(one.right[one.learned][:, ~repeats].mean()) if repeats.any() and not repeats.all() else None


def _published(record: BenchmarkRecord, one: Evidence, references: References) -> PublishedFigure | None:
    """The figure of the architecture; the tutorial's only where it was trained as there."""
    figure, trial = references.of_architecture(one.architecture), one.results[0].config
    settings = (trial.epochs, trial.batch_size, trial.vocabulary_size, trial.max_length)
    if figure is None or record.not_comparable_reason:
        return None
    return None if figure.epochs and settings != (len(figure.epochs), 64, 5000, 500) else figure


def _pairs(found: Sequence[Evidence], error_rate: float) -> list[Pair]:
    """Compare all pairs, with Holm's method in two families: the best, and the simple baseline, with each other one."""
    ranked = sorted(found, key=lambda one: (float(one.good_counts.accuracies.mean()), one.title), reverse=True)
    both = list(combinations(ranked, 2))
    names = [(better.architecture, worse.architecture) for better, worse in both]
    compared = [compare(*(one.good_counts for one in pair), error_rate=error_rate) for pair in both]
    planned: set[int] = set()
    for control in (ranked[0].architecture if ranked else "", SIMPLE):
        family = [place for place, pair in enumerate(names) if control in pair and place not in planned]
        adjusted = holm([compared[place] for place in family], error_rate)
        for place, difference in zip(family, adjusted, strict=True):
            compared[place] = difference
        planned.update(family)
    return [
        Pair(
            better=better,
            worse=worse,
            difference_points=100 * one.difference,
            interval_points=as_points(one.interval),
            planned=place in planned,
            significant=one.significant and place in planned,
            about_models=one.about_models,
        )
        for place, ((better, worse), one) in enumerate(zip(names, compared, strict=True))
    ]


def _trial_row(trial: TrialRecord, collapsed: bool | None) -> TrialRow:
    values: dict[str, Any] = {}
    if trial.result:
        own = TrialRow.model_fields.keys() & TrialResult.model_fields.keys()
        values = {name: getattr(trial.result, name) for name in own} | trial.result.scores.model_dump()
    return TrialRow(
        architecture=trial.config.architecture,
        seed=trial.config.seed,
        status=trial.status,
        run_id=trial.run_id,
        model_uri=trial.model_uri,
        failure=printable(trial.failure) if trial.failure else None,
        collapsed=collapsed,
        **values,
    )
