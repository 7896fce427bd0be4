"""From two benchmarks, as the tracking store knows them, to all that their comparison says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.duplicates import find_duplicates
from benchmark.analysis.evidence import Evidence, gather_evidence
from benchmark.analysis.passed_on import for_passing_on
from benchmark.comparison.architectures import describe_architecture
from benchmark.comparison.caveats import collect_caveats
from benchmark.comparison.comparison_types import (
    COMPARISON_SCHEMA_VERSION,
    Comparison,
    Regression,
    Side,
    Thresholds,
)
from benchmark.comparison.differing_facts import differing_facts
from benchmark.comparison.methods import METHODS
from benchmark.comparison.quantities import compare_quantities, pair_trials
from benchmark.comparison.regressions import Judged, find_regressions, not_judged
from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord


def compare(baseline: BenchmarkRecord, candidate: BenchmarkRecord, thresholds: Thresholds) -> Comparison:
    """Compare every architecture that finished on both sides; the same records always give the same comparison.

    Raises
    ------
    UserError
        If no architecture has a finished trial on both sides.
    """
    baseline, candidate = for_passing_on(baseline), for_passing_on(candidate)
    before, now = gather_evidence(baseline), gather_evidence(candidate)
    common = [name for name in before.scored if name in now.scored]
    if not common:
        raise UserError(
            f"--baseline {baseline.run_id} and --candidate {candidate.run_id} have no architecture in common: "
            f"{_finished(before)} and {_finished(now)}"
        )
    same_reviews = _same_reviews(before, now)
    pairs = {name: pair_trials(before, now, name, same_reviews) for name in common}
    quantities = compare_quantities(pairs, _repeats(before, now))
    architectures = [describe_architecture(before, now, name, pairs[name], quantities[name]) for name in common]
    only_in_baseline = tuple(name for name in baseline.config.architectures if name not in now.scored)
    left_out = not_judged(before, now, same_reviews)
    regressions = find_regressions(before, now, architectures, thresholds, left_out)
    return Comparison(
        schema_version=COMPARISON_SCHEMA_VERSION,
        title=f"{_side_name(candidate)} against {_side_name(baseline)}",
        baseline=_side(before),
        candidate=_side(now),
        thresholds=thresholds,
        regressions=regressions,
        headline=_headline(regressions, thresholds, left_out),
        same_reviews=same_reviews,
        architectures=tuple(architectures),
        only_in_baseline=only_in_baseline,
        only_in_candidate=tuple(name for name in candidate.config.architectures if name not in before.scored),
        differences=differing_facts(baseline, candidate),
        methods=METHODS,
        caveats=collect_caveats(before, now, architectures, same_reviews),
    )


def _repeats(before: Evidence, now: Evidence) -> dict[str, str]:
    """Architectures that ended with the weights of the same other one in both benchmarks."""
    earlier, later = find_duplicates(before), find_duplicates(now)
    return {name: original for name, original in earlier.items() if later.get(name) == original}


def _headline(regressions: Sequence[Regression], thresholds: Thresholds, left_out: Mapping[Judged, str]) -> str:
    drop = thresholds.max_accuracy_drop_points
    allowed = (
        f"accuracy may fall by {drop:g} {'point' if drop == 1 else 'points'}, "
        f"an epoch may take {thresholds.max_slowdown:g} times as long"
    )
    if thresholds.certain_only:
        allowed += ", and more counts only where it is beyond chance"
    counted = sum(one.counts for one in regressions)
    sentence = f"{n.plural(counted, 'regression') if counted else 'No regression'}: {allowed}."
    return " ".join([sentence, *(f"{what.capitalize()} is not judged: {why}." for what, why in left_out.items())])


def _same_reviews(before: Evidence, now: Evidence) -> bool:
    first, second = before.trials[0].predictions, now.trials[0].predictions
    return (
        before.record.corpus.digest == now.record.corpus.digest
        and np.array_equal(first.review_id, second.review_id)
        and np.array_equal(first.label, second.label)
    )


def _side(evidence: Evidence) -> Side:
    record = evidence.record
    return Side(
        run_id=record.run_id,
        name=record.name,
        status=record.status,
        started_at=record.started_at,
        command=record.command,
        trials_finished=len(evidence.trials),
        trials_planned=len(record.config.architectures) * len(record.config.seeds),
        corpus_source=record.corpus.source,
        environment=record.environment or evidence.trials[0].result.environment,
    )


def _side_name(record: BenchmarkRecord) -> str:
    return f"{record.name} ({n.short_id(record.run_id)})"


def _finished(evidence: Evidence) -> str:
    return f"finished are {', '.join(evidence.scored)}" if evidence.scored else "none finished"
