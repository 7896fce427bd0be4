"""Sentences of the answer, and notes."""

from dataclasses import replace

import pytest

from benchmark.report import summarize
from tests.support.records import LOSSES, corpus_facts, tiny_record
from tests.support.report_records import (
    complete_record,
    failed_record,
    networks_record,
    one_seed_record,
    without_shuffled,
)

SIMPLE = ("bag_of_words_svm", None)
TEN = range(10)


def around(accuracy, name="cnn_lstm", seeds=TEN, step=0.001):
    return {(name, seed): accuracy + step * (seed % 3 - 1) for seed in seeds}


def answer_of(names, accuracies, seeds=TEN, reviews=4_000, **settings):
    record = tiny_record(names, seeds, reviews=reviews, accuracies=accuracies, **settings)
    return summarize(record).answer


@pytest.fixture(scope="module")
def complete():
    return summarize(complete_record())


# The best, and the reference


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (0.930, "4.11 points above the paper's 88.89%."),
        (0.840, "4.89 points below the paper's 88.89%."),
        (0.885, "It is not shown to be above or below the paper's 88.89%."),
    ],
)
def test_the_best_stands_against_the_paper(accuracy, words):
    assert answer_of(("cnn_lstm",), around(accuracy))[0].endswith(words)


def test_a_small_difference_is_equivalent():
    answer = answer_of(("cnn_lstm",), around(0.889), reviews=25_000)
    assert answer[0].endswith("equivalent to the paper's 88.89% within ±1 point.")


def test_three_seeds_are_too_few_to_tell():
    answer = answer_of(("cnn_lstm",), around(0.90, seeds=(7, 8, 9), step=0.01), seeds=(7, 8, 9))
    assert answer[0].endswith("3 seeds are too few to tell whether it is above the paper's 88.89%.")


def test_the_best_of_many_must_be_above_by_more_than_one_alone():
    names = ("cnn_lstm", "lstm", "lstm_dropout", "text_cnn", "pooled_gru", "ngram_sum")
    accuracies = around(0.898, step=0.002)
    for name in names[1:]:
        accuracies |= around(0.85, name)
    alone = answer_of(names[:1], accuracies)
    assert "above the paper's 88.89%" in alone[0]
    picked = summarize(tiny_record(names, TEN, reviews=4_000, accuracies=accuracies))
    assert picked.rows[0].verdict.kind == "above"
    assert picked.verdict == "undecided"
    assert picked.answer[0].endswith(
        "Since it was picked as the best of 6, it is not shown to be above the paper's 88.89%."
    )


# Do sequence models beat a bag of words?

QUESTION = "Do sequence models beat a bag of words?"


def test_a_sequence_model_that_beats_the_bag_of_words_is_named_with_the_distance():
    names = ("cnn_lstm", "lstm", "bag_of_words_svm")
    accuracies = around(0.92) | around(0.84, "lstm") | {SIMPLE: 0.86}
    answer = answer_of(names, accuracies)
    assert answer[1].startswith(f"{QUESTION} Yes, 1 of 2: Conv1D + LSTM by 6.00 points (+")


def test_a_network_whose_answers_do_not_change_with_the_order_of_the_words_is_no_sequence_model(monkeypatch):
    names = ("cnn_lstm", "text_cnn", "bag_of_words_svm")
    accuracies = around(0.80) | around(0.92, "text_cnn") | {SIMPLE: 0.86}
    assert answer_of(names, accuracies)[1].startswith(f"{QUESTION} Yes, 1 of 2: text_cnn by 6.00 points (+")
    monkeypatch.setitem(LOSSES, "text_cnn", 0.0)
    assert answer_of(names, accuracies)[1].startswith(f"{QUESTION} No: Conv1D + LSTM is 6.00 points below")


def test_a_part_of_the_corpus_is_named_as_such():
    corpus = corpus_facts(test_reviews=25_000)
    answer = answer_of(("cnn_lstm",), around(0.80), corpus=corpus, reviews=2_000, max_reviews=2_000)
    assert answer[-1] == "Trained on a part of the corpus: the first 2,000 of 25,000 training reviews."


@pytest.mark.parametrize(
    ("accuracy", "reviews", "words"),
    [
        (0.80, 4_000, "No: Conv1D + LSTM is 6.00 points below"),
        (0.862, 4_000, "No: Conv1D + LSTM is 0.20 points above"),
        (0.862, 400, "Not shown: Conv1D + LSTM is 0.25 points above"),
    ],
    ids=["worse", "equivalent", "undecided"],
)
def test_that_no_sequence_model_beats_the_bag_of_words_is_said(accuracy, reviews, words):
    accuracies = around(accuracy) | {SIMPLE: 0.86}
    question = answer_of(("cnn_lstm", "bag_of_words_svm"), accuracies, reviews=reviews)[1]
    assert question.startswith(f"{QUESTION} {words} Bag of words + SVM")


def test_that_seeds_are_too_few_is_the_answer(complete):
    assert complete.answer[1] == (
        f"{QUESTION} 3 seeds are too few to tell: Conv1D + LSTM, the best of 3, "
        "is 0.50 points above Bag of words + SVM (\N{MINUS SIGN}6.20 to +7.34)."
    )


def test_without_a_bag_of_words_or_a_network_the_question_is_left_out():
    for record in (networks_record(), tiny_record(("bag_of_words_svm", "naive_bayes_logistic"))):
        assert QUESTION not in " ".join(summarize(record).answer)


# The best, and the others


def test_what_the_best_is_not_shown_to_beat_is_named(complete):
    assert complete.answer[2] == "Naive Bayes + logistic is shown to beat 2 of the 5 others."
    assert summarize(networks_record()).answer[1] == (
        "ngram_sum is shown to beat 2 of the 3 others, but not pooled_gru."
    )


def test_a_clear_winner_beats_all_others():
    accuracies = around(0.93) | around(0.86, "lstm") | around(0.85, "lstm_dropout")
    assert answer_of(("cnn_lstm", "lstm", "lstm_dropout"), accuracies)[1] == "Conv1D + LSTM beats all others."


def test_nothing_is_concluded_from_one_seed():
    assert summarize(one_seed_record()).answer[1] == "1 seed is too few to tell whether Conv1D + LSTM beats another."


def test_an_answer_is_short():
    for record in (complete_record(), networks_record(), failed_record(), tiny_record()):
        answer = summarize(record).answer
        assert len(answer) <= 5
        assert all(len(sentence) < 170 for sentence in answer)


# The order of the words


def test_whom_shuffled_words_cost_more_or_less_than_the_margin(complete, monkeypatch):
    assert complete.answer[3] == (
        "Shuffled words cost 4 of 6 more than 1 point (Naive Bayes + logistic the most: 6 points, +3.82 to +8.18)."
    )
    monkeypatch.setitem(LOSSES, "lstm", 0.002)
    answer = answer_of(("lstm", "bag_of_words_svm"), {}, reviews=25_000)
    assert answer[-1] == "Shuffled words cost LSTM less than 1 point."


def test_what_is_not_shown_of_the_order_is_not_said():
    sees_no_order = tiny_record(("bag_of_words_svm",))
    few_reviews = tiny_record(("lstm",), reviews=200)
    for record in (sees_no_order, few_reviews, one_seed_record(), without_shuffled(complete_record())):
        assert "huffled" not in " ".join(summarize(record).answer)


# Notes


def test_seeds_added_after_a_look_are_a_note():
    record = replace(tiny_record(("lstm",)), looks=(2,))
    assert any("after a look at the result with 2 seeds" in note for note in summarize(record).notes)
    planned = replace(tiny_record(("lstm",), until_decided=True), looks=(3, 5, 10))
    assert not any("look" in note for note in summarize(planned).notes)
    one_more = replace(planned, looks=(3, 5, 10, 20))
    assert any("with 20 seeds" in note for note in summarize(one_more).notes)


@pytest.mark.parametrize(("reviews", "size"), [(150, "150 reviews of 22 films"), (200, "200 reviews of 29 films")])
def test_few_reviews_or_films_are_a_note(reviews, size):
    notes = summarize(tiny_record(("lstm",), reviews=reviews)).notes
    assert notes == (f"The test split is small ({size}): its intervals are rough.",)
    assert summarize(tiny_record(("lstm",), reviews=400)).notes == ()


def test_trials_from_the_store_are_a_note_with_their_benchmark():
    record = tiny_record(("lstm",), (7, 8, 9))
    first, *others = record.trials
    taken = [
        replace(trial, trained_in="3f2a91ab" + "0" * 24, trained_at="2026-11-26T09:00:00+00:00") for trial in others
    ]
    report = summarize(replace(record, trials=(first, *taken)))
    assert report.notes == (
        "2 of 3 trials are from the store: trained in the benchmark 3f2a91ab (2026-11-26). "
        "Their times were measured then.",
    )
    assert [trial.trained_in for trial in report.trials] == [None, "3f2a91ab" + "0" * 24, "3f2a91ab" + "0" * 24]
