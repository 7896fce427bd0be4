import math

import numpy as np
import pytest

from benchmark.scores import correct, scores


def test_scores_of_a_confusion_matrix_worked_by_hand():
    label = [1, 1, 1, 0, 0, 0, 0, 0]
    probability = [
        0.9,
        0.8,
        0.2,
        0.7,
        0.1,
        0.2,
        0.3,
        0.4,
    ]  # 2 true positives, 1 missed, 1 false alarm, 4 true negatives
    result = scores(label, probability)
    assert result.accuracy == 6 / 8
    assert result.precision == pytest.approx(2 / 3)
    assert result.recall == pytest.approx(2 / 3)
    assert result.f1 == pytest.approx(2 / 3)
    # of 15 pairs (positive, negative): 0.9 and 0.8 beat all 5 each, 0.2 beats 0.1 and ties 0.2
    assert result.roc_auc == pytest.approx((5 + 5 + 1 + 0.5) / 15)
    squares = [0.01, 0.04, 0.64, 0.49, 0.01, 0.04, 0.09, 0.16]
    assert result.brier == pytest.approx(sum(squares) / 8)
    of_truth = [0.9, 0.8, 0.2, 0.3, 0.9, 0.8, 0.7, 0.6]
    assert result.loss == pytest.approx(-sum(map(math.log, of_truth)) / 8)


def test_a_probability_of_exactly_one_half_is_negative():
    assert correct([0, 1], [0.5, 0.5]).tolist() == [True, False]


def test_a_certain_mistake_costs_a_finite_loss():
    assert scores([0, 1], [1.0, 1.0]).loss == pytest.approx(-math.log(1e-7) / 2, rel=1e-6)


def test_single_precision_probabilities_and_small_integer_labels_are_taken_as_they_are_saved():
    generator = np.random.default_rng(0)
    label = generator.integers(0, 2, 500).astype(np.int8)
    probability = generator.random(500, dtype=np.float32)
    expected = np.mean((probability > 0.5) == label)
    assert scores(label, probability).accuracy == expected


def test_roc_auc_is_unknown_where_all_reviews_have_one_label():
    result = scores([1, 1], [0.4, 0.6])
    assert math.isnan(result.roc_auc)
    assert result.accuracy == 0.5


@pytest.mark.parametrize(
    ("label", "probability", "complaint"),
    [
        ([0, 1], [0.5], "one shape"),
        ([], [], "one shape"),
        ([0, 2], [0.5, 0.5], "neither 0 nor 1"),
        ([0, 1], [0.5, math.nan], "from 0 to 1"),
        ([0, 1], [0.5, 1.5], "from 0 to 1"),
    ],
)
def test_impossible_predictions_are_refused(label, probability, complaint):
    with pytest.raises(ValueError, match=complaint):
        scores(label, probability)
