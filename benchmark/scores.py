"""Scores of one trial, from what it said of each test review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALLEST_PROBABILITY = 1e-7  # keras.config.epsilon(): Keras clips before it takes a logarithm


@dataclass(frozen=True)
class Scores:
    """Scores of one trial on its test reviews; "positive" is the class that F1, precision and recall are of.

    Attributes
    ----------
    accuracy : float
        Share of reviews on whose side of 0.5 the probability lies.
    loss : float
        Binary cross-entropy in nats.
    roc_auc : float
        Area under the ROC curve; NaN where all reviews have the same label.
    brier : float
        Mean squared distance of probability and label.
    """

    accuracy: float
    loss: float
    f1: float
    precision: float
    recall: float
    roc_auc: float
    brier: float


def correct(label: ArrayLike, probability: ArrayLike) -> NDArray[np.bool_]:
    """Which reviews are classified right: a probability above 0.5 is positive, as in Keras's ``binary_accuracy``.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
    probability : array, shape (n_reviews,)
        Of being positive.

    Returns
    -------
    array of bool, shape (n_reviews,)
    """
    return _positive(np.asarray(probability)) == (np.asarray(label) == 1)


def scores(label: ArrayLike, probability: ArrayLike) -> Scores:
    """Score the predictions of one trial.

    Parameters
    ----------
    label : array of 0 and 1, shape (n_reviews,)
        1 is positive.
    probability : array, shape (n_reviews,)
        Of being positive, from 0 to 1.

    Returns
    -------
    Scores
        F1, precision, recall, ROC AUC and Brier score are scikit-learn's; a division by zero gives 0.

    Raises
    ------
    ValueError
        If the shapes differ, there is no review, or a value is impossible.
    """
    from sklearn import metrics  # a second to import; not everyone who names this module scores

    truth, probability = _checked(label, probability)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, _positive(probability), average="binary", zero_division=0
    )
    both_labels = truth.min() != truth.max()
    of_truth = np.where(truth == 1, probability, 1 - probability)
    return Scores(
        accuracy=float(correct(truth, probability).mean()),
        loss=float(-np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)).mean()),
        f1=float(f1),
        precision=float(precision),
        recall=float(recall),
        roc_auc=float(metrics.roc_auc_score(truth, probability)) if both_labels else float("nan"),
        brier=float(metrics.brier_score_loss(truth, probability, pos_label=1)),
    )


def _positive(probability: NDArray[Any]) -> NDArray[np.bool_]:
    return probability > 0.5


def _checked(label: ArrayLike, probability: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    truth = np.asarray(label)
    values = np.asarray(probability, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != values.shape or not truth.size:
        raise ValueError(f"labels and probabilities need one shape (n_reviews,), not {truth.shape} and {values.shape}")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("a label is neither 0 nor 1")
    if not ((values >= 0) & (values <= 1)).all():  # also False for NaN
        raise ValueError("a probability is not a number from 0 to 1")
    return truth.astype(np.int64), values
