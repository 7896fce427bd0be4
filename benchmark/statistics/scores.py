"""Scores of one trial on its test reviews."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def correct(label: ArrayLike, probability: ArrayLike) -> NDArray[np.bool_]:
    """Which reviews are classified right; a probability above 0.5 is positive, as in Keras's ``binary_accuracy``."""
    raise NotImplementedError


def scores(label: ArrayLike, probability: ArrayLike) -> dict[str, float]:
    """Score the predictions of one trial; 1 is the positive label.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_reviews,)
        Of label 1, from 0 to 1.

    Returns
    -------
    dict of str to float
        ``accuracy``, ``loss`` (binary cross-entropy in nats), ``f1``, ``precision``, ``recall``, ``roc_auc`` (NaN where
        all reviews have the same label) and ``brier``.

    Raises
    ------
    ValueError
        If the shapes differ, there is no review, or a value is impossible.
    """
    raise NotImplementedError
