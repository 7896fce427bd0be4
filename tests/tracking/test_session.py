"""One benchmark run: what it holds, and what happens when something goes wrong while it is logged."""

import json
import os
import signal
from dataclasses import replace

import mlflow.models
import pytest
from mlflow import MlflowClient

from benchmark.errors import UserError
from benchmark.signals import Interrupted, interruptible
from tests.support.records import corpus_facts, planned_trial, trial_config
from tests.support.unreliable_client import unreliable
from tracking.reader import child_runs, find_run
from tracking.session import run_name

NETWORK, OTHER, BASELINE = trial_config("cnn_lstm", 7), trial_config("cnn_lstm", 8), trial_config("bag_of_words_svm")


def status_of(store, run_id: str) -> str:
    return store.client.get_run(run_id).info.status


@pytest.fixture
def stored(finished):
    """The finished benchmark as MLflow has it: parent, a network, a baseline."""
    run_id = find_run(finished, "latest")
    trials = {run.info.run_name: run.info.run_id for run in child_runs(finished, run_id)}
    return [finished.client.get_run(one) for one in (run_id, trials[NETWORK.name], trials[BASELINE.name])]


def test_numbers_are_metrics_of_epochs_and_of_trials_and_settings_parameters(stored, finished) -> None:
    parent, network, baseline = stored
    curves = {"train/loss", "train/accuracy", "test/loss", "test/accuracy"}
    curves |= {"time/train_seconds", "time/evaluation_seconds", "time/reviews_per_second"}
    for name in curves:
        assert [metric.step for metric in finished.client.get_metric_history(network.info.run_id, name)] == [1, 2, 3]
    scores = {"test/f1", "test/precision", "test/recall", "test/roc_auc", "test/brier", "test/accuracy_words_shuffled"}
    of_trial = {"train_seconds", "evaluation_seconds", "build_seconds", "trace_seconds", "wall_seconds"}
    of_trial |= {"peak_memory_mb", "model_bytes"}
    single = scores | {f"trial/{name}" for name in of_trial}
    assert parent.data.metrics == {}
    assert network.data.metrics.keys() == curves | single
    assert baseline.data.metrics.keys() == {"test/accuracy", "test/loss"} | single
    assert min(network.data.metrics) == "test/accuracy"  # the first that a comparison of runs shows
    assert {"seed", "epochs", "optimizer", "threads", "version.keras", "parameter_count"} <= network.data.params.keys()
    assert not network.data.params.keys() & of_trial
    assert "epochs" not in baseline.data.params
    assert parent.data.params["config.architectures"] == "cnn_lstm,bag_of_words_svm"
    for run in stored:
        assert not [name for name, value in run.data.params.items() if value in ("", "None")]
        assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["imdb-train", "imdb-test"]


def test_a_setting_of_an_architecture_is_logged_beside_what_has_the_same_name(begin, train, store) -> None:
    own = {"threads": 7, "lstm_units": 50, "epochs": 3}
    with begin([NETWORK]) as session:
        session.store_trial(train(session, NETWORK, hyperparameters=own))
        session.finish("FINISHED")
    (run,) = child_runs(store, session.run_id)
    params = run.data.params
    assert (params["threads"], params["architecture.threads"], params["lstm_units"]) == ("2", "7", "50")
    assert "architecture.epochs" not in params


def test_a_trial_run_has_its_name_tags_parent_and_a_description_that_says_how_to_repeat_it(stored) -> None:
    parent, network, baseline = stored
    tags = network.data.tags
    assert (network.info.run_name, baseline.info.run_name) == ("cnn_lstm seed 7", "bag_of_words_svm")
    assert tags["mlflow.parentRunId"] == parent.info.run_id
    assert network.data.params["fingerprint"] == planned_trial(NETWORK).fingerprint
    own = {name: value for name, value in tags.items() if not name.startswith("mlflow.")}
    assert own == {
        "benchmark.kind": "trial",
        "benchmark.origin": "trained",
        "benchmark.model_uri": "models:/imdb-cnn_lstm/1",
    }
    note = tags["mlflow.note.content"]
    assert "90.00% of 400 test reviews right" in note
    assert "an epoch, 51 ms a step, on Some CPU" in note
    assert "| reviews | predicted negative | predicted positive |" in note
    assert f"runs/{parent.info.run_id}?" in note
    assert f"python -m benchmark reproduce {network.info.run_id}" in note
    assert "[imdb-cnn_lstm, version 1](#/models/imdb-cnn_lstm/versions/1)" in note


def test_files_of_a_trial_are_all_that_a_report_needs(stored, finished) -> None:
    files = {file.path for file in finished.client.list_artifacts(stored[1].info.run_id)}
    assert files == {"architecture.py", "predictions.parquet", "result.json"}


def test_tensorboards_files_are_logged_where_there_are_any(run_benchmark, store) -> None:
    (run,) = child_runs(store, run_benchmark([trial_config("cnn_lstm_tensorboard", 7)]))
    assert [file.path for file in store.client.list_artifacts(run.info.run_id, "tensorboard/train")]
    assert f"mlflow artifacts download -r {run.info.run_id} -a tensorboard" in run.data.tags["mlflow.note.content"]


def test_a_registered_version_has_a_card_an_example_a_signature_and_tags(stored, finished) -> None:
    version = finished.client.get_model_version("imdb-cnn_lstm", "1")
    assert "90.00% of 400 test reviews" in version.description
    assert 'load_model("models:/imdb-cnn_lstm/1")' in version.description
    assert version.tags["test_accuracy"] == "0.900000"
    logged = finished.client.get_logged_model(version.source.removeprefix("models:/"))
    assert json.loads(logged.tags["mlflow.modelVersions"]) == [{"name": "imdb-cnn_lstm", "version": 1}]
    assert version.run_id == stored[1].info.run_id
    info = mlflow.models.get_model_info(version.source)
    assert info.signature.inputs.to_dict() == [{"type": "string", "required": True}]
    assert [column["name"] for column in info.signature.outputs.to_dict()] == ["label", "probability", "known_words"]
    assert info.saved_input_example_info is not None


def test_every_trial_of_a_benchmark_is_a_run_below_it_also_one_from_the_store(begin, run_benchmark, store) -> None:
    before = run_benchmark([NETWORK, BASELINE])
    trained = {run.info.run_name: store.client.get_run(run.info.run_id) for run in child_runs(store, before)}
    stored_as = {name: run.info.run_id for name, run in trained.items()}
    with begin([NETWORK, BASELINE], stored_as=stored_as) as session:
        first, _ = child_runs(store, session.run_id)
        store.client.set_terminated(first.info.run_id, "RUNNING")  # a kill while it was copied
    with begin([NETWORK, BASELINE], stored_as=stored_as, resume=session.run_id) as resumed:
        record = resumed.read()
        resumed.finish("FINISHED")
    assert {trial.run_id for trial in record.finished} == set(stored_as.values())
    copies = [store.client.get_run(run.info.run_id) for run in child_runs(store, session.run_id)]
    assert len(copies) == 2
    for copy in copies:
        original = trained[copy.info.run_name]
        assert copy.info.status == "FINISHED"
        assert copy.data.params == original.data.params
        assert copy.data.metrics == original.data.metrics
        assert copy.inputs.to_dictionary() == original.inputs.to_dictionary()
        assert copy.data.tags["benchmark.origin"] == original.info.run_id
        assert copy.data.tags["benchmark.model_uri"] == original.data.tags["benchmark.model_uri"]
        assert f"runs/{original.info.run_id}?" in copy.data.tags["mlflow.note.content"]
        for name in ("test/accuracy", "trial/wall_seconds"):
            histories = [store.client.get_metric_history(run.info.run_id, name) for run in (copy, original)]
            points = [[(point.step, point.timestamp, point.value) for point in history] for history in histories]
            assert points[0] == points[1]
    assert len(store.search("tags.`benchmark.origin` = 'trained'")) == 2


def test_a_signal_while_the_run_ends_leaves_it_finished(begin, store) -> None:
    class Interrupting(MlflowClient):
        def set_terminated(self, *arguments):
            super().set_terminated(*arguments)
            os.kill(os.getpid(), signal.SIGTERM)

    into = replace(store, client=Interrupting(store.uri))
    with pytest.raises(Interrupted), interruptible(), begin([NETWORK], into=into) as session:
        session.finish("FINISHED")
    assert status_of(store, session.run_id) == "FINISHED"


def test_a_trial_that_was_not_reported_yet_is_not_sent_with_another(begin, train) -> None:
    with begin([NETWORK, OTHER]) as session:
        first, second = train(session, NETWORK), train(session, OTHER)
        session.store_trial(first)
        assert (first.exists(), second.exists()) == (False, True)  # progress reads its result there
        session.read()
        assert not second.exists()


def test_a_failed_trial_has_its_reason_whatever_characters_are_in_it(begin, store) -> None:
    with begin([NETWORK]) as session:
        session.fail_trial(NETWORK, "no file caf\udce9.txt", "Traceback")
    (run,) = child_runs(store, session.run_id)
    assert (run.info.status, run.data.tags["benchmark.failure"]) == ("FAILED", "no file caf?.txt")
    assert [file.path for file in store.client.list_artifacts(run.info.run_id)] == ["failure.txt"]


def test_a_run_is_named_after_its_winner_and_its_trials() -> None:
    assert run_name([NETWORK, BASELINE, OTHER], ("cnn_lstm", 0.8771)) == "87.71% cnn_lstm, bag_of_words_svm, 2 seeds"
    many = [trial_config(name) for name in ("a", "b", "c", "d", "e")]
    assert run_name(many) == "5 architectures, 1 seed"
    assert run_name(many, ("b", 0.9)) == "90.00% b, 4 others, 1 seed"
    assert run_name([NETWORK, OTHER, trial_config("lstm", 7)]) == "cnn_lstm, lstm, 2 seeds"
    assert run_name([BASELINE]) == "bag_of_words_svm"


def test_an_error_of_this_program_is_not_told_as_a_fault_of_the_store(begin, train, store) -> None:
    with unreliable() as calls, pytest.raises(KeyError, match="ours"), begin([NETWORK]) as session:  # noqa: PT012
        folder = train(session, NETWORK)
        calls.error = KeyError("ours")
        session.store_trial(folder)


def test_an_error_of_this_program_ends_the_benchmark_as_failed(begin, store) -> None:
    with pytest.raises(ValueError, match="ours"), begin([NETWORK]) as session:
        raise ValueError("ours")
    assert status_of(store, session.run_id) == "FAILED"


def test_a_title_and_labels_with_markup_are_shown_as_they_are(run_benchmark, store) -> None:
    trial = trial_config("cnn_lstm", 7, title="=a()|<b>*x*\nline")
    run_id = run_benchmark([trial], corpus=corpus_facts("custom", labels=("<i>no|", "@yes")))
    (run,) = child_runs(store, run_id)
    (model,) = store.client.search_registered_models()
    note = run.data.tags["mlflow.note.content"]
    assert note.startswith(r"**=a()\|&lt;b>\*x\* line**: ")
    assert r"| reviews | predicted &lt;i>no\| | predicted @yes |" in note
    assert model.description.startswith(r"=a()\|&lt;b>\*x\* line: ")


def test_a_cache_that_cannot_be_written_is_refused_before_there_is_a_run(begin, store, monkeypatch, tmp_path) -> None:
    (tmp_path / "pending").touch()
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path))
    before = len(store.search(""))
    with pytest.raises(UserError, match=str(tmp_path)), begin([NETWORK]):
        pass
    assert len(store.search("")) == before
