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
        If a probability is impossible: of a network that diverged, or whose last unit is no sigmoid.
    """
    from sklearn import metrics

    truth = np.asarray(label)
    chance = np.asarray(probability, dtype=np.float64)
    if not ((chance >= 0) & (chance <= 1)).all():  # also False for NaN
        raise ValueError("a probability is not a number from 0 to 1")

    predicted = chance > 0.5
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, predicted, average="binary", zero_division=0
    )
    roc_auc = float("nan")
    if len(np.unique(truth)) == 2:
        roc_auc = float(metrics.roc_auc_score(truth, chance))
    of_labels = np.stack([1 - chance, chance], axis=1).clip(MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return {
        "accuracy": float(correct(truth, chance).mean()),
        "loss": float(metrics.log_loss(truth, of_labels, labels=[0, 1])),
        "f1": float(f1),
        "precision": float(precision),
        "recall": float(recall),
        "roc_auc": roc_auc,
        "brier": float(metrics.brier_score_loss(truth, chance)),
    }
