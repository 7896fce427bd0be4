"""From a benchmark record to the numbers of its report."""

from __future__ import annotations

import numpy as np

from benchmark.config import LOOKS, BenchmarkConfig
from benchmark.report import review_errors
from benchmark.report.answer import answer_sentences, note_sentences, verdict_words
from benchmark.report.evidence import Evidence, fold_twins, gather, twins_agree
from benchmark.report.report_types import (
    Collapse,
    EpochRow,
    LadderRow,
    Pair,
    Published,
    Reference,
    Report,
    SeedAccuracy,
    TrialRow,
    TutorialEpoch,
)
from benchmark.report.wording import plural, printable
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics import pairs as paired
from benchmark.statistics.calibration import calibrate
from benchmark.statistics.collapse import collapse_rate
from benchmark.statistics.looks import look_error_rate
from benchmark.statistics.variance import ERROR_RATE, Interval, MeanEstimate, estimate_mean, median_interval
from benchmark.statistics.verdict import Verdict, decide
from models.references import References, load_references


def summarize(record: BenchmarkRecord) -> Report:
    """Compute all that the report says; the same record gives the same report."""
    references = load_references()
    reference = find_reference(record, references)
    found, left_out = gather(record)
    distinct, twins = fold_twins(found)
    rows = [_row(record, one, twins.get(one.architecture, ()), reference, references) for one in distinct]
    rows.sort(key=lambda row: (row.accuracy, row.title))
    telling = review_errors.informative(distinct)
    right, trials = review_errors.times_right(telling)
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
        not_comparable_reason=record.not_comparable_reason,
        reference=reference,
        twins_agree=twins_agree(found),
        looks=record.looks,
        left_out=tuple(left_out),
        rows=tuple(rows),
        pairs=tuple(_pairs(telling)),
        epochs=tuple(epoch for one in distinct for epoch in _epochs(one)),
        error_counts=tuple(review_errors.count_errors(one) for one in telling),
        test_reviews=len(found[0].predictions.label) if found else 0,
        all_right=int(np.sum(right == trials)) if telling else 0,
        all_wrong=int(np.sum(right == 0)) if telling else 0,
        hard_reviews=review_errors.hard_reviews(telling, record.hard_reviews) if telling else (),
        disputed_reviews=review_errors.disputed_reviews(telling, record.hard_reviews),
        calibration={one.architecture: calibrate(one.predictions.label, one.probability) for one in telling},
        accuracy_by_length=tuple(length for one in telling for length in review_errors.accuracy_by_length(one)),
        tutorial_epochs=tuple(epoch for one in distinct for epoch in _tutorial_epochs(record, one, references)),
        figures=() if record.not_comparable_reason else references.figures,
        trials=tuple(_trial_row(trial, found) for trial in record.trials),
    )
    words = {
        "answer": tuple(answer_sentences(report)),
        "notes": tuple(note_sentences(report)),
        "verdict": verdict_words(report),
    }
    return report.model_copy(update=words)


def find_reference(record: BenchmarkRecord, references: References) -> Reference | None:
    """The user's own figure, or the paper's where the benchmark compares with it; none on synthetic reviews."""
    if record.corpus.kind == "synthetic":
        return None
    if record.config.reference:
        name, _, accuracy = record.config.reference.rpartition("=")
        return Reference(name=printable(name) or "reference", accuracy=float(accuracy), is_paper=False)
    if record.not_comparable_reason:
        return None
    return Reference(name="Maas et al. 2011", accuracy=references.paper.accuracy, is_paper=True)


def _row(
    record: BenchmarkRecord, one: Evidence, twins: tuple[str, ...], reference: Reference | None, references: References
) -> LadderRow:
    error_rate = look_error_rate(LOOKS) if record.config.until_decided else ERROR_RATE
    estimate = estimate_mean(one.good_counts, error_rate)
    median = median_interval(one.counts.accuracies.tolist(), error_rate)
    collapse = _collapse(one)
    verdict = _verdict(record, one, estimate, reference, references) if reference else None
    config = one.results[0].config
    return LadderRow(
        architecture=one.architecture,
        title=one.title,
        kind=config.kind,
        twins=twins,
        deterministic=config.seed is None,
        seeds=tuple(
            SeedAccuracy(
                seed=trial.config.seed,
                accuracy=float(accuracy),
                run_id=trial.run_id,
                collapsed=not learned,
                train_seconds=result.train_seconds,
            )
            for trial, result, accuracy, learned in zip(
                one.trials, one.results, one.counts.accuracies, one.learned, strict=True
            )
        ),
        accuracy=estimate.mean,
        spread_points=None if estimate.seed_sd is None else 100 * estimate.seed_sd,
        interval=estimate.interval,
        interval_level=1 - error_rate,
        one_label=one.one_label,
        accuracy_without_repeats=_without_repeats(one),
        median_interval=median,
        collapse=collapse,
        verdict=verdict.kind if verdict else None,
        withheld_reason=_withheld(record, one, verdict) if verdict else None,
        difference_points=100 * verdict.difference if verdict else None,
        difference_interval_points=as_points(verdict.interval) if verdict else None,
        parameters=one.results[0].parameter_count,
        train_seconds=float(np.mean([result.train_seconds for result in one.results])),
        epochs=config.epochs,
        published=_published(record, one, estimate.mean, references),
    )


def as_points(bounds: Interval) -> Interval:
    """Return the bounds in percentage points; accuracies cannot differ by more than 100."""
    return Interval(max(-100.0, 100 * bounds.low), min(100.0, 100 * bounds.high))


def _collapse(one: Evidence) -> Collapse | None:
    if one.learned.all():
        return None
    rate = collapse_rate(int((~one.learned).sum()), len(one.learned))
    seeds = [trial.config.seed or 0 for trial, learned in zip(one.trials, one.learned, strict=True) if not learned]
    return Collapse(seeds=tuple(seeds), share=rate.interval, plain_mean=float(one.counts.accuracies.mean()))


def _verdict(
    record: BenchmarkRecord, one: Evidence, estimate: MeanEstimate, reference: Reference, references: References
) -> Verdict:
    return decide(
        estimate,
        reference.accuracy,
        record.config.equivalence_margin_points / 100,
        reference_reviews=references.paper.test_reviews if reference.is_paper else None,
        collapsed=int((~one.learned).sum()),
        earlier_collapses=record.earlier_collapses.get(one.architecture, (0, 0))[0],
    )


def _withheld(record: BenchmarkRecord, one: Evidence, verdict: Verdict) -> str | None:
    if verdict.withheld is None:
        return None
    earlier, of = record.earlier_collapses.get(one.architecture, (0, 0))
    where = "here" if not one.learned.all() else f"in {earlier} of {plural(of, 'earlier trial')}"
    needed = f"; {plural(verdict.seeds_needed, 'seed')} would decide" if verdict.seeds_needed else ""
    return f"“{verdict.withheld}” is withheld, since seeds of {one.title} collapsed {where}{needed}."


def _without_repeats(one: Evidence) -> float | None:
    repeats = one.predictions.in_train | one.predictions.repeated
    return float(one.right[one.learned][:, ~repeats].mean()) if repeats.any() and not repeats.all() else None


def _tutorial_settings(config: BenchmarkConfig, one: Evidence, references: References) -> bool:
    """Whether the architecture was trained as the tutorial trains it."""
    row, trial = references.tutorial.get(one.architecture), one.results[0].config
    settings = (trial.epochs, trial.batch_size, config.vocabulary_size, config.max_length)
    return row is not None and settings == (len(row.epochs), 64, 5000, 500)


def _published(record: BenchmarkRecord, one: Evidence, mean: float, references: References) -> Published | None:
    if record.not_comparable_reason:
        return None
    if _tutorial_settings(record.config, one, references):
        name, accuracy = "Tutorial", references.tutorial[one.architecture].accuracy
    elif figure := references.of_architecture(one.architecture):
        name, accuracy = figure.title, figure.accuracy
    else:
        return None
    return Published(name=name, accuracy=accuracy, difference_points=100 * (mean - accuracy))


def _pairs(found: list[Evidence]) -> list[Pair]:
    ranked = sorted(found, key=lambda one: (-float(one.good_counts.accuracies.mean()), one.title))
    both = [(better, worse) for place, better in enumerate(ranked) for worse in ranked[place + 1 :]]
    adjusted = paired.holm([paired.compare(better.good_counts, worse.good_counts) for better, worse in both])
    return [
        Pair(
            better=better.architecture,
            worse=worse.architecture,
            difference_points=100 * difference.difference,
            interval_points=as_points(difference.interval),
            p_value=difference.p_value,
            significant=difference.significant,
            about_models=difference.scope == "models",
        )
        for (better, worse), difference in zip(both, adjusted, strict=True)
    ]


def _epochs(one: Evidence) -> list[EpochRow]:
    return [
        EpochRow(architecture=one.architecture, seed=result.config.seed, **epoch.model_dump())
        for result in one.results
        for epoch in result.epochs
    ]


def _tutorial_epochs(record: BenchmarkRecord, one: Evidence, references: References) -> list[TutorialEpoch]:
    if record.not_comparable_reason or not _tutorial_settings(record.config, one, references):
        return []
    learned = [result for result, is_good in zip(one.results, one.learned, strict=True) if is_good]
    return [
        TutorialEpoch(
            architecture=one.architecture,
            epoch=place + 1,
            train_accuracy=printed.accuracy,
            our_train_accuracy=float(np.mean([result.epochs[place].train_accuracy for result in learned])),
            test_accuracy=printed.val_accuracy,
            our_test_accuracy=float(np.mean([result.epochs[place].test_accuracy for result in learned])),
        )
        for place, printed in enumerate(references.tutorial[one.architecture].epochs)
    ]


def _trial_row(trial: TrialRecord, found: list[Evidence]) -> TrialRow:
    row = TrialRow(
        architecture=trial.config.architecture,
        seed=trial.config.seed,
        status=trial.status,
        run_id=trial.run_id,
        model_uri=trial.model_uri,
        failure=printable(trial.failure) if trial.failure else None,
    )
    result = trial.result
    if result is None:
        return row
    collapsed = [
        not learned
        for one in found
        for its, learned in zip(one.trials, one.learned, strict=True)
        if its.run_id == trial.run_id
    ]
    return row.model_copy(
        update={
            **result.scores.model_dump(),
            "collapsed": collapsed[0] if collapsed else None,
            "train_seconds": result.train_seconds,
            "evaluation_seconds": result.evaluation_seconds,
            "wall_seconds": result.wall_seconds,
            "peak_memory_mb": result.peak_memory_mb,
            "parameters": result.parameter_count,
            "weights_sha256": result.weights_sha256,
            "fingerprint": result.fingerprint,
        }
    )
