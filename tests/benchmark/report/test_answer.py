"""Sentences of the answer."""

import pytest

from benchmark.report import summarize
from tests.support.records import tiny_record
from tests.support.report_records import complete_record, failed_record, networks_record


@pytest.fixture(scope="module")
def complete():
    return summarize(complete_record())


def test_what_is_not_shown_between_architectures_is_said(complete):
    assert "beats 4 others. It is not shown to beat Naive Bayes + logistic (5,000 words)." in complete.answer[1]
    same = {(name, seed): 0.88 for name in ("lstm", "cnn_lstm") for seed in (7, 8, 9)}
    report = summarize(tiny_record(("lstm", "cnn_lstm"), accuracies=same, hard_reviews=False))
    assert report.answer[-1] == "No architecture is shown to beat another."


def test_a_clear_winner_beats_all_others():
    assert summarize(networks_record()).answer[-1].endswith("beats 3 others.")


def test_what_does_not_beat_the_papers_own_baseline_is_named(complete):
    assert complete.answer[2] == (
        "Naive Bayes + logistic and Naive Bayes + logistic (5,000 words) beat Bag of words + SVM; "
        "Conv1D + LSTM, LSTM with dropout and LSTM are not shown to."
    )


def test_the_papers_own_baseline_does_not_beat_itself():
    worse = {("lstm", seed): 0.835 for seed in (7, 8, 9)}
    report = summarize(complete_record(reviews=4_000, accuracies=worse))
    assert any(pair.better == "bag_of_words_svm" and pair.significant for pair in report.pairs)
    assert report.answer[2].count("Bag of words + SVM") == 1


def test_of_two_architectures_it_is_said_once_which_is_better():
    accuracies = {("cnn_lstm", seed): 0.92 for seed in (7, 8, 9)} | {("bag_of_words_svm", None): 0.85}
    names = ("cnn_lstm", "bag_of_words_svm")
    report = summarize(tiny_record(names, reviews=2_000, accuracies=accuracies, hard_reviews=False))
    assert report.answer[1:] == ("Conv1D + LSTM beats Bag of words + SVM.",)


def test_missing_trials_and_collapsed_seeds_are_notes(complete):
    assert summarize(failed_record()).notes[0] == "9 of 12 trials finished."
    assert "1 of 3 seeds of LSTM with dropout collapsed (seed 9; share 95% interval 1 to 91%)" in complete.notes[0]


def test_with_six_seeds_the_median_has_an_interval():
    report = summarize(complete_record(seeds=(4, 5, 6, 7, 8, 9)))
    assert "the median lies in" in next(note for note in report.notes if "collapsed" in note)


def test_an_answer_is_short():
    for record in (complete_record(), networks_record(), failed_record(), tiny_record()):
        answer = summarize(record).answer
        assert len(answer) <= 4
        assert all(len(sentence) < 220 for sentence in answer)
