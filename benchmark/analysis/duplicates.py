"""Architectures that ended with the same weights: the same result twice is one result, and one hypothesis."""

from __future__ import annotations

import numpy as np

from benchmark.analysis.evidence import Evidence


def find_duplicates(evidence: Evidence) -> dict[str, str]:
    """Give each architecture that repeats an earlier one, by name, with the name of that one.

    It repeats it if both finished with the same seeds, and ended with equal weights, and with the same reviews right,
    for every seed.
    """
    repeats: dict[str, str] = {}
    for name in evidence.scored:
        originals = (other for other in evidence.scored if other not in repeats)
        for other in originals:
            if other == name:
                break
            if _same_results(evidence, name, other):
                repeats[name] = other
                break
    return repeats


def _same_results(evidence: Evidence, first: str, second: str) -> bool:
    ours, theirs = evidence.scored[first], evidence.scored[second]
    return set(ours) == set(theirs) and all(
        ours[seed].result.weights_sha256 == theirs[seed].result.weights_sha256
        and np.array_equal(ours[seed].right, theirs[seed].right)
        for seed in ours
    )
