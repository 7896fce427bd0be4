from dataclasses import replace

import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from tests.support.records import make_record


@pytest.fixture(scope="module")
def record():
    return make_record(["lstm", "cnn_lstm"], reviews=12_000)


@pytest.fixture(scope="module")
def analysis(record):
    return analyse(record)


def test_calibration_counts_every_prediction_of_every_seed(analysis):
    for one in analysis.calibration:
        assert sum(bin_.predictions for bin_ in one.bins) == 3 * 12_000
        assert 0 <= one.expected_calibration_error <= 1


def test_length_classes_hold_every_review_once_and_their_accuracies_average_to_the_whole(record, analysis):
    row = analysis.architectures[0]
    classes = [one for one in analysis.accuracy_by_length if one.architecture == row.architecture]
    assert sum(one.reviews for one in classes) == 12_000
    assert sum(one.reviews * one.accuracy for one in classes) / 12_000 == pytest.approx(row.accuracy.mean)
    words = record.trials[0].predictions.words
    assert classes[0].reviews == (words <= 100).sum()
    assert classes[0].label == "up to 100"
    assert classes[-1].longest_words is None
    assert all(one.interval.low <= one.accuracy <= one.interval.high for one in classes)


def test_length_classes_with_hardly_a_review_are_left_out():
    analysis = analyse(make_record(["lstm"], (7,), reviews=60))
    assert all(one.reviews >= 20 for one in analysis.accuracy_by_length)
    assert all(one.interval.method == "Wilson" for one in analysis.accuracy_by_length)


def test_hard_reviews_are_wrong_in_every_trial_and_come_with_their_text(record, analysis):
    label = record.trials[0].predictions.label
    ids = record.trials[0].predictions.review_id.tolist()
    wrong = [(trial.predictions.probability > 0.5) != label for trial in record.trials]
    assert analysis.reviews_all_wrong == np.all(wrong, axis=0).sum()
    assert analysis.reviews_all_right == (~np.any(wrong, axis=0)).sum()
    assert len(analysis.hard_reviews) == 10
    for hard in analysis.hard_reviews:
        index = ids.index(hard.review_id)
        assert all(one[index] for one in wrong)
        assert hard.label == ("positive" if label[index] else "negative")
    confidence = [abs(hard.mean_probability - (hard.label == "positive")) for hard in analysis.hard_reviews]
    assert confidence == sorted(confidence, reverse=True)
    assert analysis.hard_reviews[0].text.startswith("The text of test/")


def test_hard_reviews_are_found_before_their_texts_are_known(record, analysis):
    found = analyse(replace(record, hard_reviews=())).hard_reviews
    assert [hard.review_id for hard in found] == [hard.review_id for hard in analysis.hard_reviews]
    assert all(hard.text is None for hard in found)
