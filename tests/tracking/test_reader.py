"""Everything is read back from the store alone, and only what counts."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from mlflow.exceptions import MlflowException

from benchmark.__main__ import main
from benchmark.commands.list import list_benchmarks, list_models
from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.trial_folder import read_predictions, write_predictions
from tests.support.records import corpus_facts, environment, predictions, trial_config, trial_result
from tracking.reader import (
    child_runs,
    find_run,
    read_benchmark,
    read_plan,
)
from tracking.store import is_outage

NETWORK, OTHER, BASELINE = trial_config("cnn_lstm", 7), trial_config("cnn_lstm", 8), trial_config("bag_of_words_svm")


def test_a_benchmark_is_read_back_as_it_was_stored(finished) -> None:
    record = read_benchmark(finished, find_run(finished, "latest"))
    assert record.complete
    assert record.name == "bag_of_words_svm, cnn_lstm, 2 seeds"
    assert record.command == "python -m benchmark run --architectures cnn_lstm,bag_of_words_svm"
    assert record.corpus == corpus_facts()
    assert record.environment == environment(git_commit=record.environment.git_commit)
    for trial, accuracy in zip(record.trials, (0.9, 0.88, 0.85), strict=True):
        expected = predictions(trial.config, accuracy)
        assert trial.result == trial_result(trial.config, expected)
        for name in ("review_id", "label", "probability", "words", "group"):
            np.testing.assert_array_equal(getattr(trial.predictions, name), getattr(expected, name))
    assert [trial.model_uri for trial in record.trials] == [
        "models:/imdb-cnn_lstm/1",
        "models:/imdb-cnn_lstm/2",
        "models:/imdb-bag_of_words_svm/1",
    ]

    # what predictions have in common is in memory once
    first, second, _ = record.trials
    assert first.predictions.review_id is second.predictions.review_id
    assert first.predictions.probability is not second.predictions.probability


def test_the_newest_finished_run_of_a_fingerprint_counts(begin, train, store) -> None:
    with begin([NETWORK]) as session:
        for accuracy in (0.8, 0.9):
            session.store_trial(train(session, NETWORK, accuracy))
        session.fail_trial(NETWORK, "NaN loss", "")
        session.finish("FINISHED")
    (trial,) = read_benchmark(store, session.run_id).trials
    assert (trial.status, trial.result.scores.accuracy) == ("finished", 0.9)


def test_a_trial_with_another_fingerprint_than_planned_does_not_count(begin, train, store) -> None:
    with begin([NETWORK, OTHER]) as session:
        session.store_trial(train(session, NETWORK, fingerprint="0" * 64))
        session.store_trial(train(session, OTHER))
    assert [trial.status for trial in read_benchmark(store, session.run_id).trials] == ["planned", "finished"]


def path_of(store, run_id: str, name: str) -> Path:
    return Path(unquote(urlsplit(store.client.get_run(run_id).info.artifact_uri).path)) / name


@pytest.fixture
def artifacts_away(database, monkeypatch):
    """Let the files of a run be on a server that does not answer."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    def move(run_id: str) -> None:
        uri = "http://127.0.0.1:9/api/2.0/mlflow-artifacts/artifacts/there"
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", (uri, run_id))

    return move


def test_an_outage_while_files_are_read_fails_no_trial(begin, train, store, artifacts_away) -> None:
    with begin([NETWORK]) as session:
        session.store_trial(train(session, NETWORK))
        (run,) = child_runs(store, session.run_id)
        artifacts_away(run.info.run_id)
        with pytest.raises(MlflowException) as raised:
            read_benchmark(store, session.run_id)
        assert is_outage(raised.value)


def test_a_plan_that_is_gone_or_of_another_version_is_one_line(run_benchmark, store) -> None:
    run_id = run_benchmark([NETWORK])
    path = path_of(store, run_id, "benchmark.json")
    path.write_text("{}")
    with pytest.raises(UserError, match=r"cannot be read: .*; it was written by another version of this program"):
        read_plan(store, run_id)
    path.unlink()
    with pytest.raises(UserError, match=r"^benchmark\.json of the run .* cannot be read: "):
        read_benchmark(store, run_id)


def test_changed_predictions_are_left_out_with_the_reason_and_the_report_ends_with_1(
    run_benchmark, store, tmp_path, capsys
) -> None:
    (trial,) = child_runs(store, run_benchmark([NETWORK]))
    path = path_of(store, trial.info.run_id, "predictions.parquet")
    predicted = read_predictions(path)
    write_predictions(path, replace(predicted, probability=predicted.label.astype(np.float32)))
    assert main(["report", "--tracking-uri", store.uri, "--output", str(tmp_path)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "cnn_lstm seed 7 failed: its stored results do not hold: "
        "its accuracy is 0.8800, and that of its predictions 1.0000" in shown
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("previous", "there is no benchmark 'previous'"),
        ("", "there is no benchmark ''"),
        ("x' OR 1=1 --", "; run one, or give an id that python -m benchmark list shows"),
    ],
)
def test_a_run_that_is_not_there_is_refused_in_one_line(finished, text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refusal:
        find_run(finished, text)
    assert "\n" not in str(refusal.value)


def test_a_trials_id_is_no_benchmarks(finished) -> None:
    run_id = find_run(finished, "latest")
    trial, *_ = child_runs(finished, run_id)
    assert find_run(finished, trial.info.run_id[:8], ("trial",)) == trial.info.run_id
    with pytest.raises(UserError, match="there is no benchmark"):
        find_run(finished, trial.info.run_id)


def test_the_list_says_what_each_benchmark_is_and_found(begin, train, store, tmp_path) -> None:
    config = BenchmarkConfig(architectures=("cnn_lstm", "bag_of_words_svm"), seeds=(7, 8), train_reviews=(50, 100))
    with begin([NETWORK, OTHER, BASELINE], config=config) as session:
        session.store_trial(train(session, NETWORK))
        report = tmp_path / "report"
        report.mkdir()
        tags = {"mlflow.runName": "the name", "benchmark.verdict": "below"}
        session.publish(report, tags, {"best_accuracy": 0.8771})
        session.finish("FAILED")
    (row,) = list_benchmarks(store)
    row.pop("started")
    assert row == {
        "id": session.run_id[:8],
        "benchmark": "the name",
        "reviews": "imdb 100",
        "result": "failed 1/3",
    }
    store.client.set_terminated(session.run_id, "FINISHED")
    (row,) = list_benchmarks(store)
    assert row["result"] == "below"


def test_models_are_listed_with_their_champion(finished) -> None:
    baseline, network = list_models(finished)
    assert network == {"model": "imdb-cnn_lstm", "versions": "2", "champion": "1", "accuracy": "90.00%"}
    assert (baseline["model"], baseline["versions"]) == ("imdb-bag_of_words_svm", "1")
