"""The mean accuracy's uncertainty from both sources at once: seeds, and the finite test half.

Every seed is tested on the same reviews, so seeds and reviews are two crossed random effects, as readers and cases
are in multi-reader multi-case studies; the variance estimate and its clamp at zero are theirs (Hillis 2007).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from benchmark.statistics.intervals import LEVEL, Bounds

SMALLEST_P = 1e-100  # further out SciPy's t quantile breaks down for 3 to 10 degrees of freedom


@dataclass(frozen=True)
class MeanUncertainty:
    """How uncertain a mean is.

    Attributes
    ----------
    seeds : float
        At least 2; of two independent samples, the degrees of freedom plus one.
    seed_variance : float
        Variance of the mean that more seeds would lessen, estimated with ``seeds - 1`` degrees of freedom.
    known_variance : float
        Variance of the mean that is known as good as exactly: from thousands of reviews.
    """

    seeds: float
    seed_variance: float
    known_variance: float

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.seed_variance + self.known_variance)

    @property
    def seed_share(self) -> float:
        """Share of the variance that comes from the seeds; 0 where there is no variance."""
        total = self.seed_variance + self.known_variance
        return self.seed_variance / total if total else 0.0

    def with_known(self, variance: float) -> MeanUncertainty:
        """The same with one more known, independent variance."""
        return replace(self, known_variance=self.known_variance + variance)

    def critical_value(self, level: float = LEVEL) -> float:
        """So many standard errors on each side make an interval: see `critical_value`."""
        return float(critical_value(self.seed_share, self.seeds, level))

    def interval(self, mean: float, level: float = LEVEL) -> Bounds:
        """Interval of the mean."""
        half = self.critical_value(level) * self.standard_error
        return Bounds(mean - half, mean + half)

    def p_value_above(self, excess: float) -> float:
        """One-sided p-value of no excess, in agreement with `interval`: 0.025 where a 95% interval starts at zero."""
        if not self.standard_error:
            return 0.0 if excess > 0 else 1.0
        statistic = excess / self.standard_error
        if statistic <= 0:
            return 1 - self.p_value_above(-excess) if statistic else 0.5
        if statistic >= _critical_at(SMALLEST_P, self.seed_share, self.seeds):
            return 0.0
        log_p = optimize.brentq(
            lambda log: _critical_at(math.exp(log), self.seed_share, self.seeds) - statistic,
            math.log(SMALLEST_P),
            math.log(0.5),
        )
        return math.exp(log_p)

    def p_value(self, difference: float) -> float:
        """Two-sided p-value of no difference, in agreement with `interval`."""
        return min(1.0, 2 * self.p_value_above(abs(difference)))


def critical_value(seed_share: float | NDArray, seeds: float | NDArray, level: float = LEVEL) -> NDArray:
    """Student's and the normal quantile, weighted by the shares of the variance that they belong to.

    Satterthwaite's degrees of freedom make intervals that are too short with few seeds: with three they cover down to
    92% for a nominal 95%. These cover 95.0 to 97.1% from three seeds on: ``docs/statistics.md`` has the table.

    References
    ----------
    Cochran (1964), Approximate significance levels of the Behrens-Fisher test, Biometrics 20(1), 191-195.
    """
    return _critical_at((1 - level) / 2, seed_share, seeds)


def _critical_at(tail: float, seed_share: float | NDArray, seeds: float | NDArray) -> NDArray:
    share = np.asarray(seed_share)
    return -share * special.stdtrit(np.asarray(seeds) - 1, tail) - (1 - share) * special.ndtri(tail)


@dataclass(frozen=True)
class Crossed:
    """A table of seeds by reviews, taken apart.

    Attributes
    ----------
    mean : float
    seed_means : array, shape (n_seeds,)
    variance_between_seeds : float or None
        Of one seed's mean, on these reviews; None with one seed.
    variance_from_reviews : float
        Variance of the mean from the choice of reviews, if the seeds' own choice of reviews is counted with the seeds.
    variance_fixed_seeds : float
        Variance of the mean from the choice of reviews, for these very trained models.
    """

    mean: float
    seed_means: NDArray[np.float64]
    variance_between_seeds: float | None
    variance_from_reviews: float
    variance_fixed_seeds: float

    @property
    def uncertainty(self) -> MeanUncertainty | None:
        """Of the mean, over seeds and reviews; None with one seed."""
        if self.variance_between_seeds is None:
            return None
        seeds = len(self.seed_means)
        return MeanUncertainty(seeds, self.variance_between_seeds / seeds, self.variance_from_reviews)


def take_apart(table: NDArray) -> Crossed:
    """Estimate what seeds and reviews contribute to the variance of the mean.

    With mean squares of the two-way table without replication, the variance of the mean is
    ``(MS_seeds + max(MS_reviews - MS_interaction, 0)) / (n_seeds * n_reviews)``.

    Parameters
    ----------
    table : array of bool or of whole numbers, shape (n_seeds, n_reviews)
        Which review is right; or the difference of two such tables.

    Raises
    ------
    ValueError
        If there are fewer than two reviews.

    References
    ----------
    Hillis (2007), A comparison of denominator degrees of freedom methods for multiple observer ROC analysis,
    Statistics in Medicine 26(3), 596-619.
    """
    seeds, reviews = table.shape
    if reviews < 2:
        raise ValueError("the uncertainty of a test half needs two reviews or more")
    cells = seeds * reviews
    total, squares = int(table.sum(dtype=np.int64)), int(np.square(table, dtype=np.int64).sum())
    by_seed = table.sum(axis=1, dtype=np.int64)
    between_seeds = seeds * int((by_seed**2).sum()) - total**2
    between_reviews = reviews * int((table.sum(axis=0, dtype=np.int64) ** 2).sum()) - total**2
    # sums of squares times `cells`: whole numbers, so exact, and the same on every machine
    interaction = cells * squares - total**2 - between_seeds - between_reviews
    ms_reviews = between_reviews / (reviews - 1) / cells
    if seeds == 1:
        return Crossed(total / cells, by_seed / reviews, None, ms_reviews / cells, ms_reviews / cells)
    ms_seeds = between_seeds / (seeds - 1) / cells
    ms_interaction = interaction / ((seeds - 1) * (reviews - 1)) / cells
    return Crossed(
        mean=total / cells,
        seed_means=by_seed / reviews,
        variance_between_seeds=ms_seeds / reviews,
        variance_from_reviews=max(ms_reviews - ms_interaction, 0.0) / cells,
        variance_fixed_seeds=ms_reviews / cells,
    )
