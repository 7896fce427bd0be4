"""Accuracy by the length of a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from benchmark.config import Settings
from benchmark.report.architecture_trials import ArchitectureTrials

STEPS = 5


class LengthGroup(Settings):
    """Test reviews of a length, in words before they are cut."""

    title: str
    reviews: int
    accuracies: dict[str, float]  # by architecture; the median over its seeds


def group_by_length(architectures: Sequence[ArchitectureTrials], max_length: int) -> Iterator[LengthGroup]:
    """Group the test reviews in equal steps of length up to `max_length`, and above, without empty groups."""
    if not architectures:
        return
    words = architectures[0].predictions.words
    longest = [max_length * step // STEPS for step in range(STEPS + 1)]
    titles = [f"{low + 1} to {high} words" for low, high in pairwise(longest)]
    number_of_group = np.searchsorted(longest[1:], words)
    for number, title in enumerate([*titles, f"Over {max_length} words"]):
        inside = number_of_group == number
        if inside.any():
            accuracies = {}
            for architecture in architectures:
                shares = architecture.right[:, inside].mean(axis=1)
                accuracies[architecture.name] = float(np.median(shares))
            yield LengthGroup(title=title, reviews=int(inside.sum()), accuracies=accuracies)
