"""Changes of a mean accuracy, and which losses would be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.intervals import mean_half_width
from benchmark.statistics.variance import ERROR_RATE, Interval, RightCounts, review_error

SEEN_LOSS = 0.05  # a comparison that would miss this loss shows nothing


@dataclass(frozen=True)
class Change:
    """Change of a mean accuracy, tested one-sided for the worse at a false-alarm rate of 5%.

    Attributes
    ----------
    change : float
        A fraction, negative for the worse.
    tolerated : float
        A true loss up to this is no regression; a fraction.
    interval : Interval or None
        95%, two-sided; None with one seed of a network.
    threshold : float or None
        The smallest loss that counts as a regression; None with one seed of a network.
    """

    change: float
    tolerated: float
    interval: Interval | None = None
    threshold: float | None = None

    @property
    def regression(self) -> bool:
        """Never with one seed."""
        return self.threshold is not None and -self.change > self.threshold

    @property
    def unseen(self) -> bool:
        """Whether a loss of five points would be missed, or one of twice what is tolerated where this is more."""
        if self.regression:
            return False
        return self.threshold is None or self.threshold > max(SEEN_LOSS, 2 * self.tolerated)


def accuracy_change(
    before: RightCounts,
    now: RightCounts,
    *,
    tolerated: float = 0.0,
    tests: int = 1,
) -> Change:
    """Judge the mean accuracy of all seeds against the one before, on the same reviews.

    The mean and not the median: a gate asks what a change costs on average, and a fifth of failed trainings costs.

    Parameters
    ----------
    tests : int
        Architectures that can have changed; they share the false-alarm rate.
    """
    change = float(now.accuracies.mean() - before.accuracies.mean())
    if before.one_seed or now.one_seed:
        return Change(change, tolerated)
    reviews = review_error(now.mean_right - before.mean_right, now.reviews)

    def half_width(error_rate: float) -> float:
        from_seeds = mean_half_width([now.accuracies, before.accuracies], error_rate)
        return float(np.hypot(from_seeds, reviews.half_width(error_rate)))

    half = half_width(ERROR_RATE)
    interval = Interval(change - half, change + half)
    one_sided = half_width(2 * ERROR_RATE / tests)
    return Change(change, tolerated, interval, tolerated + one_sided)
