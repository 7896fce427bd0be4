"""Changes for the worse beyond the thresholds.

Unless only certain ones are asked for, what counts is the change that was seen, not whether it can be told from chance:
with few seeds a gate that waits for proof lets everything through. Whether chance can be left out is said beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence
from benchmark.comparison.comparison_types import ArchitectureComparison, QuantityComparison, Regression, Thresholds

ROUNDING = 1e-9


Judged = Literal["accuracy", "time"]


def not_judged(baseline: Evidence, candidate: Evidence, same_reviews: bool) -> dict[Judged, str]:
    """What cannot have become worse since it is not the same question on both sides, with the reason."""
    reasons: dict[Judged, str] = {}
    if not same_reviews:
        reasons["accuracy"] = "the two were not tested on the same reviews"
    if _work_of_an_epoch(baseline) != _work_of_an_epoch(candidate):
        reasons["time"] = "an epoch is not the same work on both sides"
    return reasons


def _work_of_an_epoch(evidence: Evidence) -> tuple[int, int]:
    record = evidence.record
    reviews = record.corpus.train_reviews
    return min(reviews, record.config.limit or reviews), record.config.review_length


def find_regressions(
    baseline: Evidence,
    candidate: Evidence,
    architectures: Sequence[ArchitectureComparison],
    thresholds: Thresholds,
    left_out: Mapping[Judged, str],
) -> tuple[Regression, ...]:
    """List what became worse than allowed, in the order of the architectures.

    Parameters
    ----------
    left_out : mapping
        As `not_judged` gives it.
    """
    found = list(_without_trial(baseline, candidate))
    for one in architectures:
        accuracy, seconds = one.accuracy, one.seconds_per_epoch
        if "accuracy" not in left_out and -accuracy.change > thresholds.max_accuracy_drop_points + ROUNDING:
            words = (
                f"{one.title} lost {-accuracy.change:.2f} points of accuracy, more than the "
                f"{thresholds.max_accuracy_drop_points:g} allowed"
            )
            found.append(_beyond("accuracy", one, accuracy, words, thresholds))
        if "time" not in left_out and seconds.change > thresholds.max_slowdown + ROUNDING:
            words = (
                f"{one.title} takes {seconds.change:.2f} times as long for an epoch, more than the "
                f"{thresholds.max_slowdown:g} allowed"
            )
            found.append(_beyond("time", one, seconds, words, thresholds))
    return tuple(found)


def _beyond(
    kind: Literal["accuracy", "time"],
    one: ArchitectureComparison,
    figure: QuantityComparison,
    words: str,
    thresholds: Thresholds,
) -> Regression:
    counts = not thresholds.certain_only or figure.shown is not False
    return Regression(
        architecture=one.architecture,
        kind=kind,
        shown=figure.shown,
        counts=counts,
        sentence=f"{words}, {_certainty(figure)}{'' if counts else ', so it does not count'}.",
    )


def _without_trial(baseline: Evidence, candidate: Evidence) -> Iterator[Regression]:
    """Architectures that finished before, were planned now, and have nothing to show."""
    for name in baseline.scored:
        if name in candidate.record.config.architectures and name not in candidate.scored:
            failures = {
                trial.failure or trial.status
                for trial in candidate.record.trials
                if trial.config.architecture == name and trial.status != "finished"
            }
            reason = f" ({n.listing(sorted(failures))})" if failures else ""
            sentence = f"{name} has no finished trial in the candidate{reason}."
            yield Regression(architecture=name, kind="no trial", shown=None, counts=True, sentence=sentence)


def _certainty(quantity: QuantityComparison) -> str:
    if quantity.p_value_holm is None:
        return "with one seed it is unknown whether that is chance"
    words = "beyond chance" if quantity.shown else "which may be chance"
    return f"{words} (Holm p {n.p_value(quantity.p_value_holm)})"
