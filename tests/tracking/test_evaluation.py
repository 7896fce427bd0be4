"""Stored models are found by benchmark or name, and their evaluation is one run for each of them."""

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from tests.support.records import corpus_facts, trial_config
from tests.support.unreliable_client import Killed, unreliable
from tracking.evaluation import log_evaluation, read_models
from tracking.reader import child_runs
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
    run_benchmark(TRIALS[2:], models=True)
    run_benchmark(TRIALS[2:], corpus=corpus_facts("custom"), models=True)
    with pytest.raises(UserError, match=r"^MODEL: there is no model 'imdb-lstm'"):
        read_models(store, ["imdb-lstm"])
    with pytest.raises(UserError, match="trained on several corpora, or parts, my-reviews and imdb"):
        read_models(store, ["latest", "imdb-bag_of_words_svm/1"])


def test_each_model_gets_a_run_with_model_and_reviews_as_inputs_and_its_scores(run_benchmark, store, tmp_path):
    run_benchmark(TRIALS, models=True)
    record = read_models(store, ["latest"])
    tweets = corpus_facts("custom", name="tweets")
    (tmp_path / "report").mkdir()
    log_evaluation(store, replace(record, corpus=tweets), "The answer.", tmp_path / "report")
    (parent,) = store.search("attributes.run_name LIKE 'evaluation on tweets, best 8%'")
    assert parent.data.tags[NOTE_TAG] == "The answer."
    runs = {run.info.run_name: run for run in child_runs(store, parent.info.run_id)}
    assert set(runs) == {f"{trial.config.name} on tweets, {trial.accuracy:.2%}" for trial in record.trials}
    run = store.client.get_run(runs[f"cnn_lstm seed 8 on tweets, {record.trials[1].accuracy:.2%}"].info.run_id)
    (model,) = run.inputs.model_inputs
    assert store.client.get_logged_model(model.model_id).name == "cnn_lstm"
    assert [dataset.dataset.name for dataset in run.inputs.dataset_inputs] == ["tweets-test"]
    assert run.info.status == "FINISHED"
    assert run.data.metrics["test/accuracy"] == pytest.approx(record.trials[1].accuracy)
    assert {"test/loss", "test/f1", "test/roc_auc"} < set(run.data.metrics)
    assert [file.path for file in store.client.list_artifacts(run.info.run_id)] == ["predictions.parquet"]


def test_an_evaluation_that_an_error_ends_leaves_no_run_that_seems_to_run(run_benchmark, store, tmp_path):
    run_benchmark(TRIALS[2:], models=True)
    (tmp_path / "report").mkdir()
    dying, _ = unreliable(store, die_after=5)  # in the middle of the first model
    with pytest.raises(Killed):
        log_evaluation(dying, read_models(store, ["latest"]), "The answer.", tmp_path / "report")
    runs = store.search("tags.`benchmark.kind` = 'evaluation'")
    assert [run.info.status for run in runs] == ["FAILED", "FAILED"]
