import numpy as np
import pytest

from benchmark.statistics.scores import correct, scores


def test_scores_of_five_reviews():
    found = scores([1, 1, 1, 0, 0], [0.9, 0.6, 0.5, 0.6, 0.2])
    assert found == pytest.approx(
        {
            "accuracy": 3 / 5,
            "loss": -np.log([0.9, 0.6, 0.5, 0.4, 0.8]).mean(),
            "precision": 2 / 3,
            "recall": 2 / 3,
            "f1": 2 / 3,
            "roc_auc": 4.5 / 6,
            "brier": (0.01 + 0.16 + 0.25 + 0.36 + 0.04) / 5,
        }
    )


def test_half_is_negative_as_in_keras():
    assert correct([0, 1], [0.5, 0.5]).tolist() == [True, False]


def test_a_sure_and_wrong_probability_has_a_finite_loss():
    assert scores([1], [0.0])["loss"] == pytest.approx(16.118, abs=0.001)


@pytest.mark.filterwarnings("error")
def test_no_positive_prediction_and_one_label():
    found = scores([0, 0], [0.1, 0.2])
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)
    assert np.isnan(found["roc_auc"])
