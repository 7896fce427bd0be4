"""Architectures against each other: pairs, and the A/A control."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence, ScoredTrial
from benchmark.analysis.intervals import BOTH_SOURCES, to_interval
from benchmark.analysis.parts import Control, ControlSeed, McNemar, PairwiseComparison
from benchmark.statistics.paired import PairedDifference, holm, paired_difference, probability_of_improvement
from benchmark.statistics.verdict import ERROR_RATE

CONTROL = ("cnn_lstm", "cnn_lstm_tensorboard")  # the same network, trained without and with a callback


def compare_pairs(evidence: Evidence) -> tuple[PairwiseComparison, ...]:
    """Compare every two architectures that have scored trials, adjusted for the number of pairs."""
    pairs = list(combinations(evidence.scored, 2))
    found: list[PairedDifference | None] = []
    for first, second in pairs:
        seeds = evidence.common_seeds(first, second)
        tables = (evidence.table(first, seeds), evidence.table(second, seeds)) if seeds else None
        found.append(paired_difference(*tables) if tables else None)
    adjusted = iter(holm([one.p_value for one in found if one is not None]))
    return tuple(
        _comparison(evidence, first, second, one, next(adjusted) if one is not None else None)
        for (first, second), one in zip(pairs, found, strict=True)
    )


def _comparison(
    evidence: Evidence, first: str, second: str, found: PairedDifference | None, adjusted: float | None
) -> PairwiseComparison:
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
        is_control=(first, second) == CONTROL,
        sentence=_sentence(first, second, seeds, found, adjusted, identical),
    )


def _sentence(
    first: str,
    second: str,
    seeds: tuple[int, ...],
    found: PairedDifference | None,
    adjusted: float | None,
    identical: bool,
) -> str:
    if found is None or adjusted is None:
        return f"{first} and {second} have no seed in common, so they are not compared."
    if identical:
        return f"{first} and {second} give the same probability for every review, over {n.plural(len(seeds), 'seed')}."
    better, worse, low, high = first, second, found.interval.low, found.interval.high
    if found.difference < 0:
        better, worse, low, high = second, first, -high, -low
    facts = (
        f"95% interval {n.points(100 * low)} to {n.points(100 * high)}, "
        f"Holm-adjusted p {_equals(adjusted)}, {n.plural(len(seeds), 'common seed')}"
    )
    gap = f"{abs(100 * found.difference):.2f} points"
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
