"""Seeds whose training collapsed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.statistics.variance import ERROR_RATE, Interval

TEST_GAP = 0.03
TRAIN_GAP = 0.05
AGREEMENT_GAP = 0.03
SIGN_SPREADS = 5
TEST_SPREADS = 2  # fewer than of a sign: an accuracy scatters more than agreement does
MIN_STANDARD_ERRORS = 6  # of an accuracy on the test reviews


def collapsed_seeds(
    test_accuracy: ArrayLike,
    train_accuracy: ArrayLike,
    test_reviews: int,
    positive: ArrayLike | None = None,
) -> tuple[int, ...]:
    """Positions of the seeds that failed to learn what the better seeds learned.

    A low test accuracy alone is no collapse: a seed is never left out for its result only. One of two signs that need
    no test label must confirm it: the training accuracy, or how far the predictions agree with those of the other
    seeds. The second finds a collapse in the last steps of an epoch, which Keras's mean over the epoch hides.

    Parameters
    ----------
    test_accuracy, train_accuracy : array, shape (n_seeds,)
        Of the last epoch, of seeds of one architecture; a baseline has no training accuracy.
    test_reviews : int
        Number of reviews behind a test accuracy.
    positive : array of bool, shape (n_seeds, n_reviews), optional
        Whether a seed gives a test review label 1.
    """
    test, train = (np.asarray(values, dtype=np.float64) for values in (test_accuracy, train_accuracy))
    if len(train) < 3:  # of two seeds, neither is the normal one
        return ()
    signs = _far_below(train, TRAIN_GAP, SIGN_SPREADS)
    if positive is not None:
        signs |= _far_below(_agreement(np.asarray(positive)), AGREEMENT_GAP, SIGN_SPREADS)
    better = float(np.quantile(test, 0.75))
    standard_error = math.sqrt(better * (1 - better) / test_reviews)
    low = _far_below(test, max(TEST_GAP, MIN_STANDARD_ERRORS * standard_error), TEST_SPREADS)
    return tuple(sorted(signs & low))


def _far_below(values: NDArray[np.float64], gap: float, spreads: float) -> set[int]:
    """Positions more than `gap`, and so many spreads of the better quarter, below the upper quartile."""
    upper = float(np.quantile(values, 0.75))
    return set(np.flatnonzero(upper - values > max(gap, spreads * (float(values.max()) - upper))).tolist())


def _agreement(positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of reviews on which a seed agrees with another one: the median over the others, of two the higher."""
    signs = np.where(positive, np.float32(1), np.float32(-1))
    pairwise = (1 + (signs @ signs.T).astype(np.float64) / signs.shape[1]) / 2
    np.fill_diagonal(pairwise, -1.0)
    return np.sort(pairwise, axis=1)[:, (len(signs) + 1) // 2]


def collapse_share(collapsed: int, n: int) -> Interval:
    """Clopper-Pearson interval of the share of seeds that collapse: 0 of 3 does not rule out 71%."""
    from scipy.special import betaincinv

    low = betaincinv(collapsed, n - collapsed + 1, ERROR_RATE / 2) if collapsed else 0.0
    high = betaincinv(collapsed + 1, n - collapsed, 1 - ERROR_RATE / 2) if collapsed < n else 1.0
    return Interval(float(low), float(high))
