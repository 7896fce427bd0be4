"""Scores of one trial on its test reviews."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_PROBABILITY = 1e-7  # keras.config.epsilon(): Keras clips before it takes a logarithm


def correct(label: ArrayLike, probability: ArrayLike) -> NDArray[np.bool_]:
    """Which reviews are classified right; a probability above 0.5 is positive, as in Keras's ``binary_accuracy``."""
    positive = np.asarray(label) == 1
    return positive == (np.asarray(probability) > 0.5)


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
        all reviews have the same label) and ``brier``; a division by zero gives 0.

    Raises
    ------
    ValueError
        If the shapes differ, there is no review, or a value is impossible.
    """
    truth = np.asarray(label)
    chance = np.asarray(probability, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != chance.shape or not truth.size:
        raise ValueError(f"labels and probabilities need one shape (n_reviews,), not {truth.shape} and {chance.shape}")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("a label is neither 0 nor 1")
    if not ((chance >= 0) & (chance <= 1)).all():  # also False for NaN
        raise ValueError("a probability is not a number from 0 to 1")

    positive = truth == 1
    predicted = chance > 0.5
    positives = int(positive.sum())
    predictions = int(predicted.sum())
    both = int((positive & predicted).sum())
    of_truth = np.where(positive, chance, 1 - chance)
    of_truth = np.clip(of_truth, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return {
        "accuracy": float((positive == predicted).mean()),
        "loss": float(-np.log(of_truth).mean()),
        "f1": 2 * both / max(positives + predictions, 1),
        "precision": both / max(predictions, 1),
        "recall": both / max(positives, 1),
        "roc_auc": _roc_auc(positive, chance),
        "brier": float(np.square(chance - positive).mean()),
    }


def _roc_auc(positive: NDArray[np.bool_], chance: NDArray[np.float64]) -> float:
    """Area under the ROC curve by the rank sum of the positive reviews; equal probabilities share their mean rank."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    rank_sum = float(rank[place][positive].sum())
    lowest = positives * (positives + 1) / 2
    return (rank_sum - lowest) / (positives * negatives)
