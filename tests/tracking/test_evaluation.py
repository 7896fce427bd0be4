"""Stored models are found by benchmark or name, and their evaluation is one run."""

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from tests.support.records import corpus_facts, trial_config
from tests.support.unreliable_client import Killed, unreliable
from tracking.evaluation import log_evaluation, read_models
from tracking.store import NOTE_TAG

TRIALS = [trial_config("cnn_lstm", 7), trial_config("cnn_lstm", 8), trial_config("bag_of_words_svm")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["latest"], ["cnn_lstm seed 7", "cnn_lstm seed 8", "bag_of_words_svm"]),
        (["imdb-cnn_lstm/2"], ["cnn_lstm seed 8"]),
        (["imdb-bag_of_words_svm/1", "latest"], ["bag_of_words_svm", "cnn_lstm seed 7", "cnn_lstm seed 8"]),
    ],
)
def test_a_benchmark_stands_for_all_its_models_and_each_counts_once(finished, names, expected):
    assert [trial.config.name for trial in read_models(finished, names).trials] == expected


def test_models_that_are_not_there_or_of_several_corpora_are_refused(run_benchmark, store):
    run_benchmark(TRIALS[2:])
    run_benchmark(TRIALS[2:], corpus=corpus_facts("custom"))
    with pytest.raises(UserError, match=r"^MODEL: there is no model 'imdb-lstm'"):
        read_models(store, ["imdb-lstm"])
    with pytest.raises(UserError, match="trained on several corpora, or parts, my-reviews and imdb"):
        read_models(store, ["latest", "imdb-bag_of_words_svm/1"])


def test_the_scores_of_all_models_are_in_one_run_linked_to_the_model_and_the_reviews(run_benchmark, store, tmp_path):
    run_benchmark(TRIALS)
    record = read_models(store, ["latest"])
    tweets = corpus_facts("custom", name="tweets")
    (tmp_path / "report").mkdir()
    run_id = log_evaluation(store, replace(record, corpus=tweets), "The answer.", tmp_path / "report")
    run = store.client.get_run(run_id)
    assert run.info.run_name.startswith("evaluation on tweets, best 8")
    assert run.info.status == "FINISHED"
    assert run.data.tags[NOTE_TAG] == "The answer."
    assert [dataset.dataset.name for dataset in run.inputs.dataset_inputs] == ["tweets-test"]
    scores = {}
    for given in run.inputs.model_inputs:
        model = store.client.get_logged_model(given.model_id)
        on_tweets = {metric.key: metric.value for metric in model.metrics if metric.dataset_name == "tweets-test"}
        assert {"test/loss", "test/f1", "test/roc_auc"} < set(on_tweets)
        scores[model.source_run_id] = on_tweets["test/accuracy"]
    assert scores == pytest.approx({trial.run_id: trial.accuracy for trial in record.trials})
    assert run.data.metrics["test/accuracy"] == max(scores.values())


def test_an_evaluation_that_an_error_ends_leaves_no_run_that_seems_to_run(run_benchmark, store, tmp_path):
    run_benchmark(TRIALS[2:])
    (tmp_path / "report").mkdir()
    record = read_models(store, ["latest"])
    with pytest.raises(Killed), unreliable(die_after=4):  # in the middle of the run
        log_evaluation(store, record, "The answer.", tmp_path / "report")
    runs = store.search("tags.`benchmark.kind` = 'evaluation'")
    assert [run.info.status for run in runs] == ["FAILED"]
