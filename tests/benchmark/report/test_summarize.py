"""The numbers of a report."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmark.report import summarize
from benchmark.report.render import to_json
from tests.support.records import tiny_record, trial_config, trial_result
from tests.support.report_records import complete_record


def row_of(report, architecture):
    return next(row for row in report.rows if row.architecture == architecture)


@pytest.fixture(scope="module")
def complete():
    return summarize(complete_record())


def test_the_accuracy_is_the_median_over_the_seeds(complete):
    trials = [trial for trial in complete_record().trials if trial.config.architecture == "lstm_dropout"]
    accuracies = [trial.result.scores.accuracy for trial in trials]
    row = row_of(complete, "lstm_dropout")
    assert row.accuracy == sorted(accuracies)[1]
    assert row.accuracies == sorted(accuracies)
    assert row.mean_accuracy == pytest.approx(np.mean(accuracies))


def test_a_control_has_a_row_only_where_what_it_controls_has_none():
    record = tiny_record(("cnn_lstm_tensorboard", "cnn_lstm"))
    both, alone = summarize(record), summarize(replace(record, trials=record.trials[:3]))
    assert [row.architecture for row in both.rows] == ["cnn_lstm"]
    assert [row.architecture for row in alone.rows] == ["cnn_lstm_tensorboard"]


# The planned questions


def test_accuracy_is_grouped_by_the_length_of_the_review_up_to_the_cut_and_above():
    record = tiny_record(("lstm",), (7, 8, 9), max_length=100)
    words = record.trials[0].predictions.words
    *_, longest_read, cut = summarize(record).lengths
    assert (longest_read.title, cut.title) == ("81 to 100 words", "Over 100 words")
    assert (longest_read.reviews, cut.reviews) == (((words > 80) & (words <= 100)).sum(), (words > 100).sum())
    shares = []
    for predicted in (trial.predictions for trial in record.trials):
        right = (predicted.probability > 0.5) == (predicted.label == 1)
        shares.append(right[words > 100].mean())
    assert cut.accuracies == {"lstm": pytest.approx(np.median(shares))}


def test_the_trials_with_lopsided_errors_are_listed_the_worst_first():
    record = tiny_record(("lstm",), (7, 8, 9), accuracies={("lstm", 9): 0.6})
    always_right = {7: 0, 9: 1}  # the label by seed
    trials = []
    for trial in record.trials:
        predicted = trial.predictions
        certain = predicted.label == always_right.get(trial.config.seed)
        probability = np.where(certain, predicted.label, predicted.probability)
        trials.append(replace(trial, predictions=replace(predicted, probability=probability)))
    worst, other = summarize(replace(record, trials=tuple(trials))).lopsided
    assert (worst.seed, worst.false_negatives) == (9, 0)
    assert (other.seed, other.false_positives) == (7, 0)
    assert worst.false_positives > other.false_negatives > 0


def test_planned_looks_make_all_intervals_longer(complete):
    looked = summarize(complete_record(until_decided=True))
    assert (complete.interval_level, looked.interval_level) == (0.95, 0.9875)
    assert looked.rows[0].interval.low < complete.rows[0].interval.low


def test_the_tutorials_figure_holds_for_its_own_settings_only():
    record = tiny_record(("lstm",), (7,))
    shorter = trial_config("lstm", 7, epochs=2)
    trial = replace(record.trials[0], config=shorter, result=trial_result(shorter, record.trials[0].predictions))
    report = summarize(replace(record, trials=(trial,)))
    assert report.rows[0].published is None


def test_shuffled_words_change_each_seed_and_the_median_change_counts(complete):
    changes = []
    for trial in complete_record().trials:
        if trial.config.architecture == "lstm_dropout":
            right = (trial.predictions.probability_shuffled > 0.5) == (trial.predictions.label == 1)
            changes.append(100 * (right.mean() - trial.result.scores.accuracy))
    row = row_of(complete, "lstm_dropout")
    assert row.change.difference_points == pytest.approx(np.median(changes))
    assert row.change.interval.contains(row.change.difference)
    assert row_of(complete, "bag_of_words_svm").change is None
    accuracies = [trial.shuffled_accuracy for trial in row.trials]
    assert row.shuffled == np.median(accuracies)


def test_the_json_is_the_whole_report(complete):
    written = json.loads(to_json(complete))
    assert written["rows"][0]["accuracy"] == complete.rows[0].accuracy
    assert type(complete).model_validate_json(to_json(complete)) == complete
