"""How accuracy grows with the number of training reviews; golden/training_reviews.md has the page."""

from dataclasses import replace

from benchmark.report import summarize
from benchmark.report.charts import draw_charts
from tests.support.records import finished_trial
from tests.support.report_records import training_reviews_record


def width_of_the_interval_with_100_reviews(record):
    interval = summarize(record).row_of("cnn_lstm").sizes[0].interval
    return interval.high - interval.low


def test_the_intervals_of_draws_contain_how_much_draws_differ():
    record, trials = training_reviews_record(), []
    for trial in record.trials:
        if trial.config.train_reviews == 100:
            trial = finished_trial(trial.config, 0.55 + 0.05 * (trial.config.seed - 8), 2_000, record.corpus)
        trials.append(trial)
    differing = replace(record, trials=tuple(trials))
    assert width_of_the_interval_with_100_reviews(differing) > 3 * width_of_the_interval_with_100_reviews(record)


def test_the_picture_names_every_number():
    svg = draw_charts(summarize(training_reviews_record()))["training-reviews"].svg
    for text in ("Training reviews, logarithmic", ">100<", ">2,000<", ">Naive Bayes + logistic<"):
        assert text in svg
