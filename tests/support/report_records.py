"""Benchmarks for the report: a failed training, a floor, reviews with texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmark.results import BenchmarkRecord, Evaluation, TrialRecord
from tests.support.records import BASELINES, corpus_facts, finished_trial, tiny_record, trial_config, trial_result

DEFAULT = (
    "lstm",
    "lstm_dropout",
    "cnn_lstm",
    "cnn_lstm_tensorboard",
    "bag_of_words_svm",
    "naive_bayes_logistic_5000",
    "naive_bayes_logistic",
    "majority_class",
)
BASELINE_SECONDS = {"bag_of_words_svm": 8.9, "naive_bayes_logistic_5000": 17.2, "naive_bayes_logistic": 21.4}


def complete_record(
    reviews: int = 1_000,
    seeds: Sequence[int] = (7, 8, 9),
    accuracies: Mapping[tuple[str, int | None], float] | None = None,
    **settings: object,
) -> BenchmarkRecord:
    """The default benchmark, in which one seed of the LSTM with dropout learned little."""
    fixed = {("naive_bayes_logistic_5000", None): 0.911, ("lstm_dropout", 9): 0.795} | (accuracies or {})
    record = tiny_record(DEFAULT, seeds, reviews=reviews, accuracies=fixed, **settings)
    return replace(record, trials=tuple(map(realistic, record.trials)))


def one_seed_record() -> BenchmarkRecord:
    return tiny_record(("lstm", "cnn_lstm"), (7,), reviews=600)


def synthetic_record() -> BenchmarkRecord:
    facts = corpus_facts("synthetic", test_reviews=600, groups=None)
    names = ("lstm", "cnn_lstm", "cnn_lstm_tensorboard", "bag_of_words_svm")
    return tiny_record(names, reviews=600, corpus=facts)


def failed_record() -> BenchmarkRecord:
    return tiny_record(
        ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard"),
        failed=[("lstm", 8), ("lstm_dropout", 7), ("lstm_dropout", 9)],
        reviews=600,
    )


def custom_record() -> BenchmarkRecord:
    """A corpus of the user's own."""
    facts = corpus_facts("custom", test_reviews=600, groups=None, labels=("ham", "spam"), test_reviews_in_train=4)
    return tiny_record(("cnn_lstm", "bag_of_words_svm"), reviews=600, corpus=facts)


def evaluation_record() -> BenchmarkRecord:
    """Models of IMDB on other reviews, of which three were trained on."""
    evaluation = Evaluation(trained_on=corpus_facts(test_reviews=25_000), reviews_left_out=3)
    tweets = corpus_facts("custom", name="tweets", groups=None)
    return replace(tiny_record(("lstm", "bag_of_words_svm"), corpus=tweets), evaluation=evaluation)


def without_shuffled(record: BenchmarkRecord) -> BenchmarkRecord:
    """The same from a store of a version that shuffled no words."""
    trials = []
    for trial in record.trials:
        assert trial.predictions
        trials.append(replace(trial, predictions=replace(trial.predictions, probability_shuffled=None)))
    return replace(record, trials=tuple(trials))


def networks_record(reviews: int = 1_000, seeds: int = 10, **settings: object) -> BenchmarkRecord:
    """Networks with many seeds, three of which beat the paper."""
    means = {"cnn_lstm": 0.86, "ngram_sum": 0.932, "text_cnn": 0.92, "pooled_gru": 0.925}
    accuracies = {
        (name, seed): mean + 0.001 * ((seed * 7 + len(name)) % 5 - 2)
        for name, mean in means.items()
        for seed in range(seeds)
    }
    return tiny_record(tuple(means), range(seeds), reviews=reviews, accuracies=accuracies, **settings)


def training_reviews_record(reviews: Sequence[int] = (100, 500, 2_000), **accuracies: float) -> BenchmarkRecord:
    """Three architectures on several numbers of training reviews; the accuracies are of those on all 2,000."""
    corpus, trials = corpus_facts(test_reviews=2_000), []
    of_all = {"cnn_lstm": 0.95, "bag_of_words_svm": 0.85, "naive_bayes_logistic": 0.90} | accuracies
    of_part = {
        100: {"cnn_lstm": 0.55, "bag_of_words_svm": 0.75, "naive_bayes_logistic": 0.84},
        500: {"cnn_lstm": 0.80, "bag_of_words_svm": 0.80, "naive_bayes_logistic": 0.89},
    }
    for number in reviews:
        drawn = number if number in of_part else None
        for name, accuracy in of_part.get(number, of_all).items():
            for seed in (7, 8, 9) if drawn or name == "cnn_lstm" else (None,):
                trial = trial_config(name, train_reviews=drawn).model_copy(update={"seed": seed})
                trials.append(finished_trial(trial, accuracy + 0.002 * ((seed or 8) - 8), 2_000, corpus))
    record = tiny_record(tuple(of_all), corpus=corpus, train_reviews=tuple(reviews))
    return replace(record, trials=tuple(trials))


def realistic(trial: TrialRecord) -> TrialRecord:
    """Give a baseline its time, and the majority class its predictions."""
    name = trial.config.architecture
    if name not in BASELINES or trial.predictions is None:
        return trial
    predicted = trial.predictions
    if name == "majority_class":
        same = np.full(len(predicted.label), 0.5, dtype=np.float32)
        predicted = replace(predicted, probability=same, probability_shuffled=same)
    seconds = BASELINE_SECONDS.get(name, 0.4)
    result = trial_result(trial.config, predicted, train_seconds=seconds, parameter_count=1_048_577)
    return replace(trial, predictions=predicted, result=result)
