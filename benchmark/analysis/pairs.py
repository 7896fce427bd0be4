"""Architectures against each other: pairs, and the A/A control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence, ScoredTrial
from benchmark.analysis.intervals import BOTH_SOURCES, to_interval
from benchmark.analysis.parts import Control, ControlSeed, McNemar, PairwiseComparison
from benchmark.statistics.paired import (
    PairedDifference,
    holm_of_distinct,
    paired_difference,
    probability_of_improvement,
)
from benchmark.statistics.verdict import ERROR_RATE

Names = tuple[str, str]

CONTROL: Names = ("cnn_lstm", "cnn_lstm_tensorboard")  # the same network, trained without and with a callback


def compare_pairs(evidence: Evidence, repeats: Mapping[str, str]) -> tuple[PairwiseComparison, ...]:
    """Compare every two architectures that have scored trials; p-values are adjusted for the pairs that are tested.

    Parameters
    ----------
    repeats : mapping
        See `benchmark.analysis.duplicates.find_duplicates`.
    """
    pairs = list(combinations(evidence.scored, 2))
    originals = {pair: _original(pair, pairs, repeats) for pair in pairs}
    found = {pair: _difference(evidence, *pair) for pair in pairs}
    # whether equal networks differ is known beforehand, so those pairs are not among the hypotheses
    questions = {
        pair: difference.p_value if difference else None
        for pair, difference in found.items()
        if not _is_control(pair) and originals[pair] is not None
    }
    again = {pair: original for pair, original in originals.items() if original not in (pair, None)}
    adjusted = holm_of_distinct(questions, again)
    return tuple(
        _comparison(
            evidence,
            pair,
            found[pair],
            adjusted=adjusted.get(pair),
            is_tested=adjusted.get(pair) is not None and pair not in again,
            repeats=again.get(pair),
        )
        for pair in pairs
    )


def _is_control(pair: Names) -> bool:
    return set(pair) == set(CONTROL)


def _original(pair: Names, pairs: Sequence[Names], repeats: Mapping[str, str]) -> Names | None:
    """The first pair with the same weights on both sides: mostly itself; None for two sides with equal weights."""
    first, second = (repeats.get(name, name) for name in pair)
    if first == second:
        return None
    return (first, second) if (first, second) in pairs else (second, first)


def _difference(evidence: Evidence, first: str, second: str) -> PairedDifference | None:
    seeds = evidence.common_seeds(first, second)
    return paired_difference(evidence.table(first, seeds), evidence.table(second, seeds)) if seeds else None


def _comparison(
    evidence: Evidence,
    pair: Names,
    found: PairedDifference | None,
    *,
    adjusted: float | None,
    is_tested: bool,
    repeats: Names | None,
) -> PairwiseComparison:
    first, second = pair
    seeds = evidence.common_seeds(first, second)
    identical = bool(seeds) and all(
        np.array_equal(one.predictions.probability, other.predictions.probability)
        for one, other in _by_seed(evidence, first, second)
    )
    method = BOTH_SOURCES if len(seeds) > 1 else "normal, these two trained models over reviews like these"
    test = found.mcnemar if found else None
    return PairwiseComparison(
        first=first,
        second=second,
        seeds=seeds,
        difference_points=100 * found.difference if found else None,
        interval_points=to_interval(found.interval, method, scale=100) if found else None,
        p_value=found.p_value if found else None,
        p_value_holm=adjusted,
        is_tested=is_tested,
        repeats=repeats,
        probability_of_improvement=probability_of_improvement(
            list(evidence.accuracies(first).values()), list(evidence.accuracies(second).values())
        ),
        mcnemar=McNemar(
            first_only_right=test.first_only_right,
            second_only_right=test.second_only_right,
            p_value=test.p_value,
        )
        if test
        else None,
        identical=identical,
        is_control=_is_control(pair),
        sentence=_sentence(pair, seeds, found, adjusted, identical),
    )


def _sentence(
    pair: Names, seeds: tuple[int, ...], found: PairedDifference | None, adjusted: float | None, identical: bool
) -> str:
    first, second = pair
    if found is None:
        return f"{first} and {second} have no seed in common, so they are not compared."
    if identical:
        return f"{first} and {second} give the same probability for every review, over {n.plural(len(seeds), 'seed')}."
    better, worse, low, high = first, second, found.interval.low, found.interval.high
    if found.difference < 0:
        better, worse, low, high = second, first, -high, -low
    p_value = f"p {_equals(found.p_value)}" if adjusted is None else f"Holm-adjusted p {_equals(adjusted)}"
    facts = (
        f"95% interval {n.points(100 * low)} to {n.points(100 * high)}, {p_value}, "
        f"{n.plural(len(seeds), 'common seed')}"
    )
    gap = f"{abs(100 * found.difference):.2f} points"
    if adjusted is None:
        return (
            f"{first} and {second} build the same network, so their difference is no finding but a control: {better} "
            f"is {gap} ahead ({facts})."
        )
    scope = "" if len(seeds) > 1 else " These are two trained models: other seeds may differ otherwise."
    if adjusted < ERROR_RATE:
        return f"{better} is {gap} better than {worse} ({facts}).{scope}"
    return (
        f"No difference is shown: {better} is {gap} ahead of {worse} ({facts}). That is no evidence that they are "
        f"equal.{scope}"
    )


def _equals(p_value: float) -> str:
    written = n.p_value(p_value)
    return written if written.startswith("<") else f"= {written}"


def check_control(evidence: Evidence) -> Control | None:
    """Compare the two architectures that build the same network, seed by seed; None where they share no seed."""
    if not all(name in evidence.scored for name in CONTROL) or not evidence.common_seeds(*CONTROL):
        return None
    seeds = tuple(_control_seed(one, other) for one, other in _by_seed(evidence, *CONTROL))
    first, second = CONTROL
    different = [one for one in seeds if not one.weights_equal]
    names = n.seed_names([one.seed for one in seeds])
    if not different:
        sentence = f"The A/A control holds: {first} and {second} end with equal weights for {names}."
    else:
        largest = max(abs(one.accuracy_difference_points) for one in different)
        sentence = (
            f"The A/A control fails: {first} and {second} build the same network, yet end with other weights for "
            f"{len(different)} of {len(seeds)} seeds, up to {largest:.2f} points of accuracy apart. Between other "
            "architectures, differences of this size mean nothing here."
        )
    return Control(first=first, second=second, seeds=seeds, passed=not different, sentence=sentence)


def _by_seed(evidence: Evidence, first: str, second: str) -> list[tuple[ScoredTrial, ScoredTrial]]:
    seeds = evidence.common_seeds(first, second)
    return [(evidence.scored[first][seed], evidence.scored[second][seed]) for seed in seeds]


def _control_seed(one: ScoredTrial, other: ScoredTrial) -> ControlSeed:
    epochs = zip(one.result.epoch_weights_sha256, other.result.epoch_weights_sha256, strict=False)
    differing = (epoch for epoch, (ours, theirs) in enumerate(epochs, start=1) if ours != theirs)
    gap = np.abs(one.predictions.probability.astype(np.float64) - other.predictions.probability)
    return ControlSeed(
        seed=one.result.config.seed,
        weights_equal=one.result.weights_sha256 == other.result.weights_sha256,
        first_epoch_that_differs=next(differing, None),
        accuracy_difference_points=100 * (one.scores.accuracy - other.scores.accuracy),
        largest_probability_difference=float(gap.max()),
    )
