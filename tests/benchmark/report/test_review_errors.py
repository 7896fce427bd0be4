"""Reviews that the trials get wrong."""

from dataclasses import replace

import numpy as np

from benchmark.report import gather, select_hard_reviews, summarize
from benchmark.report.review_errors import MAX_DISPUTED_REVIEWS, MAX_HARD_REVIEWS
from tests.support.records import tiny_record
from tests.support.report_records import complete_record


def with_probabilities(record, **probabilities):
    """Replace the first probabilities of each architecture: ``lstm=[0.1, 0.9]``."""
    trials = []
    for trial in record.trials:
        probability = trial.predictions.probability.copy()
        first = probabilities[trial.config.architecture]
        probability[: len(first)] = first
        probability[len(first) :] = np.where(trial.predictions.label[len(first) :] == 1, 0.9, 0.1)
        trials.append(replace(trial, predictions=replace(trial.predictions, probability=probability)))
    return replace(record, trials=tuple(trials), hard_reviews=())


def record_with_errors():
    """Labels are 0, 1, 0, 1 …: reviews 0 and 1 are wrong in both, 2 is disputed, the others are right."""
    record = tiny_record(("lstm", "cnn_lstm"), (7,), reviews=100)
    return with_probabilities(record, lstm=[0.7, 0.1, 0.9], cnn_lstm=[0.7, 0.1, 0.2])


def test_the_most_confident_mistakes_of_all_trials_come_first_then_the_disputed_explained_by_who_errs_most():
    selected = select_hard_reviews(gather(record_with_errors()))
    assert list(selected) == ["test/pos/1", "test/neg/0", "test/neg/2"]
    assert selected["test/neg/2"] == "lstm"


def test_the_numbers_agree_with_the_predictions():
    report = summarize(record_with_errors())
    assert (report.test_reviews, report.all_right, report.all_wrong) == (100, 97, 2)
    counts = {row.architecture: (row.false_positives, row.false_negatives) for row in report.rows}
    assert counts == {"lstm": (2, 1), "cnn_lstm": (1, 1)}
    disputed = report.disputed_reviews[0]
    assert {name: round(value, 3) for name, value in disputed.probabilities.items()} == {"lstm": 0.9, "cnn_lstm": 0.2}
    assert [one.review_id for one in report.hard_reviews] == ["test/pos/1", "test/neg/0"]


def test_no_more_reviews_than_a_person_reads():
    report = summarize(complete_record())
    assert len(report.hard_reviews) <= MAX_HARD_REVIEWS
    assert len(report.disputed_reviews) == MAX_DISPUTED_REVIEWS


def test_a_majority_class_does_not_hide_what_all_others_get_wrong():
    with_floor = complete_record()
    without = replace(
        with_floor, trials=tuple(t for t in with_floor.trials if t.config.architecture != "majority_class")
    )
    assert select_hard_reviews(gather(with_floor)) == select_hard_reviews(gather(without))
