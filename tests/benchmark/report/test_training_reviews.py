"""How accuracy grows with the number of training reviews."""

import pytest

from benchmark.plan import StoredBenchmark
from benchmark.report import summarize
from benchmark.report.charts import draw_charts
from benchmark.report.tables import growth_table
from benchmark.statistics.variance import Interval
from tests.support.records import corpus_facts, finished_trial, tiny_record, trial_config

ALL = 2_000
CORPUS = corpus_facts(test_reviews=ALL)
ACCURACIES = {
    ("cnn_lstm", 100): 0.55,
    ("cnn_lstm", 500): 0.80,
    ("cnn_lstm", ALL): 0.95,
    ("bag_of_words_svm", 100): 0.75,
    ("bag_of_words_svm", 500): 0.80,
    ("bag_of_words_svm", ALL): 0.85,
    ("naive_bayes_logistic", 100): 0.84,
    ("naive_bayes_logistic", 500): 0.89,
    ("naive_bayes_logistic", ALL): 0.90,
}


def _record(accuracies=ACCURACIES, numbers=(100, 500, ALL)) -> StoredBenchmark:
    trials = []
    for (name, reviews), accuracy in accuracies.items():
        drawn = None if reviews == ALL else reviews
        seeds = (7, 8, 9) if drawn or name == "cnn_lstm" else (None,)
        for seed in seeds:
            trial = trial_config(name, seed, train_reviews=drawn).model_copy(update={"seed": seed})
            trials.append(finished_trial(trial, accuracy + 0.002 * ((seed or 8) - 8), ALL, CORPUS))
    names = tuple(dict.fromkeys(name for name, _ in accuracies))
    record = tiny_record(names, corpus=CORPUS, train_reviews=numbers)
    return StoredBenchmark(**vars(record) | {"trials": tuple(trials)})


@pytest.fixture(scope="module")
def report():
    return summarize(_record())


def test_ladder_questions_and_best_are_of_all_training_reviews_alone(report):
    assert [(row.architecture, len(row.trials)) for row in report.rows] == [
        ("cnn_lstm", 3),
        ("naive_bayes_logistic", 1),
        ("bag_of_words_svm", 1),
    ]
    assert report.rows[0].accuracy == pytest.approx(0.95)
    assert _record().best[0] == "cnn_lstm"
    assert report.planned_trials == len(report.trials) == 23


def test_a_sentence_says_between_which_numbers_the_bag_of_words_is_passed(report):
    assert (
        "Against Bag of words + SVM, by the number of training reviews: Conv1D + LSTM passes it between 100 and 2,000; "
        "Naive Bayes + logistic is above it from 100 on."
    ) in report.answer


def test_what_is_not_above_at_the_end_is_said_as_it_is_judged():
    falls = ACCURACIES | {("cnn_lstm", ALL): 0.60, ("naive_bayes_logistic", ALL): 0.852}
    (sentence,) = (text for text in summarize(_record(falls)).answer if text.startswith("Against Bag"))
    assert "Conv1D + LSTM is below with 2,000" in sentence
    assert "Naive Bayes + logistic is undecided with 2,000" in sentence


def test_the_table_has_a_row_an_architecture_and_a_column_a_number(report):
    rows = growth_table(report)
    assert list(rows[0]) == ["Architecture", "100 reviews", "500 reviews", "2,000 reviews"]
    assert [row["Architecture"] for row in rows] == ["Conv1D + LSTM", "Naive Bayes + logistic", "Bag of words + SVM"]
    assert rows[0]["100 reviews"].startswith("55.00% (")


def test_the_intervals_of_draws_contain_how_much_draws_differ():
    same, spread = _record(), ACCURACIES
    (before,) = (size for size in summarize(same).growth if (size.architecture, size.reviews) == ("cnn_lstm", 100))
    trials = []
    for trial in _record(spread).trials:
        if trial.config.train_reviews == 100 and trial.config.seed is not None:
            trial = finished_trial(trial.config, 0.55 + 0.05 * (trial.config.seed - 8), ALL, CORPUS)
        trials.append(trial)
    wide = summarize(StoredBenchmark(**vars(same) | {"trials": tuple(trials)}))
    (after,) = (size for size in wide.growth if (size.architecture, size.reviews) == ("cnn_lstm", 100))
    assert _width(after.interval) > 3 * _width(before.interval)


def _width(interval: Interval) -> float:
    return interval.high - interval.low


def test_fewer_reviews_than_all_do_not_compare_with_the_paper():
    part = {key: accuracy for key, accuracy in ACCURACIES.items() if key[1] != ALL}
    report = summarize(_record(part, (100, 500)))
    assert report.reference is None
    assert report.training_reviews == "500 of 2,000 training reviews, drawn for each seed"
    assert "Trained on a part of the corpus: 500 of 2,000 training reviews, drawn for each seed." in report.answer
    assert [len(row.trials) for row in report.rows] == [3, 3, 3]


def test_one_number_has_no_picture():
    one = {key: accuracy for key, accuracy in ACCURACIES.items() if key[1] == 100}
    report = summarize(_record(one, (100,)))
    assert report.growth == ()
    assert report.rows[0].architecture == "naive_bayes_logistic"


def test_the_picture_names_every_number(report):
    chart = draw_charts(report)["training-reviews"]
    assert "Conv1D + LSTM: 55.00% with 100, 80.00% with 500, 95.00% with 2,000" in chart.alt
    for text in ("Training reviews, logarithmic", ">100<", ">2,000<", ">Naive Bayes + logistic<"):
        assert text in chart.svg
