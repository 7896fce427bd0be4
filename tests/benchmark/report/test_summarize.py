"""The numbers of a report."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmark.report import summarize
from benchmark.report.render import to_json
from benchmark.report.tables import ladder_table
from tests.support.records import corpus_facts, environment, tiny_record, trial_config, trial_result
from tests.support.report_records import complete_record, without_shuffled


def row_of(report, architecture):
    return next(row for row in report.rows if row.architecture == architecture)


def with_result(record, name, **changes):
    """Change fields of one trial's result."""
    trials = [
        replace(one, result=one.result.model_copy(update=changes)) if one.config.name == name else one
        for one in record.trials
    ]
    return replace(record, trials=tuple(trials))


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


def test_a_seed_that_learned_little_counts(complete):
    learned = summarize(complete_record(accuracies={("lstm_dropout", 9): 0.859}))
    wide, narrow = (row_of(report, "lstm_dropout").interval for report in (complete, learned))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_a_control_with_other_weights_fails_the_sanity_check():
    report = summarize(with_result(complete_record(), "cnn_lstm_tensorboard seed 8", weights_sha256="0" * 64))
    titles = "Conv1D + LSTM and Conv1D + LSTM, with TensorBoard"
    assert f"Sanity check FAILED: {titles} ended with different weights" in report.notes[-1]


def test_trainings_on_different_processors_are_no_sanity_check():
    record = tiny_record(("cnn_lstm", "cnn_lstm_tensorboard"), (7,))
    elsewhere = with_result(
        record,
        "cnn_lstm_tensorboard seed 7",
        environment=environment(cpu_model="another CPU"),
        weights_sha256="0" * 64,
    )
    assert not any("Sanity check" in note for note in summarize(elsewhere).notes)


def test_a_control_has_a_row_only_where_what_it_controls_has_none():
    record = tiny_record(("cnn_lstm_tensorboard", "cnn_lstm"))
    both, alone = summarize(record), summarize(replace(record, trials=record.trials[:3]))
    assert [row.architecture for row in both.rows] == ["cnn_lstm"]
    assert [row.architecture for row in alone.rows] == ["cnn_lstm_tensorboard"]


# The planned questions


def test_one_seed_decides_nothing():
    report = summarize(tiny_record(("lstm", "naive_bayes_logistic", "cnn_lstm"), (7,)))
    for question in report.questions:
        kinds = {answer.kind for answer in question.answers if answer.one_seed}
        assert kinds == {"undecided"}


def test_trainings_above_are_counted_but_not_those_above_the_best(complete):
    counted = complete.answer_to("bag of words", "cnn_lstm").above
    bar = row_of(complete, "bag_of_words_svm").accuracy
    assert counted.above == sum(accuracy > bar for accuracy in row_of(complete, "cnn_lstm").accuracies)
    assert counted.trainings == 3
    assert complete.answer_to("bag of words", "naive_bayes_logistic") is None
    assert {answer.above for answer in complete.question("best").answers} == {None}


def test_the_average_of_the_trainings_is_that_of_their_stored_predictions(complete):
    tables = []
    for trial in complete_record().trials:
        if trial.config.kind == "network" and trial.config.architecture != "cnn_lstm_tensorboard":
            predicted = trial.predictions
            columns = {
                "review": predicted.review_id,
                "label": predicted.label,
                "p": predicted.probability.astype(float),
            }
            tables.append(pd.DataFrame(columns).assign(architecture=trial.config.architecture))
    of_one = pd.concat(tables).groupby(["architecture", "review"]).mean()
    right = (of_one.p > 0.5) == (of_one.label == 1)
    for architecture, accuracy in right.groupby("architecture").mean().items():
        assert row_of(complete, architecture).together.accuracy == pytest.approx(accuracy, abs=1e-12)
    of_all = of_one.groupby("review").mean()
    accuracy = ((of_all.p > 0.5) == (of_all.label == 1)).mean()
    assert complete.all_sequence_models.accuracy == pytest.approx(accuracy, abs=1e-12)
    last = ladder_table(complete)[-1]
    assert (last["Architecture"], last["Accuracy"]) == ("All sequence models together", f"{100 * accuracy:.2f}%")


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


def test_two_architectures_of_one_title_stay_two():
    record = tiny_record(("lstm", "cnn_lstm", "bag_of_words_svm"))
    trials = []
    for trial in record.trials:
        title = "Recurrent network" if trial.config.kind == "network" else trial.config.title
        trials.append(replace(trial, config=trial.config.model_copy(update={"title": title})))
    report = summarize(replace(record, trials=tuple(trials)))
    assert report.titles == {
        "lstm": "Recurrent network (lstm)",
        "cnn_lstm": "Recurrent network (cnn_lstm)",
        "bag_of_words_svm": "Bag of words + SVM",
    }


def test_planned_looks_make_all_intervals_longer(complete):
    looked = summarize(complete_record(until_decided=True))
    assert (complete.interval_level, looked.interval_level) == (0.95, 0.9875)
    assert looked.rows[0].interval.low < complete.rows[0].interval.low


@pytest.mark.parametrize("reference", [None, "mine=0.8"])
def test_synthetic_reviews_have_no_verdict(reference):
    report = summarize(tiny_record(("lstm",), corpus=corpus_facts("synthetic"), reference=reference))
    assert report.reference is None
    assert report.question("reference") is None
    assert report.answer[0].startswith("Synthetic reviews")
    assert report.figures == ()


@pytest.mark.parametrize("settings", [{"corpus": corpus_facts("custom")}, {"max_reviews": 100}])
def test_without_a_reference_there_is_no_verdict(settings):
    report = summarize(tiny_record(("lstm", "bag_of_words_svm"), **settings))
    assert report.reference is None
    assert report.question("reference") is None
    assert {row.published_accuracy for row in report.rows} == {None}


def test_the_tutorials_figure_holds_for_its_own_settings_only():
    record = tiny_record(("lstm",), (7,))
    shorter = trial_config("lstm", 7, epochs=2)
    trial = replace(record.trials[0], config=shorter, result=trial_result(shorter, record.trials[0].predictions))
    report = summarize(replace(record, trials=(trial,)))
    assert report.rows[0].tutorial_epochs == ()
    assert report.rows[0].published_accuracy is None


def test_shuffled_words_change_each_seed_and_the_median_change_counts(complete):
    changes = []
    for trial in complete_record().trials:
        if trial.config.architecture == "lstm_dropout":
            right = (trial.predictions.probability_shuffled > 0.5) == (trial.predictions.label == 1)
            changes.append(100 * (right.mean() - trial.result.scores.accuracy))
    shuffled = row_of(complete, "lstm_dropout").shuffled
    assert shuffled.change.difference_points == pytest.approx(np.median(changes))
    assert shuffled.change.interval.contains(shuffled.change.difference)
    assert row_of(complete, "bag_of_words_svm").shuffled.change is None
    accuracies = [trial.shuffled_accuracy for trial in row_of(complete, "lstm_dropout").trials]
    assert shuffled.accuracy == np.median(accuracies)


def test_trials_that_were_stored_without_shuffled_words_have_an_empty_cell(complete):
    old, new = complete_record().trials[0], complete_record().trials[6:]
    (old,) = without_shuffled(replace(complete_record(), trials=(old,))).trials
    table = ladder_table(summarize(replace(complete_record(), trials=(old, *new))))
    assert [(row["Shuffled"], row["Change"]) for row in table if row["Architecture"] == "LSTM"] == [("", "")]
    assert all("Shuffled" not in row for row in ladder_table(summarize(without_shuffled(complete_record()))))


def test_the_json_is_the_whole_report(complete):
    written = json.loads(to_json(complete))
    assert written["rows"][0]["accuracy"] == complete.rows[0].accuracy
    assert type(complete).model_validate_json(to_json(complete)) == complete
