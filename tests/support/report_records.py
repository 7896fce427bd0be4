"""Benchmarks for the report: a collapse, a floor, reviews with texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmark.results import BenchmarkRecord, HardReview, TrialRecord
from tests.support.records import BASELINES, finished_trial, tiny_record, trial_result

ALL = (
    "lstm",
    "lstm_dropout",
    "cnn_lstm",
    "cnn_lstm_tensorboard",
    "bag_of_words_svm",
    "naive_bayes_logistic_5000",
    "naive_bayes_logistic",
    "majority_class",
)
SECONDS = {"bag_of_words_svm": 8.9, "naive_bayes_logistic_5000": 17.2, "naive_bayes_logistic": 21.4, "majority_class": 0.4}
TITLES = {"naive_bayes_logistic_5000": "Naive Bayes features, 5,000 words"}
TEXT = (
    "I went to see this with high hopes, and for an hour it is a wonderful, moving film. <br /><br />Then the plot "
    "falls apart; the ending is awful, the acting wooden, and nobody seems to care. My friends loved it, so perhaps "
    "it is me. The music is great, though, and the photography of the harbour at night is not bad at all. I would "
    "not call it a waste of time, but I cannot recommend it either. Wait for it on television."
)
EFFECTS = (("wonderful", 1.9), ("awful", -2.4), ("great", 1.1), ("waste", -1.6), ("not bad", 0.7), ("loved", 0.9))


def complete_record(reviews: int = 2_000, seeds: tuple[int, ...] = (7, 8, 9), **settings: object) -> BenchmarkRecord:
    """The default benchmark, in which one seed of the LSTM with dropout collapsed."""
    accuracies = {("naive_bayes_logistic_5000", None): 0.911, ("lstm_dropout", 9): 0.795}
    record = tiny_record(ALL, seeds, reviews=reviews, accuracies=accuracies, hard_reviews=False, **settings)
    trials = [collapse(one) if one.config.name == "lstm_dropout seed 9" else realistic(one) for one in record.trials]
    return with_texts(replace(record, trials=tuple(trials)))


def realistic(trial: TrialRecord) -> TrialRecord:
    """Give a baseline its time and title, and the majority class its predictions."""
    name = trial.config.architecture
    if name not in BASELINES or trial.result is None or trial.predictions is None:
        return trial
    config = trial.config.model_copy(update={"title": TITLES.get(name, trial.config.title)})
    predicted = trial.predictions
    if name == "majority_class":
        predicted = replace(predicted, probability=np.full(len(predicted.label), 0.5, dtype=np.float32))
    result = trial_result(config, predicted, train_seconds=SECONDS[name], parameter_count=1_048_577)
    return replace(trial, config=config, predictions=predicted, result=result)


def collapse(trial: TrialRecord) -> TrialRecord:
    """Let the training accuracy fall, by which a collapse is found."""
    assert trial.result is not None
    *first, last = trial.result.epochs
    epochs = (*first, last.model_copy(update={"train_accuracy": 0.78, "train_loss": 0.5}))
    return replace(trial, result=trial.result.model_copy(update={"epochs": epochs}))


def with_texts(record: BenchmarkRecord, text: str = TEXT) -> BenchmarkRecord:
    """Give the reviews that the report selects a text and the words that decided."""
    from benchmark.report.review_errors import select_hard_reviews

    chosen = select_hard_reviews(record)
    return replace(record, hard_reviews=tuple(HardReview(review, text, EFFECTS) for review in chosen))


def networks_record(reviews: int = 2_000) -> BenchmarkRecord:
    """Ten seeds of networks that beat the paper, beside the tutorial's."""
    names = ("cnn_lstm", "bigram_average", "text_cnn", "pooled_gru")
    means = {"cnn_lstm": 0.877, "bigram_average": 0.902, "text_cnn": 0.895, "pooled_gru": 0.899}
    accuracies = {
        (name, seed): mean + 0.001 * ((seed * 7 + len(name)) % 5 - 2) for name, mean in means.items() for seed in range(10)
    }
    return tiny_record(names, range(10), reviews=reviews, accuracies=accuracies)


__all__ = ["ALL", "collapse", "complete_record", "finished_trial", "networks_record", "realistic", "with_texts"]
