"""Sentences of the answer, and notes."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.report import summarize
from tests.support.records import LOSSES, corpus_facts, tiny_record
from tests.support.report_records import (
    complete_record,
    failed_record,
    networks_record,
    one_seed_record,
    realistic,
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


# Do sequence models beat a bag of words?

QUESTION = "Do sequence models beat a bag of words?"


def test_the_first_sentence_answers_the_question_and_says_with_how_many_seeds():
    names = ("cnn_lstm", "lstm", "bag_of_words_svm")
    accuracies = around(0.92) | around(0.84, "lstm") | {SIMPLE: 0.86}
    answer = answer_of(names, accuracies)
    start = "Yes for 1 of 2, with 10 seeds: Conv1D + LSTM, the best of 2, is 6.00 points above Bag of words + SVM (+"
    assert answer[0].startswith(f"{QUESTION} {start}")


@pytest.mark.parametrize(
    ("accuracy", "reviews", "words"),
    [
        (0.80, 4_000, "No, with 10 seeds: Conv1D + LSTM is 6.00 points below"),
        (0.862, 4_000, "Equivalent within ±1 point, with 10 seeds: Conv1D + LSTM is 0.20 points above"),
        (0.862, 400, "Not decided, with 10 seeds: Conv1D + LSTM is 0.25 points above"),
    ],
    ids=["worse", "equivalent", "undecided"],
)
def test_what_is_shown_of_one_sequence_model_is_said(accuracy, reviews, words):
    accuracies = around(accuracy) | {SIMPLE: 0.86}
    answer = answer_of(("cnn_lstm", "bag_of_words_svm"), accuracies, reviews=reviews)
    assert answer[0].startswith(f"{QUESTION} {words} Bag of words + SVM")


def test_what_is_open_is_said_of_those_that_are_open():
    names = ("cnn_lstm", "lstm", "bag_of_words_svm")
    scattered = {("lstm", seed): 0.60 + 0.06 * seed for seed in range(6)}
    accuracies = around(0.80, seeds=range(6)) | scattered | {SIMPLE: 0.86}
    answer = answer_of(names, accuracies, seeds=range(6))
    assert answer[0].startswith(f"{QUESTION} Not decided for 1 of 2, with 6 seeds: LSTM is")


def test_one_seed_shows_one_training():
    answer = answer_of(("cnn_lstm", "bag_of_words_svm"), {("cnn_lstm", 7): 0.92, SIMPLE: 0.86}, seeds=(7,))
    assert answer[0].startswith(f"{QUESTION} Not decided, with 1 seed: Conv1D + LSTM is 6.00 points above")
    assert answer[0].endswith("; this model is above, other seeds may differ.")
    assert summarize(one_seed_record()).answer[0].endswith("); other seeds may differ.")


def test_a_network_whose_answers_do_not_change_with_the_order_of_the_words_is_no_sequence_model(monkeypatch):
    names = ("cnn_lstm", "text_cnn", "bag_of_words_svm")
    accuracies = around(0.80) | around(0.92, "text_cnn") | {SIMPLE: 0.86}
    assert "Yes for 1 of 2, with 10 seeds: text_cnn, the best of 2, is" in answer_of(names, accuracies)[0]
    monkeypatch.setitem(LOSSES, "text_cnn", 0.0)
    assert "No, with 10 seeds: Conv1D + LSTM is 6.00 points below" in answer_of(names, accuracies)[0]


def test_without_a_bag_of_words_or_a_sequence_model_the_question_is_left_out():
    for record in (networks_record(), tiny_record(("bag_of_words_svm", "naive_bayes_logistic"))):
        assert QUESTION not in " ".join(summarize(record).answer)


def test_trainings_that_beat_the_bag_of_words_together_are_said_to_where_a_single_one_is_not_shown_to(complete):
    assert complete.answer[3].startswith(
        "As one model, the 3 trainings of Conv1D + LSTM together have 91.20%, 3.50 points above Bag of words + SVM (+"
    )
    assert complete.answer[3].endswith("; a typical single one has 88.20%, and other trainings may differ.")
    one_seed = {("lstm", 7): 0.87, ("cnn_lstm", 7): 0.87, SIMPLE: 0.85}
    answer = answer_of(("lstm", "cnn_lstm", "bag_of_words_svm"), one_seed, seeds=(7,))
    assert answer[3].startswith("As one model, the 2 sequence models together have ")
    clear = answer_of(("cnn_lstm", "bag_of_words_svm"), around(0.92) | {SIMPLE: 0.86})
    assert "As one model" not in " ".join(clear)


# The best, the reference and the others


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [(0.930, "4.11 points above"), (0.840, "4.89 points below"), (0.885, "0.39 points below")],
)
def test_the_best_stands_against_the_paper(accuracy, words):
    (first, *_) = answer_of(("cnn_lstm",), around(accuracy))
    assert f"Conv1D + LSTM with 10 seeds, {100 * accuracy:.2f}%, {words} the 88.89% of Maas et al. 2011 (" in first
    assert first.endswith("): undecided.") == (accuracy == 0.885)


def test_a_small_difference_is_equivalent():
    answer = answer_of(("cnn_lstm",), around(0.889), reviews=25_000)
    assert "0.01 points above the 88.89% of Maas et al. 2011 (" in answer[0]
    assert answer[0].endswith("): equivalent.")


def test_the_papers_method_stands_beside_its_own_figures():
    names = ("semantic_vectors_unlabelled", "semantic_vectors")
    answer = answer_of(names, {(names[0], 7): 0.892, (names[1], 7): 0.891}, seeds=(7,), reviews=1_000)
    assert answer[1] == (
        "The paper's own method, trained here: without its unlabelled reviews 89.10% (published: 88.28%) and "
        "with its unlabelled reviews 89.20% (published: 88.89%)."
    )


def test_nothing_is_the_best_where_it_ties_with_the_majority_class():
    record = tiny_record(("lstm", "majority_class"), (7,), accuracies={("lstm", 7): 0.5})
    record = replace(record, trials=tuple(map(realistic, record.trials)))
    report = summarize(record)
    assert report.answer[0] == "None is above the 50.00% of one label for every review, so there is no best."
    assert report.question("best") is None


@pytest.mark.parametrize(
    ("others", "seeds", "reviews", "words"),
    [
        ({"lstm": 0.86}, TEN, 4_000, "against LSTM: above."),
        ({"lstm": 0.86, "conv_gru": 0.85}, TEN, 4_000, "beats 2 of the 2 others."),
        ({"lstm": 0.929, "conv_gru": 0.85}, TEN, 25_000, "beats 1 of the 2 others; equivalent: 1."),
        ({"lstm": 0.925}, TEN, 400, "against LSTM: undecided."),
        (
            {"lstm": 0.925, "conv_gru": 0.925, "text_cnn": 0.7},
            TEN,
            400,
            "beats 1 of the 3 others; undecided: 2.",
        ),
        (
            {"lstm": 0.86, "conv_gru": 0.85, "text_cnn": 0.85},
            (7,),
            400,
            "beats none of the 3 others; one seed: 3.",
        ),
    ],
)
def test_others_are_counted_and_a_single_one_is_named(others, seeds, reviews, words):
    accuracies = around(0.93, seeds=seeds)
    for name, accuracy in others.items():
        accuracies |= around(accuracy, name, seeds)
    assert f"Conv1D + LSTM {words}" in answer_of(("cnn_lstm", *others), accuracies, seeds, reviews)


def test_an_answer_is_short():
    for record in (complete_record(), networks_record(), failed_record(), tiny_record()):
        answer = summarize(record).answer
        assert len(answer) <= 6
        assert all(len(sentence) < 200 for sentence in answer)


# What would decide it


def test_what_is_open_has_the_seeds_and_the_command_that_would_decide_it():
    unstable = {("lstm", seed): 0.84 + 0.02 * (seed % 3) for seed in (7, 8, 9)}
    report = summarize(tiny_record(("lstm",), (7, 8, 9), reviews=25_000, accuracies=unstable))
    (answer,) = report.question("reference").answers
    more = answer.more_seeds
    assert answer.kind == "undecided"
    assert report.next_command == f"python -m benchmark run --resume {report.run_id[:8]} --seeds 10-{9 + more}"
    assert report.answer[-1].startswith(f"About {more} more seeds, ")
    assert report.answer[-1].endswith("would decide LSTM against 88.89%.")


@pytest.mark.parametrize("looks", [(), (3, 5, 10)])
def test_what_no_planned_look_is_left_for_has_no_command(looks):
    unstable = {("lstm", seed): 0.84 + 0.02 * (seed % 3) for seed in (7, 8, 9)}
    record = tiny_record(("lstm",), (7, 8, 9), reviews=25_000, accuracies=unstable, until_decided=not looks)
    assert summarize(replace(record, looks=looks)).next_command is None


# The order of the words


def test_what_is_not_shown_of_the_order_is_not_said():
    sees_no_order = tiny_record(("bag_of_words_svm",))
    few_reviews = tiny_record(("lstm",), reviews=200)
    for record in (sees_no_order, few_reviews, one_seed_record(), without_shuffled(complete_record())):
        assert "huffled" not in " ".join(summarize(record).answer)


def test_a_part_of_the_corpus_is_named_as_such():
    corpus = corpus_facts(test_reviews=25_000)
    answer = answer_of(("cnn_lstm",), around(0.80), corpus=corpus, reviews=2_000, max_reviews=2_000)
    assert "Trained on a part of the corpus: the first 2,000 of 25,000 training reviews." in answer


# Notes


def test_seeds_added_after_a_look_are_a_note_and_share_the_error_rate():
    report = summarize(replace(tiny_record(("lstm",)), looks=(2,)))
    assert any("after a look at the result with 2 seeds: the error rate is" in note for note in report.notes)
    assert report.interval_level == 0.9875
    planned = replace(tiny_record(("lstm",), until_decided=True), looks=(3, 5, 10))
    assert not any("look" in note for note in summarize(planned).notes)
    one_more = replace(planned, looks=(3, 5, 10, 20))
    assert any("with 20 seeds: the intervals no longer hold" in note for note in summarize(one_more).notes)


def test_a_network_that_learned_nothing_is_a_note():
    record = tiny_record(("lstm", "bag_of_words_svm"), (7,))
    lstm, simple = record.trials
    same = replace(lstm.predictions, probability=np.full(400, 0.6, dtype=np.float32))
    report = summarize(replace(record, trials=(replace(lstm, predictions=same), simple)))
    assert "LSTM gives every review one label: it learned nothing, and no question is about it." in report.notes


@pytest.mark.parametrize(("reviews", "size"), [(150, "150 reviews of 22 films"), (200, "200 reviews of 29 films")])
def test_few_reviews_or_films_are_a_note(reviews, size):
    notes = summarize(tiny_record(("lstm",), reviews=reviews)).notes
    assert notes == (f"The test split is small ({size}): its intervals are rough.",)
    assert summarize(tiny_record(("lstm",), reviews=400)).notes == ()


def test_trials_from_the_store_are_a_note_with_their_benchmark():
    record = tiny_record(("lstm",), (7, 8, 9))
    first, *others = record.trials
    taken = [replace(trial, trained_in="3f2a91ab" + "0" * 24) for trial in others]
    report = summarize(replace(record, trials=(first, *taken)))
    assert report.notes == ("From the store: 2 of 3 trials, trained and timed in benchmark 3f2a91ab.",)
    assert [trial.trained_in for trial in report.trials] == [None, "3f2a91ab" + "0" * 24, "3f2a91ab" + "0" * 24]
