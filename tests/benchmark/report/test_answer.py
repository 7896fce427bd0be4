"""Answers and notes of many benchmarks, on one page: golden/answers.md."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmark.report import summarize
from tests.support.golden import assert_golden
from tests.support.records import LOSSES, corpus_facts, environment, tiny_record
from tests.support.report_records import (
    complete_record,
    networks_record,
    realistic,
    training_reviews_record,
    without_shuffled,
)

GOLDEN = Path(__file__).parent / "golden" / "answers.md"
TEN = range(10)
BAG = "bag_of_words_svm"
PAIR = ("cnn_lstm", BAG)
FOUR = ("cnn_lstm", "lstm", "conv_gru", "text_cnn")


def around(seeds=TEN, **accuracies):
    """Seeds near these accuracies of networks."""
    return {(name, seed): mean + 0.001 * (seed % 3 - 1) for name, mean in accuracies.items() for seed in seeds}


def benchmark(names, accuracies, seeds=TEN, reviews=4_000, bag=0.86, **settings):
    return tiny_record(names, seeds, reviews=reviews, accuracies={(BAG, None): bag} | accuracies, **settings)


def scattered(**settings):
    """Three seeds that lie two points apart."""
    accuracies = {("lstm", seed): 0.84 + 0.02 * (seed % 3) for seed in (7, 8, 9)}
    return tiny_record(("lstm",), (7, 8, 9), reviews=25_000, accuracies=accuracies, **settings)


def open_beside_worse():
    accuracies = {("lstm", seed): 0.60 + 0.06 * seed for seed in range(6)}
    return benchmark(("cnn_lstm", "lstm", BAG), around(range(6), cnn_lstm=0.80) | accuracies, range(6))


def tie_with_the_majority():
    record = tiny_record(("lstm", "majority_class"), (7,), accuracies={("lstm", 7): 0.5})
    return replace(record, trials=tuple(map(realistic, record.trials)))


def one_label():
    record = tiny_record(("lstm", BAG), (7,))
    lstm, simple = record.trials
    same = replace(lstm.predictions, probability=np.full(400, 0.6, dtype=np.float32))
    return replace(record, trials=(replace(lstm, predictions=same), simple))


def from_the_store():
    record = tiny_record(("lstm",))
    first, *others = record.trials
    return replace(record, trials=(first, *(replace(trial, trained_in="3f2a91ab" + "0" * 24) for trial in others)))


def control_with_other_weights(**more):
    """A control of which only the weights, and what `more` says, differ from what it controls."""
    record = tiny_record(("cnn_lstm", "cnn_lstm_tensorboard"), (7,))
    original, control = record.trials
    result = control.result.model_copy(update={"weights_sha256": "0" * 64, **more})
    return replace(record, trials=(original, replace(control, result=result)))


def two_of_one_title():
    record = tiny_record(("lstm", "cnn_lstm", BAG))
    trials = []
    for trial in record.trials:
        title = "Recurrent network" if trial.config.kind == "network" else trial.config.title
        trials.append(replace(trial, config=trial.config.model_copy(update={"title": title})))
    return replace(record, trials=tuple(trials))


CASES = {
    "One of two sequence models beats the bag of words": lambda: benchmark(
        ("cnn_lstm", "lstm", BAG), around(cnn_lstm=0.92, lstm=0.84)
    ),
    "The sequence model is worse": lambda: benchmark(PAIR, around(cnn_lstm=0.80)),
    "It is equivalent": lambda: benchmark(PAIR, around(cnn_lstm=0.862)),
    "Few reviews leave it open": lambda: benchmark(PAIR, around(cnn_lstm=0.862), reviews=400),
    "It is clearly better": lambda: benchmark(PAIR, around(cnn_lstm=0.92)),
    "One is worse, the other is open": open_beside_worse,
    "One seed shows one training": lambda: benchmark(PAIR, {("cnn_lstm", 7): 0.92}, (7,)),
    "Trainings are better together": lambda: benchmark(
        ("lstm", "cnn_lstm", BAG), {("lstm", 7): 0.87, ("cnn_lstm", 7): 0.87}, (7,), bag=0.85
    ),
    "There is no bag of words": networks_record,
    "There is no sequence model": lambda: tiny_record((BAG, "naive_bayes_logistic")),
    "Above the paper": lambda: benchmark(("cnn_lstm",), around(cnn_lstm=0.930)),
    "Below the paper": lambda: benchmark(("cnn_lstm",), around(cnn_lstm=0.840)),
    "Not decided against the paper": lambda: benchmark(("cnn_lstm",), around(cnn_lstm=0.885)),
    "Equivalent to the paper": lambda: benchmark(("cnn_lstm",), around(cnn_lstm=0.889), reviews=25_000),
    "The paper's own method": lambda: benchmark(
        ("semantic_vectors_unlabelled", "semantic_vectors"),
        {("semantic_vectors_unlabelled", 7): 0.892, ("semantic_vectors", 7): 0.891},
        (7,),
    ),
    "A tie with the majority class has no best": tie_with_the_majority,
    "The best beats one other": lambda: benchmark(FOUR[:2], around(cnn_lstm=0.93, lstm=0.86)),
    "The best beats all others": lambda: benchmark(FOUR[:3], around(cnn_lstm=0.93, lstm=0.86, conv_gru=0.85)),
    "The best is equivalent to one": lambda: benchmark(
        FOUR[:3], around(cnn_lstm=0.93, lstm=0.929, conv_gru=0.85), reviews=25_000
    ),
    "The best is open against one": lambda: benchmark(FOUR[:2], around(cnn_lstm=0.93, lstm=0.925), reviews=400),
    "The best beats one and is open against two": lambda: benchmark(
        FOUR, around(cnn_lstm=0.93, lstm=0.925, conv_gru=0.925, text_cnn=0.7), reviews=400
    ),
    "The best with one seed": lambda: benchmark(
        FOUR, around((7,), cnn_lstm=0.93, lstm=0.86, conv_gru=0.85, text_cnn=0.85), (7,), reviews=400
    ),
    "What is open has the seeds and the command that would decide it": scattered,
    "What was planned to be decided has none": lambda: scattered(until_decided=True),
    "After all looks there is none": lambda: replace(scattered(), looks=(3, 5, 10)),
    "Stored before words were shuffled": lambda: without_shuffled(complete_record()),
    "A part of the corpus": lambda: benchmark(
        ("cnn_lstm",),
        around(cnn_lstm=0.80),
        corpus=corpus_facts(test_reviews=25_000),
        reviews=2_000,
        max_reviews=2_000,
    ),
    "Seeds were added after a look": lambda: replace(tiny_record(("lstm",)), looks=(2,)),
    "Planned looks": lambda: replace(tiny_record(("lstm",), until_decided=True), looks=(3, 5, 10)),
    "One look more than was planned": lambda: replace(tiny_record(("lstm",), until_decided=True), looks=(3, 5, 10, 20)),
    "A network that learned nothing": one_label,
    "Few reviews": lambda: tiny_record(("lstm",), reviews=150),
    "Few films": lambda: tiny_record(("lstm",), reviews=200),
    "Trials from the store": from_the_store,
    "A control with other weights": control_with_other_weights,
    "A control on another processor": lambda: control_with_other_weights(environment=environment(cpu_model="another")),
    "Two architectures of one title": two_of_one_title,
    "Synthetic reviews have no verdict": lambda: tiny_record(("lstm",), corpus=corpus_facts("synthetic")),
    "An own corpus has none": lambda: tiny_record(("lstm", BAG), corpus=corpus_facts("custom")),
    "The bag of words is not passed": lambda: training_reviews_record(cnn_lstm=0.60, naive_bayes_logistic=0.852),
    "Fewer training reviews than all": lambda: training_reviews_record((100, 500)),
    "One number of training reviews": lambda: training_reviews_record((100,)),
}


def test_the_answers_are_the_golden_ones():
    sections = []
    for title, make in CASES.items():
        report = summarize(make())
        lines = [f"## {title}", *report.answer, *(f"Note: {note}" for note in report.notes)]
        if report.next_command:
            lines.append(f"Next: {report.next_command}")
        sections.append("\n\n".join(lines))
    assert_golden(GOLDEN, "\n\n".join(["# Answers, notes and next commands", *sections]) + "\n")


def test_a_network_whose_answers_do_not_change_with_the_order_of_the_words_is_no_sequence_model(monkeypatch):
    names = ("cnn_lstm", "text_cnn", BAG)
    record = benchmark(names, around(cnn_lstm=0.80, text_cnn=0.92))
    assert len(summarize(record).question("bag of words").answers) == 2
    monkeypatch.setitem(LOSSES, "text_cnn", 0.0)
    record = benchmark(names, around(cnn_lstm=0.80, text_cnn=0.92))
    assert [one.architecture for one in summarize(record).question("bag of words").answers] == ["cnn_lstm"]
