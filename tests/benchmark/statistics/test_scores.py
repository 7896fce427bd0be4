import numpy as np
import pytest
from sklearn import metrics

from benchmark.statistics.scores import correct, scores


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 500)
    probability = np.round(np.clip(rng.normal(0.3 + 0.4 * label, 0.3), 0, 1), 2).astype(np.float32)  # with ties
    found = scores(label, probability)
    predicted = probability > 0.5
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(label, predicted),
            "loss": metrics.log_loss(label, np.clip(probability.astype(float), 1e-7, 1 - 1e-7)),
            "f1": metrics.f1_score(label, predicted),
            "precision": metrics.precision_score(label, predicted),
            "recall": metrics.recall_score(label, predicted),
            "roc_auc": metrics.roc_auc_score(label, probability),
            "brier": metrics.brier_score_loss(label, probability),
        },
        rel=1e-6,
    )


def test_half_is_negative_as_in_keras():
    assert correct([0, 1], [0.5, 0.5]).tolist() == [True, False]


def test_a_sure_and_wrong_probability_has_a_finite_loss():
    assert scores([1], [0.0])["loss"] == pytest.approx(16.118, abs=0.001)


def test_no_positive_prediction_and_one_label():
    found = scores([0, 0], [0.1, 0.2])
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)
    assert np.isnan(found["roc_auc"])


@pytest.mark.parametrize(
    ("label", "probability", "words"),
    [
        ([0, 1], [0.5], "one shape"),
        ([], [], "one shape"),
        ([0, 2], [0.5, 0.5], "neither 0 nor 1"),
        ([0, 1], [0.5, float("nan")], "from 0 to 1"),
        ([0, 1], [0.5, 1.5], "from 0 to 1"),
    ],
)
def test_impossible_values_are_refused(label, probability, words):
    with pytest.raises(ValueError, match=words):
        scores(label, probability)
